#include "allocator/strategy/common/defragment_driver.h"

#include <utility>

namespace vkmembench {
namespace {

// What a defragmentation that nobody asked for may take of a frame.
constexpr DefragmentRequest kAutomatic = {.max_bytes_per_pass = 16 * kMiB, .max_moves_per_pass = 128};

const TickRate* tick_rate() {
  static const TickRate rate = calibrate_ticks();
  return &rate;
}

}  // namespace

WorkClock::WorkClock(const Device& device)
    : model_ns_(device.model_ns), rate_(device.model_ns != nullptr ? nullptr : tick_rate()) {}

void add_figures(const DefragmentTotals& totals, std::vector<StrategyFigure>& figures) {
  if (totals.passes == 0) return;
  const auto add = [&](Figure figure, auto value) { figures.push_back({figure, static_cast<double>(value)}); };
  add(Figure::defrag_bytes_moved, totals.bytes_moved);
  add(Figure::defrag_moves_count, totals.moves);
  add(Figure::defrag_passes_count, totals.passes);
  add(Figure::defrag_ignored_count, totals.ignored);
  add(Figure::defrag_bytes_freed, totals.bytes_freed);
  add(Figure::defrag_blocks_freed_count, totals.blocks_freed);
  if (totals.bytes_moved > 0)
    add(Figure::defrag_efficiency_ratio,
        static_cast<double>(totals.bytes_freed) / static_cast<double>(totals.bytes_moved));
  add(Figure::defrag_frag_before_ratio, totals.frag_before);
  add(Figure::defrag_frag_after_ratio, totals.frag_after);
}

DefragmentDriver::DefragmentDriver(Allocator& allocator, const Device& device, StrategyListener& listener,
                                   const AutoDefragment& automatic)
    : allocator_(allocator), device_(device), listener_(listener), automatic_(automatic), moved_(&allocator.memory()) {}

void DefragmentDriver::request(const DefragmentRequest& wanted) {
  const std::lock_guard lock(wanting_);
  wanted_ = wanted;
}

void DefragmentDriver::pause() {
  if (!defragmenter_ || defragmenter_->finished()) return;
  const std::lock_guard lock(wanting_);
  if (!wanted_) wanted_ = defragmenter_->request();
  defragmenter_->stop();
}

void DefragmentDriver::start_wanted(std::uint64_t frame) {
  std::optional<DefragmentRequest> wanted;
  {
    const std::lock_guard lock(wanting_);
    wanted = std::exchange(wanted_, std::nullopt);
  }
  const bool running = defragmenter_ && !defragmenter_->finished();
  if (!wanted && !running && automatic_.enabled && frame >= last_ + automatic_.frames &&
      allocator_.external_fragmentation() > automatic_.above)
    wanted = kAutomatic;
  if (!wanted) return;
  if (!defragmenter_) defragmenter_.emplace(allocator_);
  defragmenter_->start(*wanted);
  last_ = frame;
}

void DefragmentDriver::begin_frame(std::uint64_t frame) {
  start_wanted(frame);
  if (!defragmenter_) return;
  for (std::uint32_t i = 0; i < defragmenter_->request().passes_per_frame && !defragmenter_->finished(); ++i)
    if (!pass()) return;
}

bool DefragmentDriver::pass() {
  const DefragmentTotals before = defragmenter_->totals();
  WorkClock clock(device_);
  clock.start();
  VkResult result = defragmenter_->begin_pass();
  clock.stop();
  const VkResult waited = defragmenter_->wait_for_device(kNoTimeout);
  if (result == VK_SUCCESS) result = waited;
  clock.start();
  moved_.clear();
  const auto tell = [&] {
    for (const Moved& move : moved_) listener_.moved(move.user, move.after);
  };
  VkResult ended = VK_SUCCESS;
  try {
    ended = defragmenter_->end_pass(kNoTimeout, moved_);
  } catch (...) {
    tell();  // what moved lives elsewhere all the same
    throw;
  }
  clock.stop();
  if (result == VK_SUCCESS) result = ended;
  if (result != VK_SUCCESS) listener_.noticed({.kind = Notice::Kind::failed});
  tell();
  const DefragmentTotals& after = defragmenter_->totals();
  listener_.noticed({.kind = Notice::Kind::defragment_pass,
                     .bytes = after.bytes_moved - before.bytes_moved,
                     .limit = after.bytes_freed - before.bytes_freed,
                     .count = moved_.size(),
                     .ns = clock.ns()});
  return result == VK_SUCCESS;
}

}  // namespace vkmembench
