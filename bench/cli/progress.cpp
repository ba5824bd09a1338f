#include "bench/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace vkmembench {
namespace {

constexpr int kBarWidth = 24;

}  // namespace

Progress::Progress(bool quiet)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1), last_(std::chrono::steady_clock::now()) {}

void Progress::show(const std::string& what, std::size_t done, std::size_t total, double share) {
  if (quiet_) return;
  const auto now = std::chrono::steady_clock::now();
  const auto interval = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
  if (now - last_ < interval) return;
  last_ = now;
  const double all = (static_cast<double>(done) + share) / static_cast<double>(total);
  if (!terminal_) {
    fmt::print(stderr, "{:3.0f} % done, at {}\n", all * 100, what);
    return;
  }
  const int filled = static_cast<int>(all * kBarWidth);
  fmt::print(stderr, "\r\033[K[{}{}] {:3.0f} %  {}", std::string(static_cast<std::size_t>(filled), '#'),
             std::string(static_cast<std::size_t>(kBarWidth - filled), '.'), all * 100, what);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

}  // namespace vkmembench
