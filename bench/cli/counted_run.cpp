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

constexpr const char* kTypedName = "VKMEMBENCH_TYPED_NAME";

}  // namespace

std::vector<std::string> words_as_typed(const CommandContext& context) {
  std::vector<std::string> words = context.argv;
  const char* name = std::getenv(kTypedName);
  if (name != nullptr && !callgrind_output().empty()) words.front() = name;
  return words;
}

ExitCode run_by_callgrind(const CommandContext& context) {
  if (!knows_callgrind())
    throw Error(
        "--clock instructions: this program was built without valgrind's headers, by which it tells what to count; "
        "install valgrind and build it again");
  const ScratchFolder folder;
  const std::filesystem::path output = folder.path() / "counts";
  std::vector<std::string> argv = callgrind_command(output);
  argv.push_back(own_program().string());
  argv.insert(argv.end(), context.argv.begin() + 1, context.argv.end());
  const Listening listening;
  try {
    const std::vector<std::pair<std::string, std::string>> variables = {{kCallgrindVariable, output.string()},
                                                                        {kTypedName, context.argv.front()}};
    return static_cast<ExitCode>(run_in_front(argv, variables, listening.stop()));
  } catch (const Error& error) {
    throw Error(fmt::format("--clock instructions: {}; install valgrind, which counts", error.what()));
  }
}

}  // namespace vkmembench
