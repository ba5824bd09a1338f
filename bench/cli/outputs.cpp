#include "bench/cli/outputs.h"

#include <fmt/format.h>

#include <system_error>

#include "allocator/base/error.h"
#include "allocator/base/os/file_io.h"

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

bool is_stdout(const std::string& output) { return output == "-" || output == "/dev/stdout"; }

bool is_replaceable(const fs::path& output) {
  std::error_code ignored;
  return !fs::exists(output, ignored) || fs::is_regular_file(output, ignored);
}

void require_writable_folder(const fs::path& folder) {
  if (!is_writable_folder(folder))
    throw Error(fmt::format("{}: the folder cannot be written to; choose another with -o", folder.string()),
                ErrorKind::internal);
}

void require_writable_file(const fs::path& output, std::string_view remedy) {
  if (is_stdout(output.string())) return;
  std::error_code ignored;
  if (fs::is_directory(output, ignored))
    throw Error(fmt::format("{}: is a folder; name a file in it", output.string()), ErrorKind::internal);
  const fs::path parent = output.parent_path();
  if (!parent.empty() && !fs::is_directory(parent, ignored))
    throw Error(fmt::format("{}: its folder does not exist; {}", output.string(), remedy), ErrorKind::internal);
  if (is_replaceable(output)) require_writable_folder(parent.empty() ? "." : parent);
}

}  // namespace vkmembench
