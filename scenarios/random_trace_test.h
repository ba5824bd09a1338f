#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "scenarios/trace.h"

namespace vkmembench {

// A valid trace that holds every op, from a seed.
[[nodiscard]] Trace random_trace(std::uint64_t seed, std::size_t events = 2000);

// The message of the Error that the action throws, "no error" without one; fails the test when it has several lines.
[[nodiscard]] std::string error_of(const std::function<void()>& action);

// A folder of its own, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Writes a file and returns its path.
  std::filesystem::path write(const std::string& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

[[nodiscard]] std::string file_text(const std::filesystem::path& file);

}  // namespace vkmembench
