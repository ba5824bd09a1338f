#include "bench/ab/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

std::string last_line(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

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
  void wait() const {
    constexpr timespec kPatience{0, 50'000'000};
    sigtimedwait(&only_, nullptr, &kPatience);
  }
  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t only_{};
  sigset_t before_{};
};

}  // namespace

ChildEnd run_child(const std::vector<std::string>& argv, const std::filesystem::path& output,
                   const std::filesystem::path& errors, const StopFlag& stop) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), kWrite, 0600);
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const PendingChildSignal child_signal;
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attributes, &child_signal.before());
  pid_t child = 0;
  const int failure = posix_spawn(&child, words.front(), &actions, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0)
    throw Error(
        fmt::format("{}: cannot be started ({}); name a program that runs here", argv.front(), std::strerror(failure)));
  int status = 0;
  for (pid_t ended = 0; ended == 0; ended = waitpid(child, &status, WNOHANG)) {
    if (stop.raised()) kill(child, SIGKILL);
    child_signal.wait();
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), last_line(errors)};
}

ScratchFolder::ScratchFolder() {
  std::error_code missing;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(missing);
  const char* variable = std::getenv("TMPDIR");
  if (missing)
    throw Error(fmt::format("TMPDIR={}: is no folder for temporary files; set TMPDIR to a folder that can be written",
                            variable == nullptr ? "" : variable),
                ExitCode::internal);
  std::string name = (parent / "vkmembench-ab-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw Error(fmt::format("{}: no temporary folder can be made there ({}); set TMPDIR to a folder that can be "
                            "written",
                            parent.string(), std::strerror(errno)),
                ExitCode::internal);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace vkmembench
