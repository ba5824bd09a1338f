#pragma once

#include <cstdint>
#include <optional>

namespace vkmembench {

// The most memory of the machine that this process ever had.
[[nodiscard]] std::uint64_t peak_resident_bytes();
// The peak counts from here on, where the system lets a process reset it.
void reset_peak_resident();

// How much address space the process may have; nullopt without a limit.
[[nodiscard]] std::optional<std::uint64_t> address_space_limit();

}  // namespace vkmembench
