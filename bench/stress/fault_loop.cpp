#include "bench/stress/fault_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <optional>
#include <set>

#include "allocator/base/vulkan_names.h"
#include "allocator/device/chain.h"
#include "allocator/device/layers/fault_layer.h"
#include "allocator/device/layers/limits_layer.h"
#include "allocator/device/simulated/simulated_device.h"
#include "allocator/strategy/families.h"
#include "bench/replay/measured/replay.h"
#include "bench/stress/problem.h"
#include "bench/stress/refusing_callbacks.h"

namespace vkmembench {
namespace {

// Answers every budget query with one number.
class BudgetFault : public Layer<BudgetFault> {
 public:
  BudgetFault(const Device& next, std::optional<Bytes> answer) : Layer(next), answer_(answer) {}

  [[nodiscard]] static constexpr bool intercepts(EntryPoint entry) {
    return entry == EntryPoint::get_physical_device_memory_properties2;
  }
  template <EntryPoint E, typename Call>
  void intercept(const Call& call, VkPhysicalDeviceMemoryProperties2*& properties) {
    call();
    if (!answer_) return;
    auto* budgets = find_in_chain<VkPhysicalDeviceMemoryBudgetPropertiesEXT>(
        properties->pNext, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT);
    if (budgets == nullptr) return;
    std::ranges::fill(budgets->heapBudget, *answer_);
    std::ranges::fill(budgets->heapUsage, *answer_);
    asked_ = true;
  }
  [[nodiscard]] bool asked() const { return asked_; }

 private:
  std::optional<Bytes> answer_;
  std::atomic<bool> asked_{false};
};

// What goes wrong in one replay; nothing by default.
struct Fault {
  const FallibleCall* call = nullptr;  // its nth call says `result`
  VkResult result = VK_SUCCESS;
  std::uint64_t nth = 0;             // 1 = the first
  std::uint64_t host_request = 0;    // refused; 1 = the first
  std::optional<Bytes> budget = {};  // reported for every heap
};

std::string_view name_of(EntryPoint entry) { return kEntryPointNames[static_cast<std::size_t>(entry)]; }

std::string text_of(const Fault& fault) {
  if (fault.call != nullptr)
    return fmt::format("call {} of {}: {}", fault.nth, name_of(fault.call->entry), result_name(fault.result));
  if (fault.host_request != 0) return fmt::format("request {} for host memory: refused", fault.host_request);
  if (fault.budget) return fmt::format("every budget query: {} bytes", *fault.budget);
  return "no fault";
}

class FaultLoop {
 public:
  FaultLoop(const Trace& trace, const StrategySpec& strategy, const DeviceChoice& device,
            const FaultLoopOptions& options)
      : trace_(trace), strategy_(strategy), device_(device), options_(options) {}

  FaultLoopResult run() {
    if (!replay_with({})) return result_;
    for (const FaultFinding& finding : result_.findings) without_fault_.insert(finding.kind);
    const auto calls = calls_;
    const std::uint64_t host_requests = host_requests_;
    for (const FallibleCall& call : kFallible) {
      const std::uint64_t count = calls[static_cast<std::size_t>(call.entry)];
      result_.calls += count;
      for (const VkResult result : call.results)
        for_each_nth(count,
                     [&](std::uint64_t nth) { return replay_with({.call = &call, .result = result, .nth = nth}); });
    }
    // VMA takes it for granted that its callbacks never refuse (vk_mem_alloc.h, VmaMalloc).
    if (strategy_.family != &vma_family())
      for_each_nth(host_requests, [&](std::uint64_t nth) { return replay_with({.host_request = nth}); });
    for (const Bytes budget : {Bytes{0}, Bytes{1}, ~Bytes{0}}) static_cast<void>(replay_with({.budget = budget}));
    return std::move(result_);
  }

 private:
  // Calls replay(nth) for every nth that the options ask for, until one is not reached.
  template <typename Replay>
  void for_each_nth(std::uint64_t count, const Replay& replay) {
    const std::uint64_t most = options_.max_faults;
    if (count == 0) return;
    if (most == 0 || count <= most) {
      for (std::uint64_t nth = 1; replay(nth); ++nth) {
        if (most != 0 && nth >= count) return;
      }
      return;
    }
    for (std::uint64_t i = 0; i < most; ++i) {
      if (!replay(1 + (2 * i + 1) * count / (2 * most))) return;
    }
  }

