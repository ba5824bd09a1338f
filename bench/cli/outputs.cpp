#include "bench/cli/outputs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <system_error>

#include "allocator/base/error.h"

namespace vkmembench {
namespace fs = std::filesystem;

void refuse_input_as_output(const fs::path& output, std::span<const fs::path> inputs) {
  std::error_code ignored;
  if (!fs::is_regular_file(output, ignored)) return;
  for (const fs::path& input : inputs) {
    if (fs::equivalent(output, input, ignored))
      throw Error(
          fmt::format("{}: the output would overwrite the input {}; write elsewhere", output.string(), input.string()));
  }
}

void require_writable_folder(const fs::path& folder) {
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    throw Error(fmt::format("{}: the folder cannot be written to; choose another with -o", folder.string()),
                ExitCode::internal);
}

void require_writable_file(const fs::path& file) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored))
    throw Error(fmt::format("{}: is a folder; name a file in it", file.string()), ExitCode::internal);
  const fs::path parent = file.parent_path();
  if (!parent.empty() && !fs::is_directory(parent, ignored))
    throw Error(fmt::format("{}: its folder does not exist; make it first", file.string()), ExitCode::internal);
  if (is_replaceable(file)) require_writable_folder(parent.empty() ? "." : parent);
}

bool is_stdout(const std::string& output) { return output == "-" || output == "/dev/stdout"; }

bool is_replaceable(const fs::path& output) {
  std::error_code ignored;
  return !fs::exists(output, ignored) || fs::is_regular_file(output, ignored);
}

}  // namespace vkmembench
