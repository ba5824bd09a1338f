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

}  // namespace

ChildEnd run_child(const std::vector<std::string>& argv, const std::filesystem::path& output,
                   const std::filesystem::path& errors, const std::atomic<int>* signal) {
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
  pid_t child = 0;
  const int failure = posix_spawn(&child, words.front(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0)
    throw Error(
        fmt::format("{}: cannot be started ({}); name a program that runs here", argv.front(), std::strerror(failure)));
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw Error(fmt::format("{}: cannot be waited for", argv.front()), ExitCode::internal);
    if (signal != nullptr && signal->load() != 0) kill(child, signal->load());
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
