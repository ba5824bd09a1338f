#pragma once

#include <cstdint>

namespace vkmembench {

// Where in the source something was asked for. As a default argument or member initialiser, here() is the caller's
// place.
struct Origin {
  const char* file = nullptr;  // static storage
  std::uint16_t line = 0;

  [[nodiscard]] static constexpr Origin here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, static_cast<std::uint16_t>(line)};
  }
};

}  // namespace vkmembench