  // False when the fault was not reached, or nothing is tried any more. Without a fault, counts calls.
  bool replay_with(const Fault& fault) {
    if (options_.stop != nullptr && options_.stop->raised()) return false;
    const std::string text = text_of(fault);
    if (options_.begin) options_.begin(text);
    const std::unique_ptr<DeviceOwner> owner =
        device_.open({.verify_contents = options_.settings.check, .features = features_for(trace_)});
    RefusingCallbacks callbacks(fault.host_request);
    Device raw = owner->device();
    raw.host = callbacks.get();
    BudgetFault budgets(raw, fault.budget);
    FaultLayer faults(budgets.device());
    if (fault.call != nullptr) faults.fail(fault.call->entry, fault.nth, fault.result);
    LimitsLayer limits(faults.device(), fault.budget ? BudgetSource::driver : BudgetSource::fixed);
    ReplayOptions options;
    options.settings = options_.settings;
    std::optional<Recording> recording;
    try {
      recording = replay(
          trace_, resolve_requests(trace_, owner->device()), limits, owner->device(),
          [&](const Device& device) { return strategy_.make(device); }, options);
    } catch (const std::bad_alloc&) {
      if (fault.host_request == 0) find(text, "exception", "out of host memory");
    } catch (const std::exception& error) {
      find(text, "exception", error.what());
    }
    for (const FallibleCall& call : kFallible) calls_[static_cast<std::size_t>(call.entry)] = faults.calls(call.entry);
    host_requests_ = callbacks.requests();
    if (raw.info->simulated) {
      if (const std::uint64_t leaks = simulated_leaks(*owner).total(); leaks != 0)
        find(text, "device_leak", fmt::format("{} objects are alive at the end", leaks));
    }
    if (callbacks.live() != 0)
      find(text, "host_leak", fmt::format("{} pieces of host memory are held at the end", callbacks.live()));
    const bool reached = fault.call != nullptr     ? faults.fired(fault.call->entry)
                         : fault.host_request != 0 ? callbacks.fired()
                                                   : budgets.asked();
    const bool is_clean_run = fault.call == nullptr && fault.host_request == 0 && !fault.budget;
    judge(fault, text, recording, reached && !is_clean_run);
    return reached || is_clean_run;
  }

  void judge(const Fault& fault, const std::string& text, const std::optional<Recording>& recording, bool reached) {
    if (reached) ++result_.reached;
    if (!recording) {
      if (reached) ++result_.refused;
      return;
    }
    for (const Problem& violation : violations_of(*recording)) find(text, violation.kind, violation.text);
    if (!recording->leaked.empty() || recording->leaked_resource_count != 0)
      find(text, "leak",
           fmt::format("{} memories and {} resources are alive at the end", recording->leaked.size(),
                       recording->leaked_resource_count));
    if (!reached) return;
    const bool lost = recording->end == ReplayEnd::device_lost;
    if (fault.result == VK_ERROR_DEVICE_LOST && !lost)
      find(text, "unheard", "the device was lost and the replay went on");
    const bool refused = std::ranges::any_of(recording->lanes, [](const LaneRecord& lane) {
      return !lane.refusals.empty() || lane.skipped[static_cast<std::size_t>(Skip::refused)] != 0;
    });
    const bool failed =
        !recording->failures.empty() || std::ranges::any_of(recording->notices, [](const NoticeRecord& record) {
          return record.notice.kind == Notice::Kind::failed;
        });
    ++(lost ? result_.ended : refused ? result_.refused : failed ? result_.failed : result_.served);
  }

  void find(const std::string& fault, const std::string& kind, const std::string& text) {
    constexpr std::size_t kKept = 100;
    if (result_.findings.size() == kKept || without_fault_.contains(kind)) return;
    result_.findings.push_back({fault, kind, text});
  }

  const Trace& trace_;
  const StrategySpec& strategy_;
  const DeviceChoice& device_;
  const FaultLoopOptions& options_;
  std::array<std::uint64_t, kEntryPointCount> calls_{};  // of the last replay
  std::uint64_t host_requests_ = 0;                      // likewise
  std::set<std::string> without_fault_;                  // kinds of findings
  FaultLoopResult result_;
};

}  // namespace

FaultLoopResult fault_loop(const Trace& trace, const StrategySpec& strategy, const DeviceChoice& device,
                           const FaultLoopOptions& options) {
  return FaultLoop(trace, strategy, device, options).run();
}

}  // namespace vkmembench
