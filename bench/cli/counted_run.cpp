#include "bench/cli/counted_run.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "allocator/base/error.h"
#include "allocator/base/os/child_process.h"
#include "allocator/base/os/own_program.h"
#include "allocator/base/os/scratch_folder.h"
#include "bench/cli/listening.h"
#include "bench/replay/counting/callgrind.h"

namespace vkmembench {
namespace {

// What has a say in counts comes from nowhere but the program: symbols are found before anything is counted, and the C
// library allocates as it does by itself.
EnvironmentChanges counted_environment(const std::filesystem::path& output, const std::string& typed_name) {
  EnvironmentChanges changes = {
      {kCallgrindVariable, output.string()}, {kTypedNameVariable, typed_name}, {"LD_BIND_NOW", "1"}};
  for (const char* name :
       {"GLIBC_TUNABLES", "MALLOC_ARENA_MAX", "MALLOC_ARENA_TEST", "MALLOC_CHECK_", "MALLOC_MMAP_MAX_",
        "MALLOC_MMAP_THRESHOLD_", "MALLOC_PERTURB_", "MALLOC_TOP_PAD_", "MALLOC_TRIM_THRESHOLD_"})
    changes.emplace_back(name, std::nullopt);
  return changes;
}

ChildEnd run_valgrind(const std::vector<std::string>& argv, const EnvironmentChanges& changes, const StopFlag& stop) {
  try {
    return run_in_front(argv, changes, stop);
  } catch (const Error&) {
    throw Error("--clock instructions: there is no valgrind here, which counts; install valgrind");
  }
}

}  // namespace

std::vector<std::string> words_as_typed(const CommandContext& context) {
  std::vector<std::string> words = context.argv;
  const char* name = std::getenv(kTypedNameVariable);
  if (name != nullptr && !callgrind_output().empty()) words.front() = name;
  return words;
}

ExitCode run_by_callgrind(const CommandContext& context) {
  if (!knows_callgrind())
    throw Error(
        "--clock instructions: this program was built without valgrind's headers, by which it tells what to count, or "
        "with sanitizers; install valgrind and build it again");
  const ScratchFolder folder;
  const std::filesystem::path output = folder.path() / "counts";
  std::vector<std::string> argv = callgrind_command(output);
  const std::string program = own_program().string();
  argv.push_back(program);
  argv.insert(argv.end(), context.argv.begin() + 1, context.argv.end());
  const Listening listening;
  const ChildEnd end = run_valgrind(argv, counted_environment(output, context.argv.front()), listening.stop());
  constexpr int kNotRun = 126;
  if (end.code >= kNotRun && end.code <= kNotRun + 1)
    throw Error(fmt::format("--clock instructions: valgrind cannot read {}; let it be read", program));
  if (end.killed && listening.stop().signal() != 0)
    throw ExitError("interrupted: nothing was written; run it again", static_cast<ExitCode>(end.code));
  if (end.killed)
    throw Error(fmt::format("--clock instructions: valgrind was ended ({}); give it more memory, or a smaller scale",
                            signal_text(end.code - 128)),
                ErrorKind::internal);
  return static_cast<ExitCode>(end.code);
}

}  // namespace vkmembench
