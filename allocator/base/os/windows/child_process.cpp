#include "allocator/base/os/child_process.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "allocator/base/error.h"
#include "allocator/base/os/last_line.h"
#include "allocator/base/os/windows/process.h"

namespace vkmembench {
namespace {

constexpr DWORD kLookEvery = 50;  // ms, at the flag

OwnedHandle open_inheritable(const wchar_t* file, DWORD access, DWORD creation) {
  SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
  OwnedHandle handle(CreateFileW(file, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &inheritable,
                                 creation, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!handle) throw Error(to_utf8(file) + ": cannot be opened (" + text_of(GetLastError()) + ")", ErrorKind::internal);
  return handle;
}

struct Pipe {
  OwnedHandle read;
  OwnedHandle write;
};
Pipe make_pipe() {
  HANDLE read = nullptr;
  HANDLE write = nullptr;
  if (CreatePipe(&read, &write, nullptr, 0) == 0)
    throw Error("no pipe: " + text_of(GetLastError()), ErrorKind::internal);
  return {OwnedHandle(read), OwnedHandle(write)};
}

void let_inherit(const OwnedHandle& handle) {
  SetHandleInformation(handle.get(), HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
}

ChildEnd end_of(const Process& child) {
  const int code = child.exit_status();
  return {code, code > 128, {}};
}

}  // namespace

ChildEnd run_child(const std::vector<std::string>& argv, const std::filesystem::path& output,
                   const std::filesystem::path& errors, const StopFlag& stop, const std::filesystem::path& folder) {
  const OwnedHandle in = open_inheritable(L"NUL", GENERIC_READ, OPEN_EXISTING);
  OwnedHandle out = open_inheritable(output.c_str(), GENERIC_WRITE, CREATE_ALWAYS);
  OwnedHandle err = open_inheritable(errors.c_str(), GENERIC_WRITE, CREATE_ALWAYS);
  const Process child = start_process(
      argv,
      {.input = in.get(), .output = out.get(), .errors = err.get(), .folder = folder, .search = false, .changes = {}});
  out.close();
  err.close();
  while (!child.ended_within(kLookEvery)) {
    if (stop.raised()) child.kill();
  }
  ChildEnd end = end_of(child);
  end.reason = last_line(errors);
  return end;
}

ChildEnd run_in_front(const std::vector<std::string>& argv, const EnvironmentChanges& changes, const StopFlag& stop) {
  StartOptions options;
  options.search = true;
  options.changes = changes;
  const Process child = start_process(argv, options);
  // The console asks the child itself to end, as it asked this process.
  constexpr std::chrono::seconds kPatience{10};
  std::optional<std::chrono::steady_clock::time_point> latest;
  while (!child.ended_within(kLookEvery)) {
    if (stop.raised() && !latest) latest = std::chrono::steady_clock::now() + kPatience;
    if (latest && std::chrono::steady_clock::now() > *latest) child.kill();
  }
  return end_of(child);
}

void end_with_parent() {}  // its job is there for that

struct TalkingChild::Handles {
  Process child;
  OwnedHandle to;
  OwnedHandle from;
  std::thread reader;  // no wait for a pipe ends before something comes
  std::mutex mutex;
  std::condition_variable came;
  std::string arrived;
  bool closed = false;
  bool ended = false;

  void read_all() {
    std::array<char, 4096> bytes{};
    for (DWORD count = 0;
         ReadFile(from.get(), bytes.data(), static_cast<DWORD>(bytes.size()), &count, nullptr) != 0 && count != 0;) {
      const std::lock_guard lock(mutex);
      arrived.append(bytes.data(), count);
      came.notify_one();
    }
    const std::lock_guard lock(mutex);
    closed = true;
    came.notify_one();
  }
};

TalkingChild::TalkingChild(const std::vector<std::string>& argv, const std::filesystem::path& errors)
    : handles_(std::make_unique<Handles>()) {
  Pipe down = make_pipe();
  Pipe up = make_pipe();
  let_inherit(down.read);
  let_inherit(up.write);
  const OwnedHandle err = open_inheritable(errors.c_str(), GENERIC_WRITE, CREATE_ALWAYS);
  handles_->child = start_process(argv, {.input = down.read.get(),
                                         .output = up.write.get(),
                                         .errors = err.get(),
                                         .folder = {},
                                         .search = false,
                                         .changes = {}});
  handles_->to = std::move(down.write);
  handles_->from = std::move(up.read);
  up.write.close();  // before the reader, which waits for the last of them to go
  handles_->reader = std::thread([handles = handles_.get()] { handles->read_all(); });
}

TalkingChild::~TalkingChild() {
  kill_and_wait();
  handles_->reader.join();
}

void TalkingChild::send(std::string_view line) {
  std::string text(line);
  text += '\n';
  for (std::string_view rest = text; !rest.empty();) {
    DWORD written = 0;
    if (WriteFile(handles_->to.get(), rest.data(), static_cast<DWORD>(rest.size()), &written, nullptr) == 0)
      return;  // it is not there to read
    rest.remove_prefix(written);
  }
}

std::optional<std::string> TalkingChild::receive(Clock::time_point latest, const StopFlag& stop) {
  for (;;) {
    if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    if (closed_ || stop.raised() || Clock::now() >= latest) return std::nullopt;
    std::unique_lock lock(handles_->mutex);
    handles_->came.wait_for(lock, std::chrono::milliseconds(kLookEvery),
                            [&] { return !handles_->arrived.empty() || handles_->closed; });
    received_ += handles_->arrived;
    closed_ = handles_->arrived.empty() && handles_->closed;
    handles_->arrived.clear();
  }
}

int TalkingChild::wait() {
  if (std::exchange(handles_->ended, true)) return 0;
  static_cast<void>(handles_->child.ended_within(INFINITE));
  closed_ = true;
  return handles_->child.exit_status();
}

int TalkingChild::kill_and_wait() {
  if (!handles_->ended) handles_->child.kill();
  return wait();
}

std::string signal_text(int number) {
  switch (number) {
    case 2:
      return "Interrupted";
    case 4:
      return "Illegal instruction";
    case kAbortSignal:
      return "Aborted";
    case 8:
      return "Arithmetic exception";
    case 9:
      return "Killed";
    case 11:
      return "Access violation";
    default:
      return "Signal " + std::to_string(number);
  }
}

}  // namespace vkmembench
