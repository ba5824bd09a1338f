#pragma once

#include <cstdint>
#include <string>

namespace vkmembench {

// What the system says of the machine when it is asked; empty or zero where files tell it, as on Linux.
struct Machine {
  std::string os;
  std::string kernel;
  std::string cpu;
  std::uint64_t ram_bytes = 0;
};
[[nodiscard]] Machine ask_for_machine();

// Its name in the network; "a node" where it has none.
[[nodiscard]] std::string host_name();

}  // namespace vkmembench
