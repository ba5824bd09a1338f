#pragma once

#include <memory_resource>

#include "allocator/core/image_descriptions.h"
#include "allocator/core/pools/memory_source.h"
#include "allocator/core/pools/options.h"
#include "allocator/core/requirements.h"
#include "allocator/core/residents.h"
#include "allocator/core/suballocator.h"

namespace vkmembench {

// What an Allocator is made of, for those who work on what it holds: batches and aliases, and whatever moves, packs or
// evicts allocations. Each part keeps its own promises; none outlives the allocator.
struct AllocatorParts {
  const AllocatorOptions& options;
  std::pmr::memory_resource& memory;  // for metadata
  MemorySource& source;
  RequirementsReader& requirements;
  ImageDescriptions& images;
  Residents& residents;
  Suballocator& suballocator;

  [[nodiscard]] const Device& device() const { return source.device(); }
  [[nodiscard]] MemoryBudget& budget() const { return source.budget(); }
  [[nodiscard]] PoolTable& pools() const { return residents.pools(); }
};

}  // namespace vkmembench
