#include "bench/stress/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "allocator/base/error.h"
#include "allocator/base/os/own_program.h"
#include "bench/run/exit_code.h"

namespace vkmembench {
namespace {

// What a process said last: of several lines the one that says why.
std::string last_words(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    if (line.find("check failed: ") != std::string::npos || line.starts_with("SUMMARY: ")) return line;
    if (!line.empty()) last = line;
  }
  return last;
}

// Without the folders of the source file.
std::string without_path(const std::string& text) {
  const std::size_t place = text.find(".cpp:");
  const std::size_t slash = place == std::string::npos ? place : text.find_last_of("/\\", place);
  return slash == std::string::npos ? text : text.substr(slash + 1);
}

}  // namespace

std::optional<TrialResult> Worker::run(const Trial& trial, Clock::time_point latest,
                                       std::chrono::duration<double> limit) {
  if (stop_.raised() || Clock::now() >= latest) return std::nullopt;
  if (child_ == nullptr)
    child_ = std::make_unique<TalkingChild>(std::vector<std::string>{own_program().string(), "stress-worker"},
                                            folder_.path() / "stderr");
  const Clock::time_point too_long = Clock::now() + std::chrono::duration_cast<Clock::duration>(limit);
  child_->send(to_line(trial));
  const std::optional<std::string> line = child_->receive(std::min(latest, too_long), stop_);
  if (line) return result_of(*line);
  const bool ended = child_->is_closed();
  TrialResult result;
  if (ended)
    result = how_it_ended();
  else if (Clock::now() >= too_long)
    result.problems.push_back({"hang", fmt::format("no answer within {:.0f} s", limit.count())});
  child_.reset();
  if (stop_.raised() || result.problems.empty()) return std::nullopt;
  return result;
}

TrialResult Worker::how_it_ended() {
  constexpr int kSignal = 128;
  const int code = child_->wait();
  const std::string words = without_path(last_words(folder_.path() / "stderr"));
  TrialResult result;
  if (code == kSignal + kAbortSignal)
    result.problems.push_back({"abort", words});
  else if (code > kSignal)
    result.problems.push_back(
        {"signal", fmt::format("{}{}{}", signal_text(code - kSignal), words.empty() ? "" : ": ", words)});
  else if (words.find("SUMMARY: ") != std::string::npos)
    result.problems.push_back({"abort", words});
  else
    throw ExitError(words.starts_with("vkmembench: ") ? words.substr(std::strlen("vkmembench: ")) : words,
                    static_cast<ExitCode>(code));
  return result;
}

}  // namespace vkmembench
