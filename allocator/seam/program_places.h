#pragma once

#include <cstdint>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/device/memory_info.h"

namespace vkmembench {

// Where a program put its resources itself, for a strategy that does the same: blocks, when each was allocated and
// freed, and the places in them.
struct ProgramPlaces {
  struct Block {
    Bytes size = 0;
    std::uint32_t memory_type = 0;
    // As what lies in it was asked for.
    float priority = kDefaultPriority;
    VkExternalMemoryHandleTypeFlags export_handles = 0;
  };
  struct Step {  // vkAllocateMemory, or vkFreeMemory
    std::uint32_t block = 0;
    bool frees = false;
  };
  struct Place {
    static constexpr std::uint32_t kNoBlock = ~std::uint32_t{0};
    std::uint32_t block = kNoBlock;  // none: the program did not tell
    Offset offset = 0;
    std::uint32_t steps_before_create = 0;
    std::uint32_t steps_before_destroy = 0;
  };

  std::vector<Block> blocks;
  std::vector<Step> steps;    // in their order
  std::vector<Place> places;  // by the user of the request, from 1 on
};

}  // namespace vkmembench
