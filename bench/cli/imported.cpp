#include "bench/cli/imported.h"

#include <fmt/format.h>

#include "bench/cli/log.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

constexpr std::size_t kMostLeftOutLines = 12;

}  // namespace

void log_trace(const Trace& trace, std::span<const LeftOut> left_out, const std::string& file) {
  for (const LeftOut& row : left_out.first(std::min(left_out.size(), kMostLeftOutLines)))
    log_warning(fmt::format("left out: {} × {}", format_count(row.count), row.what));
  if (left_out.size() > kMostLeftOutLines)
    log_warning(fmt::format("left out: {} kinds more", left_out.size() - kMostLeftOutLines));
  const auto counted = [](std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
  };
  log_info(fmt::format("{}, {}, {}, {}, hash {}: {}", counted(trace.events.size(), "event"),
                       counted(trace.objects.size(), "object"), counted(trace.frame_count, "frame"),
                       counted(trace.lanes.size(), "lane"), format_hash(trace.hash), file));
}

}  // namespace vkmembench
