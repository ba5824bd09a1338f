#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "allocator/base/os/child_process.h"
#include "allocator/base/os/windows/api.h"

namespace vkmembench {

// A handle that is closed with it.
class OwnedHandle {
 public:
  OwnedHandle() = default;
  explicit OwnedHandle(HANDLE handle) : handle_(handle) {}
  ~OwnedHandle() { close(); }
  OwnedHandle(OwnedHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  OwnedHandle& operator=(OwnedHandle&& other) noexcept {
    close();
    handle_ = std::exchange(other.handle_, nullptr);
    return *this;
  }
  [[nodiscard]] HANDLE get() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr && handle_ != INVALID_HANDLE_VALUE; }
  void close() {
    if (*this) CloseHandle(handle_);
    handle_ = nullptr;
  }

 private:
  HANDLE handle_ = nullptr;
};

// A program that runs, in a job that ends it and its children with this process at the latest.
struct Process {
  OwnedHandle process;
  OwnedHandle job;

  void kill() const;
  // Whether it ended within that time.
  [[nodiscard]] bool ended_within(DWORD milliseconds) const;
  // Its exit status. Requires that it ended.
  [[nodiscard]] int exit_status() const;
};

struct StartOptions {
  HANDLE input = nullptr;  // the streams, which are inheritable; this process's own where the first is nullptr
  HANDLE output = nullptr;
  HANDLE errors = nullptr;
  std::filesystem::path folder = {};  // to work in; this process's own where it is empty
  bool search = false;                // along PATH
  EnvironmentChanges changes;
};
// Throws Error when the program cannot be started.
[[nodiscard]] Process start_process(const std::vector<std::string>& argv, const StartOptions& options);

// Words as one command line, from which the C library of the program takes the same words.
[[nodiscard]] std::wstring command_line(const std::vector<std::string>& words);

}  // namespace vkmembench
