#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "scenarios/recording/call_queue.h"
#include "scenarios/recording/chronicle.h"
#include "scenarios/recording/recording_file.h"

namespace vkmembench {

// Writes what a program does with the memory of one device, from a thread of its own. The file appears with the first
// memory or resource, and is whole up to the last frame that ended a tenth of a second ago.
class Recorder {
 public:
  // complain(message) hears, once, why the recording ends early.
  Recorder(const RecordSettings& settings, RecordedDevice device, std::filesystem::path path,
           std::function<void(const std::string&)> complain);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  [[nodiscard]] bool is_open() const { return open_.load(std::memory_order_relaxed); }
  // From any thread. Requires a call whose objects were there when it was made and are there still.
  void note(CapturedCall&& call) noexcept;
  // From any thread: nothing more is noted.
  void give_up() { open_ = false; }
  // Writes what is known. From one thread; after it nothing more is noted.
  void finish();
  // In a process that fork() made, which has no such thread: nothing is written any more, and finish() does nothing. It
  // must not be destroyed then.
  void abandon();
  [[nodiscard]] bool is_abandoned() const { return abandoned_; }

 private:
  void write();
  void write_calls(std::vector<CapturedCall>& calls);
  void flush();
  void end(bool with_program);
  void close(const std::string& why);

  RecordSettings settings_;
  RecordedDevice device_;
  std::filesystem::path path_;
  std::function<void(const std::string&)> complain_;
  std::atomic<bool> open_ = true;
  bool abandoned_ = false;
  bool ended_ = false;  // the thread's
  CallQueue queue_;
  Chronicle chronicle_;
  std::optional<RecordingFile> file_;
  std::string text_;
  std::chrono::steady_clock::time_point flushed_, frame_began_;
  std::thread thread_;
};

// Of the calling thread: numbered from 0 in order of appearance in the process.
[[nodiscard]] std::uint32_t thread_number();

}  // namespace vkmembench
