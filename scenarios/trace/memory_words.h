#pragma once

#include <cstdint>
#include <string_view>

#include "allocator/device/memory_use.h"

namespace vkmembench {

// Reads `memory` where it is an object: {"required": [...], "preferred": [...], "avoid": [...], "type": 6}. Throws
// Error for what is no part of it.
class MemoryWords {
 public:
  MemoryWords() { choice_.use = MemoryUse::custom; }

  void key(std::string_view name);
  void property(std::string_view name);  // of the list that the last key names
  void type(std::uint64_t index);
  [[nodiscard]] bool takes_list() const { return list_ != nullptr; }
  [[nodiscard]] const MemoryChoice& choice() const;

 private:
  MemoryChoice choice_;
  std::uint16_t* list_ = nullptr;
};

}  // namespace vkmembench
