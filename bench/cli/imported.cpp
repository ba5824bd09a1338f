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
  log_info(fmt::format("{} events, {} objects, {} frames, {} lanes, hash {}: {}", trace.events.size(),
                       trace.objects.size(), trace.frame_count, trace.lanes.size(), format_hash(trace.hash), file));
}

}  // namespace vkmembench
