#pragma once

#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <vector>

#include "allocator/base/os/clock.h"
#include "allocator/core/upkeep/defragmenter.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// Nanoseconds of a strategy's own work: the device's modelled time where that is the clock, else ticks.
class WorkClock {
 public:
  explicit WorkClock(const Device& device);
  void start() { started_ = now(); }
  void stop() { ticks_ += now() - started_; }
  [[nodiscard]] std::uint64_t ns() const { return model_ns_ != nullptr ? ticks_ : rate_->to_ns(ticks_); }

 private:
  [[nodiscard]] std::uint64_t now() const { return model_ns_ != nullptr ? *model_ns_ : read_ticks(); }
  const std::uint64_t* model_ns_;
  const TickRate* rate_;
  std::uint64_t started_ = 0;
  std::uint64_t ticks_ = 0;
};

// `defrag.*`; nothing when no pass was made.
void add_figures(const DefragmentTotals& totals, std::vector<StrategyFigure>& figures);

// When a defragmentation starts that nobody asked for.
struct AutoDefragment {
  bool enabled = false;
  double above = 0.30;           // external fragmentation,
  std::uint32_t frames = 18000;  // and frames since the last, or since the beginning
};

// Makes a Defragmenter's passes for a strategy: some in each frame, waiting for each, and starts one by itself when
// memory is scattered.
class DefragmentDriver {
 public:
  // Requires a listener that outlives it, and an allocator likewise.
  DefragmentDriver(Allocator& allocator, const Device& device, StrategyListener& listener,
                   const AutoDefragment& automatic);

  // From the next frame on, in place of what runs. From any thread.
  void request(const DefragmentRequest& wanted);
  void begin_frame(std::uint64_t frame);
  // What runs begins anew with the next frame; until then the allocator is as if none ran.
  void pause();
  [[nodiscard]] DefragmentTotals totals() const { return defragmenter_ ? defragmenter_->totals() : DefragmentTotals{}; }

 private:
  void start_wanted(std::uint64_t frame);
  [[nodiscard]] bool pass();  // false when the device failed: its moves are not made

  Allocator& allocator_;
  Device device_;
  StrategyListener& listener_;
  AutoDefragment automatic_;
  std::optional<Defragmenter> defragmenter_;  // made when first needed
  std::mutex wanting_;
  std::optional<DefragmentRequest> wanted_;
  std::uint64_t last_ = 0;  // frame of the last start
  std::pmr::vector<Moved> moved_;
};

}  // namespace vkmembench
