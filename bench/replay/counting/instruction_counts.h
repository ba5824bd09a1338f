#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>

#include "allocator/base/named_enum.h"

namespace vkmembench {

// X(enumerator): what a strategy's instructions are counted for. Frames include what a strategy does in them by itself,
// such as passes of a defragmentation; other is mapping, resizing, using and binding.
#define VKMEMBENCH_INSTRUCTION_CLASSES(X) X(create) X(destroy) X(frame) X(batch) X(defragment) X(other)
VKMEMBENCH_NAMED_ENUM(InstructionClass, VKMEMBENCH_INSTRUCTION_CLASSES);

struct InstructionCount {
  std::uint64_t operations = 0;
  std::uint64_t instructions = 0;  // of all of them, without what the device did
};
using InstructionCounts = std::array<InstructionCount, kInstructionClassNames.size()>;

// What callgrind wrote of a replay. Throws Error for what is no file of its.
[[nodiscard]] InstructionCounts read_callgrind(std::istream& file);

}  // namespace vkmembench
