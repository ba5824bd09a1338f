#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "allocator/base/error.h"

namespace vkmembench {

// Errors of one input, each a line with its place; what() says how many and tells the first.
class SeveralErrors : public Error {
 public:
  explicit SeveralErrors(std::vector<std::string> lines);
  [[nodiscard]] std::span<const std::string> lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

// Collects the errors of an input, so that several are told at once.
class Problems {
 public:
  static constexpr std::size_t kMost = 10;

  // Throws them all once there are kMost. One that is there already is not added.
  void add(std::string line);
  // Runs the action and adds the error of bad input that it throws.
  template <typename Action>
  void of(Action action) {
    try {
      action();
    } catch (const SeveralErrors& errors) {
      if (lines_.size() >= kMost) throw;  // they are these
      for (const std::string& line : errors.lines()) add(line);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::bad_input) throw;
      add(error.what());
    }
  }
  [[nodiscard]] std::size_t count() const { return lines_.size(); }
  // Throws them when there are any: one as an Error, several as SeveralErrors.
  void finish() const;

 private:
  std::vector<std::string> lines_;
};

}  // namespace vkmembench
