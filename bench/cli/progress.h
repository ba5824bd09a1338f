#pragma once

#include <chrono>
#include <string>

namespace vkmembench {

// How long the rest takes, when `share` of the whole took so many seconds: "about 3 min left"; empty as long as too
// little is done to tell.
[[nodiscard]] std::string time_left(double seconds, double share);

// Says on stderr how far a run is and how long is left: a bar that redraws itself on a terminal, otherwise a line at
// most every ten seconds.
class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of `total` runs are over; the one under way has done `share` of its events.
  void show(const std::string& what, std::size_t done, std::size_t total, double share);
  void clear();

 private:
  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace vkmembench
