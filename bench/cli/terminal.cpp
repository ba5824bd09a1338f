#include "bench/cli/terminal.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "allocator/base/os/terminal.h"

namespace vkmembench {

TableStyle table_style(const CommandContext& context) {
  constexpr std::size_t kWhole = 1'000'000;  // a file or pipe has room for every column
  const std::optional<std::size_t> width = terminal_columns(Stream::output);
  return {context.use_color(), width ? std::clamp<std::size_t>(*width, 80, 200) : kWhole, stdout_is_utf8()};
}

}  // namespace vkmembench
