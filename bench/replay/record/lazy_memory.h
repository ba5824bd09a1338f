#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "allocator/device/device.h"
#include "allocator/device/layers/recording_layer.h"
#include "bench/replay/record/recording.h"

namespace vkmembench {

// How much of the lazily allocated memory that a strategy holds the driver has given it: looked at when a frame or the
// trace ends. Costs nothing on a device without such memory.
class LazyMemory {
 public:
  // Asks this device, whose calls count for nobody. Requires one that outlives it.
  explicit LazyMemory(const Device& device);

  // Takes in what came and went since the last look, and asks about what is there. Requires the same records each time,
  // none of which loses events, and that nobody changes them meanwhile.
  void look(const std::vector<const CallRecord*>& records);

  [[nodiscard]] bool is_there() const { return is_there_; }
  [[nodiscard]] const LazyPeaks& peaks() const { return peaks_; }

 private:
  void take(const MemoryEvent& event);

  const Device& device_;
  bool is_there_ = false;
  std::vector<std::size_t> seen_;  // events of each record
  // What is behind a handle, which may come again for other memory. Lanes are seen one after the other, so a free may
  // come before its allocation.
  struct Block {
    int count = 0;           // allocations less frees
    MemoryEvent allocation;  // the last one
  };
  std::unordered_map<VkDeviceMemory, Block> blocks_;
  LazyPeaks peaks_;
};

}  // namespace vkmembench
