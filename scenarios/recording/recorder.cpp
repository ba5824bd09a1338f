#include "scenarios/recording/recorder.h"

#include <utility>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

constexpr std::chrono::milliseconds kFlushEvery{100};
constexpr std::chrono::seconds kSecond{1};
constexpr std::size_t kManyEvents = 16384;  // that wait; some 2 MiB of text

}  // namespace

Recorder::Recorder(const RecordSettings& settings, RecordedDevice device, std::filesystem::path path,
                   std::function<void(const std::string&)> complain)
    : settings_(settings),
      device_(std::move(device)),
      path_(std::move(path)),
      complain_(std::move(complain)),
      chronicle_(settings, device_.memory),
      flushed_(std::chrono::steady_clock::now()),
      frame_began_(flushed_),
      thread_([this] { write(); }) {}

Recorder::~Recorder() { finish(); }

void Recorder::note(CapturedCall&& call) noexcept {
  if (!is_open()) return;
  try {
    call.thread = thread_number();
    queue_.push(std::move(call));
  } catch (const std::exception&) {  // no memory: the program may find some yet
    open_ = false;
  }
}

void Recorder::finish() {
  if (abandoned_ || !thread_.joinable()) return;
  open_ = false;
  queue_.close();
  thread_.join();
}

void Recorder::abandon() {
  open_ = false;
  abandoned_ = true;
}

void Recorder::close(const std::string& why) {
  ended_ = true;
  open_ = false;
  queue_.close();
  file_.reset();
  if (!why.empty()) complain_(why);
}

void Recorder::write() {
  std::vector<CapturedCall> calls;
  try {
    while (queue_.take(calls, kFlushEvery)) write_calls(calls);
    if (!ended_) end(true);
  } catch (const std::exception& error) {
    close(error.what());
  }
}

void Recorder::write_calls(std::vector<CapturedCall>& calls) {
  if (ended_) return;
  const auto now = std::chrono::steady_clock::now();
  if (chronicle_.frame_on() == FrameOn::seconds && now - frame_began_ >= kSecond) {
    chronicle_.end_frame();
    frame_began_ = now;
  }
  for (CapturedCall& call : calls) {
    chronicle_.take(call);
    if (chronicle_.is_over()) break;
  }
  if (now - flushed_ >= kFlushEvery || chronicle_.lines().waiting() >= kManyEvents) {
    flush();
    flushed_ = now;
  }
  if (file_ && file_->size() >= settings_.max_bytes) chronicle_.leave_out("what came after the file had max_bytes");
  if (chronicle_.is_over() || (file_ && file_->size() >= settings_.max_bytes)) end(false);
}

// Writes what waits as a frame of the file.
void Recorder::flush() {
  if (!file_ && !chronicle_.has_anything()) return;
  if (chronicle_.lines().empty()) return;
  text_.clear();
  if (!file_) {
    file_.emplace(path_);
    Recorded recorded;
    recorded.recorder = "vkmembench-record " VKMEMBENCH_VERSION;
    recorded.device = device_;
    text_ = first_recorded_line(recorded);
  }
  chronicle_.lines().take(text_);
  file_->write_frame(text_);
}

void Recorder::end(bool with_program) {
  flush();
  if (file_) file_->write_frame(last_recorded_line(chronicle_.left_out(with_program)));
  close("");
}

std::uint32_t thread_number() {
  static std::atomic<std::uint32_t> next = 0;
  thread_local const std::uint32_t number = next++;
  return number;
}

}  // namespace vkmembench
