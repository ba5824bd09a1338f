#include "bench/stress/known_faults.h"

#include <fmt/format.h>

#include <array>

#include "allocator/strategy/families.h"
#include "bench/run/build_info.h"
#include "bench/run/strategy_list.h"

namespace vkmembench {

std::span<const KnownFault> known_faults() {
  static constexpr std::array kFaults = std::to_array<KnownFault>({
      {"3.2.1", "granularity",
       "a resource that conflicts with its first page is moved on to the next one without a look at who is there "
       "(VmaBlockBufferImageGranularity::CheckConflictAndAlignUp); README, Limits"},
      {"3.2.1", "dedicated",
       "with VMA_ALLOCATION_CREATE_CAN_ALIAS_BIT, VkMemoryDedicatedAllocateInfo is left out even where the driver "
       "requires dedicated memory (VmaAllocator_T::AllocateDedicatedMemory)"},
  });
  return kFaults;
}

std::string what_is_known(std::string_view strategy, const Problem& problem) {
  if (parse_strategies(strategy).front().family != &vma_family()) return {};
  for (const KnownFault& fault : known_faults()) {
    if (fault.version == build_info().vma_version && fault.kind == problem.kind)
      return fmt::format("VMA {}: {}", fault.version, fault.reference);
  }
  return {};
}

}  // namespace vkmembench
