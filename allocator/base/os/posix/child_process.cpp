#include "allocator/base/os/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "allocator/base/error.h"
#include "allocator/base/os/last_line.h"
#include "allocator/base/os/posix/spawn_support.h"

extern "C" char** environ;

namespace vkmembench {
namespace {

// Keeps SIGCHLD until somebody waits for it.
class PendingChildSignal {
 public:
  PendingChildSignal() {
    sigemptyset(&only_);
    sigaddset(&only_, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &only_, &before_);
  }
  ~PendingChildSignal() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  PendingChildSignal(const PendingChildSignal&) = delete;
  PendingChildSignal& operator=(const PendingChildSignal&) = delete;

  // Until a child ended, another signal came, or some time passed.
  void wait() const { wait_for_signal(only_); }
  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t only_{};
  sigset_t before_{};
};

// What C takes for a list of texts, which outlive it.
std::vector<char*> words_of(const std::vector<std::string>& texts) {
  std::vector<char*> words;
  words.reserve(texts.size() + 1);
  for (const std::string& text : texts) words.push_back(const_cast<char*>(text.c_str()));
  words.push_back(nullptr);
  return words;
}

// Starts the program with stdin, stdout and stderr as the actions say, and with these signals blocked.
pid_t start(const std::vector<std::string>& argv, posix_spawn_file_actions_t& actions, const sigset_t& blocked,
            char** environment = environ, decltype(&posix_spawn) spawn = posix_spawn) {
  const std::vector<char*> words = words_of(argv);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  pid_t child = 0;
  const int failure = spawn(&child, words.front(), &actions, &attributes, words.data(), environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0)
    throw Error(argv.front() + ": cannot be started (" + std::strerror(failure) + "); name a program that runs here");
  return child;
}

// The environment with these changes.
std::vector<std::string> environment_with(const EnvironmentChanges& changes) {
  std::vector<std::string> environment;
  for (const auto& [name, value] : changes)
    if (value) environment.push_back(name + "=" + *value);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    if (std::ranges::none_of(changes, [&](const auto& set) { return set.first == name; }))
      environment.emplace_back(text);
  }
  return environment;
}

ChildEnd end_of(int status) {
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), !WIFEXITED(status), {}};
}

constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;

}  // namespace

ChildEnd run_child(const std::vector<std::string>& argv, const std::filesystem::path& output,
                   const std::filesystem::path& errors, const StopFlag& stop, const std::filesystem::path& folder) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), kWrite, 0600);
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds kPatience{1};
  const PendingChildSignal child_signal;
  const pid_t child = start(argv, actions, child_signal.before());
  int status = 0;
  std::optional<Clock::time_point> latest;
  for (pid_t ended = 0; ended == 0; ended = waitpid(child, &status, WNOHANG)) {
    if (stop.raised() && !latest) {
      latest = Clock::now() + kPatience;
      kill(child, SIGTERM);
    }
    if (latest && Clock::now() > *latest) kill(child, SIGKILL);
    child_signal.wait();
  }
  ChildEnd end = end_of(status);
  end.reason = last_line(errors);
  return end;
}

ChildEnd run_in_front(const std::vector<std::string>& argv, const EnvironmentChanges& changes, const StopFlag& stop) {
  const std::vector<std::string> environment = environment_with(changes);
  std::vector<char*> environment_words = words_of(environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const PendingChildSignal child_signal;
  const pid_t child = start(argv, actions, child_signal.before(), environment_words.data(), posix_spawnp);
  int status = 0;
  bool asked = false;
  for (pid_t ended = 0; ended == 0; ended = waitpid(child, &status, WNOHANG)) {
    if (stop.raised() && !std::exchange(asked, true)) kill(child, SIGTERM);
    child_signal.wait();
  }
  return end_of(status);
}

struct TalkingChild::Handles {
  pid_t process = 0;
  int to = -1;
  int from = -1;
};

TalkingChild::TalkingChild(const std::vector<std::string>& argv, const std::filesystem::path& errors)
    : handles_(std::make_unique<Handles>()) {
  int down[2];
  int up[2];
  if (const int failure = open_pipe(down); failure != 0)
    throw Error(std::string("no pipe: ") + std::strerror(failure), ErrorKind::internal);
  if (const int failure = open_pipe(up); failure != 0) {
    for (const int end : down) close(end);
    throw Error(std::string("no pipe: ") + std::strerror(failure), ErrorKind::internal);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, down[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, up[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), kWrite, 0600);
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  handles_->to = down[1];
  handles_->from = up[0];
  try {
    handles_->process = start(argv, actions, blocked);
  } catch (...) {
    for (const int end : {down[0], down[1], up[0], up[1]}) close(end);
    throw;
  }
  close(down[0]);
  close(up[1]);
}

TalkingChild::~TalkingChild() {
  kill_and_wait();
  close(handles_->to);
  close(handles_->from);
}

void TalkingChild::send(std::string_view line) {
  std::string text(line);
  text += '\n';
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t written = ::write(handles_->to, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // it is not there to read
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::optional<std::string> TalkingChild::receive(Clock::time_point latest, const StopFlag& stop) {
  constexpr int kPatienceMs = 50;
  for (;;) {
    if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    if (closed_ || stop.raised() || Clock::now() >= latest) return std::nullopt;
    pollfd wanted{handles_->from, POLLIN, 0};
    if (poll(&wanted, 1, kPatienceMs) <= 0) continue;
    char bytes[4096];
    const ssize_t count = ::read(handles_->from, bytes, sizeof bytes);
    if (count > 0) received_.append(bytes, static_cast<std::size_t>(count));
    closed_ = count == 0;
  }
}

int TalkingChild::wait() {
  if (handles_->process == 0) return 0;
  int status = 0;
  while (waitpid(handles_->process, &status, 0) < 0 && errno == EINTR) {
  }
  handles_->process = 0;
  closed_ = true;
  return end_of(status).code;
}

int TalkingChild::kill_and_wait() {
  if (handles_->process != 0) kill(handles_->process, SIGKILL);
  return wait();
}

std::string signal_text(int number) { return strsignal(number); }

}  // namespace vkmembench
