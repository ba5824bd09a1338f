#include "bench/cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "allocator/base/os/terminal.h"

namespace vkmembench {
namespace {

constexpr int kBarWidth = 24;

// What fits before the last column, in which some terminals begin a new line.
std::string cut_to_terminal(const std::string& line) {
  const std::size_t most = terminal_columns(Stream::errors).value_or(80) - 1;
  std::size_t columns = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool begins_letter = (static_cast<unsigned char>(line[i]) & 0xc0) != 0x80;  // of UTF-8
    if (begins_letter && ++columns > most) return line.substr(0, i);
  }
  return line;
}

}  // namespace

std::string time_left(double seconds, double share) {
  constexpr double kFirstShare = 0.02;
  constexpr double kFirstSeconds = 2;
  if (share < kFirstShare || share >= 1 || seconds < kFirstSeconds) return "";
  const double left = seconds * (1 - share) / share;
  if (left < 60) return fmt::format("about {:.0f} s left", std::max(1.0, left));
  if (left < 3600) return fmt::format("about {:.0f} min left", left / 60);
  return fmt::format("about {:.1f} h left", left / 3600);
}

Progress::Progress(bool quiet)
    : quiet_(quiet),
      terminal_(takes_escapes(Stream::errors)),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

void Progress::show(const std::string& what, std::size_t done, std::size_t total, double share) {
  if (quiet_) return;
  const auto now = std::chrono::steady_clock::now();
  const auto interval = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
  if (now - last_ < interval) return;
  last_ = now;
  const double all = (static_cast<double>(done) + share) / static_cast<double>(total);
  std::string left = time_left(std::chrono::duration<double>(now - start_).count(), all);
  if (!left.empty()) left = ", " + left;
  if (!terminal_) {
    fmt::print(stderr, "{:3.0f} % done{}, at {}\n", all * 100, left, what);
    return;
  }
  const int filled = static_cast<int>(all * kBarWidth);
  const std::string line =
      fmt::format("[{}{}] {:3.0f} %{}  {}", std::string(static_cast<std::size_t>(filled), '#'),
                  std::string(static_cast<std::size_t>(kBarWidth - filled), '.'), all * 100, left, what);
  fmt::print(stderr, "\r\033[K{}", cut_to_terminal(line));
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

}  // namespace vkmembench
