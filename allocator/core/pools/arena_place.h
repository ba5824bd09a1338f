#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "allocator/base/bytes.h"

namespace vkmembench {

// The place of an allocator among others that serve the same device; see Arenas, which fills it.
struct ArenaPlace {
  std::uint16_t number = 0;
  std::string pool_prefix;                             // before the names of its pools
  std::atomic<std::uint16_t>* pool_numbers = nullptr;  // given so far, over all arenas; nullptr: its own
  // Gives every empty block that the others hold in a heap back; the bytes given.
  std::function<Bytes(std::uint32_t heap)> trim_others;
};

}  // namespace vkmembench
