#pragma once

#include <optional>
#include <string_view>
#include <type_traits>

#include "allocator/device/layers/layer.h"
#include "allocator/strategy/common/around_strategy.h"
#include "bench/replay/counting/instruction_counts.h"

namespace vkmembench {

// Where counting begins and ends, whoever counts: callgrind, or the CPU (cpu_counting.h).

// The functions by which callgrind tells classes apart: this, and the name of the class.
inline constexpr std::string_view kCountedPrefix = "vkmembench_counted_";

// work(data), whose instructions count for the class. It must not come within another.
void count_as(InstructionClass instruction_class, void (*work)(void*), void* data);
// While it lives nothing of this thread counts.
class Uncounted {
 public:
  Uncounted();
  ~Uncounted();
  Uncounted(const Uncounted&) = delete;
  Uncounted& operator=(const Uncounted&) = delete;

 private:
  bool was_counted_;
};

// Counts what a strategy does for each of its calls, but for what makes and starts it.
class CountEachCall {
 public:
  template <typename Work>
  auto operator()(StrategyCall call, const Work& work) const {
    using Result = std::invoke_result_t<const Work&>;
    const std::optional<InstructionClass> counted = class_of(call);
    if (!counted) return work();
    if constexpr (std::is_void_v<Result>) {
      auto done = [&] { work(); };
      count_as(*counted, run<decltype(done)>, &done);
    } else {
      std::optional<Result> result;
      auto done = [&] { result.emplace(work()); };
      count_as(*counted, run<decltype(done)>, &done);
      return std::move(*result);
    }
  }

 private:
  template <typename Work>
  static void run(void* work) {
    (*static_cast<Work*>(work))();
  }
  static std::optional<InstructionClass> class_of(StrategyCall call);
};
using CountedStrategy = AroundStrategy<CountEachCall>;

// What the device does counts for no strategy. Commands that are recorded do: no layer sees them.
class UncountedLayer : public Layer<UncountedLayer> {
 public:
  explicit UncountedLayer(const Device& next) : Layer(next) {}

  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&...) {
    const Uncounted uncounted;
    return call();
  }
};

// Nor does what the harness notes of what a strategy tells it.
class UncountedListener : public StrategyListener {
 public:
  explicit UncountedListener(StrategyListener& next) : next_(next) {}
  void moved(std::uint64_t user, const Allocation& after) override {
    const Uncounted uncounted;
    next_.moved(user, after);
  }
  void evicted(std::uint64_t user) override {
    const Uncounted uncounted;
    next_.evicted(user);
  }
  void noticed(const Notice& notice) override {
    const Uncounted uncounted;
    next_.noticed(notice);
  }

 private:
  StrategyListener& next_;
};

}  // namespace vkmembench
