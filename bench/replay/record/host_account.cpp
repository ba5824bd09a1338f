#include "bench/replay/record/host_account.h"

#include <cstdlib>
#include <cstring>

#include "allocator/strategy/common/named_operations.h"

namespace vkmembench {
namespace {

constexpr int kFill = 0x5a;
// What strategy and driver may be counted on: each of their operations, by itself and in each scope, and what is around
// them.
constexpr std::uint32_t kBookCategories = (kStrategyCallNames.size() + kEntryPointCount + 3) * (kHostScopeCount + 1);

}  // namespace

// The last category of the trace may bring those around it.
HostAccount::HostAccount(const Trace& trace, const Device& device)
    : tracker_({.max_categories = kTraceCategories + CategoryTree::kMaxDepth + kBookCategories}),
      strategy_(tracker_, kStrategyMetadata),
      driver_(tracker_, kDriverMetadata),
      layer_(device, tracker_, driver_) {
  const std::uint32_t limit = tracker_.category_count() + kTraceCategories;
  categories_.resize(trace.strings.size());
  for (const Event& event : trace.events) {
    if (event.op != Op::host_alloc || categories_[event.category()] != Category{}) continue;
    if (tracker_.category_count() < limit) {
      categories_[event.category()] =
          tracker_.category(std::string(kTraceMemory) + "::" + trace.strings[event.category()]);
    } else {
      categories_[event.category()] = Category{CategoryTree::kOther};
      ++record_.folded_categories;
    }
  }
  record_.tracked = true;
}

Device HostAccount::device() const {
  Device device = layer_.device();
  device.host = strategy_.get();
  return device;
}

void* HostAccount::allocate(Bytes size, std::uint32_t category, std::uint16_t lane) {
  return tracker_.allocate(static_cast<std::size_t>(size), alignof(std::max_align_t), categories_[category],
                           Origin{"lane", lane});
}

void HostAccount::look(std::uint64_t live_count) {
  if (live_count <= record_.peak_count) return;
  record_.peak_count = live_count;
  record_.at_peak = tracker_.snapshot();
}

HostRecord HostAccount::finish() {
  record_.at_end = tracker_.snapshot();
  if (record_.peak_count == 0) record_.at_peak = record_.at_end;
  record_.driver = driver_.counts();
  return std::move(record_);
}

HostObjects::HostObjects(const Trace& trace) {
  if (trace.has(Op::host_alloc)) memory_.resize(trace.objects.size());
}

std::uint64_t HostObjects::free_all() {
  std::uint64_t count = 0;
  for (ObjectIndex object = 0; object < memory_.size(); ++object) count += free(object) ? 1u : 0u;
  return count;
}

bool HostObjects::allocate(const Event& event) {
  void* memory = account_ != nullptr
                     ? account_->allocate(event.size(), event.category(), event.lane)
                     : std::malloc(static_cast<std::size_t>(event.size()));  // NOLINT(cppcoreguidelines-no-malloc)
  if (memory == nullptr) return false;
  std::memset(memory, kFill, static_cast<std::size_t>(event.size()));
  memory_[event.object] = memory;
  return true;
}

bool HostObjects::free(ObjectIndex object) {
  void* memory = std::exchange(memory_[object], nullptr);
  if (memory == nullptr) return false;
  if (account_ != nullptr)
    account_->tracker().free(memory);
  else
    std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc)
  return true;
}

}  // namespace vkmembench
