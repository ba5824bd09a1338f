// Not tried: written without a machine that runs macOS.
#include "allocator/base/os/cpu_instructions.h"

#include "allocator/base/error.h"

namespace vkmembench {

CpuInstructions::CpuInstructions() { throw Error("macOS tells programs no counts of the CPU"); }
CpuInstructions::~CpuInstructions() = default;

std::uint64_t CpuInstructions::read() noexcept { return 0; }

}  // namespace vkmembench
