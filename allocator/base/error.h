#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace vkmembench {

// What went wrong, for the caller to decide what becomes of it.
enum class ErrorKind : std::uint8_t {
  bad_input,       // what was given cannot be used
  not_comparable,  // what was given says nothing of the question
  out_of_memory,   // of a device
  no_device,
  internal,  // the machine, an output, or we ourselves failed
};

// Unusable input or environment. The message is one line: what, where (file, pointer, line), and the remedy.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ErrorKind kind = ErrorKind::bad_input)
      : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace vkmembench
