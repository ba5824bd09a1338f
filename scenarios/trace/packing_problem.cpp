#include "scenarios/trace/packing_problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "allocator/base/error.h"
#include "scenarios/trace/output_file.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

struct PackedLife {
  ObjectIndex object = 0;
  std::uint64_t lower = 0;
  std::uint64_t upper = 0;
  Bytes size = 0;
};

// Plays a trace into the lives of its objects.
class PackingClock {
 public:
  explicit PackingClock(const Trace& trace) : trace_(trace), life_of_(trace.objects.size(), kNoLife) {}

  void play() {
    for (const Event& event : trace_.events) step(event);
    for (PackedLife& life : lives_) {
      if (life.upper == 0) life.upper = now_ + 1;
    }
    std::erase_if(lives_, [](const PackedLife& life) { return life.size == 0; });
  }
  [[nodiscard]] const std::vector<PackedLife>& lives() const { return lives_; }
  [[nodiscard]] PackingSummary summary() const { return {lives_.size(), left_out_, peak_}; }

 private:
  static constexpr std::uint32_t kNoLife = ~std::uint32_t{0};

  void step(const Event& event) {
    switch (effect_of(event.op)) {
      case Effect::begins_frame:
        return begin_frame(event.frame());
      case Effect::creates:
        if (event.is_alias()) {
          ++left_out_;
          ++shared_[trace_.owner_of(event.object)].aliases;
          return;
        }
        if (!makes_part(event.op) && is_bound_in_parts(trace_.shape_of(event.object))) return;  // its parts count
        for (ObjectIndex i = 0; i < event.count(); ++i) begin(event.object + i, trace_.objects[event.object + i].size);
        return;
      case Effect::allocates:
        ++left_out_;
        return;
      case Effect::frees:
        if (trace_.frames_in_flight == 0) return free(event.object);
        in_flight_.back().push_back(event.object);
        return;
      case Effect::resizes:
        end(event.object);
        return begin(event.object, event.size());
      default:
        return;
    }
  }

  void begin_frame(std::uint64_t number) {
    if (number == 0) return;  // to which what came before belongs
    ++now_;
    began_ = false;
    in_flight_.emplace_back();
    if (in_flight_.size() <= trace_.frames_in_flight) return;
    for (const ObjectIndex object : in_flight_.front()) free(object);
    in_flight_.pop_front();
  }

  void begin(ObjectIndex object, Bytes size) {
    began_ = true;
    life_of_[object] = static_cast<std::uint32_t>(lives_.size());
    lives_.push_back({object, now_, 0, size});
    live_ += size;
    peak_ = std::max(peak_, live_);
  }

  // Memory with aliases goes with the last that is in it.
  void free(ObjectIndex object) {
    if (!trace_.is_alias(object) && life_of_[object] == kNoLife) return;  // bound in parts
    const auto shared = shared_.find(trace_.owner_of(object));
    if (shared == shared_.end()) return end(object);
    auto& [aliases, owner_freed] = shared->second;
    if (trace_.is_alias(object))
      --aliases;
    else
      owner_freed = true;
    if (aliases == 0 && owner_freed) end(shared->first);
  }

  void end(ObjectIndex object) {
    if (began_) {
      ++now_;
      began_ = false;
    }
    PackedLife& life = lives_[life_of_[object]];
    life.upper = now_;
    live_ -= life.size;
    life_of_[object] = kNoLife;
  }

  struct Shared {
    std::uint32_t aliases = 0;  // that are not freed
    bool owner_freed = false;
  };
  const Trace& trace_;
  std::unordered_map<ObjectIndex, Shared> shared_;  // by the owner of the memory
  std::uint64_t now_ = 0;
  bool began_ = false;  // at this time
  std::vector<PackedLife> lives_;
  std::vector<std::uint32_t> life_of_;  // of each object, the one that has not ended
  std::deque<std::vector<ObjectIndex>> in_flight_ = std::deque<std::vector<ObjectIndex>>(1);  // by frame, of the free
  Bytes live_ = 0;
  Bytes peak_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace

PackingSummary write_packing_problem(const Trace& trace, const std::filesystem::path& file) {
  PackingClock clock(trace);
  clock.play();
  if (clock.lives().empty()) throw Error("nothing in the trace takes memory of its own, so there is nothing to pack");
  constexpr std::size_t kFlush = 256 * kKiB;
  OutputFile output(file);
  fmt::memory_buffer text;
  text.append(std::string_view("id,lower,upper,size\n"));
  std::unordered_set<std::uint64_t> taken;
  for (const PackedLife& life : clock.lives()) {
    const std::uint64_t id = trace.objects[life.object].id;
    fmt::format_to(std::back_inserter(text), "{}", id);
    if (!taken.insert(id).second) fmt::format_to(std::back_inserter(text), ".{}", &life - clock.lives().data());
    fmt::format_to(std::back_inserter(text), ",{},{},{}\n", life.lower, life.upper, life.size);
    if (text.size() < kFlush) continue;
    output.write({text.data(), text.size()});
    text.clear();
  }
  output.write({text.data(), text.size()});
  output.commit();
  return clock.summary();
}

}  // namespace vkmembench
