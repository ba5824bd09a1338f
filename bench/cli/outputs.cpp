#include "bench/cli/outputs.h"

#include <fmt/format.h>

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

bool is_stdout(const std::string& output) { return output == "-" || output == "/dev/stdout"; }

bool is_replaceable(const fs::path& output) {
  std::error_code ignored;
  return !fs::exists(output, ignored) || fs::is_regular_file(output, ignored);
}

}  // namespace vkmembench
