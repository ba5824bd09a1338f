#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "allocator/base/stop_flag.h"

namespace vkmembench {

// How a program ended.
struct ChildEnd {
  int code = 0;         // its exit status; 128 + number when a signal ended it, or on Windows what is one elsewhere
  bool killed = false;  // by a signal, or what is one elsewhere
  std::string reason;   // the last line that it wrote to stderr
};

// Runs a program to its end, stdin on /dev/null; the files take what it writes to stdout and stderr. Once the flag is
// raised it is asked to end, where there is a way to ask, and killed a second later. `folder`, unless empty, is its
// working folder; then the files are named from the root. Throws Error when it cannot be started.
[[nodiscard]] ChildEnd run_child(const std::vector<std::string>& argv, const std::filesystem::path& output,
                                 const std::filesystem::path& errors, const StopFlag& stop,
                                 const std::filesystem::path& folder = {});

// What variables of the environment are set to, or nullopt where they are taken away.
using EnvironmentChanges = std::vector<std::pair<std::string, std::optional<std::string>>>;

// Runs a program, looked for as a shell does, in place of this one for a while: it has the terminal, and the
// environment with these changes. Once the flag is raised it is asked to end. How it ended, without a reason. Throws
// Error when it cannot be started.
[[nodiscard]] ChildEnd run_in_front(const std::vector<std::string>& argv, const EnvironmentChanges& changes,
                                    const StopFlag& stop);

// From now on this process is killed when the one that started it ends; where the system can.
void end_with_parent();

// A program that answers lines with lines, for as long as it lives. stderr goes to a file.
class TalkingChild {
 public:
  using Clock = std::chrono::steady_clock;

  // Throws Error when it cannot be started.
  TalkingChild(const std::vector<std::string>& argv, const std::filesystem::path& errors);
  ~TalkingChild();  // Kills it unless it ended.
  TalkingChild(const TalkingChild&) = delete;
  TalkingChild& operator=(const TalkingChild&) = delete;

  // One line without its end. What goes to a child that ended is lost.
  void send(std::string_view line);
  // The next line that it writes; nullopt once it closed stdout, it is too late, or the flag is raised.
  [[nodiscard]] std::optional<std::string> receive(Clock::time_point latest, const StopFlag& stop);
  // Whether it closed stdout, as a program does that ends.
  [[nodiscard]] bool is_closed() const { return closed_; }
  // Waits for its end: its exit status as above.
  int wait();
  int kill_and_wait();

 private:
  struct Handles;  // of the system
  std::unique_ptr<Handles> handles_;
  std::string received_;
  bool closed_ = false;
};

// The number of the signal that an abort is.
inline constexpr int kAbortSignal = 6;
// What a signal's number means.
[[nodiscard]] std::string signal_text(int number);

}  // namespace vkmembench
