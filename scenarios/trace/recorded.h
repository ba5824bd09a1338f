#pragma once

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

// Limits of a device that decide where allocations go, by Vulkan's names.
inline constexpr std::array<std::string_view, 4> kRecordedLimits = {
    "bufferImageGranularity", "maxMemoryAllocationCount", "maxMemoryAllocationSize", "nonCoherentAtomSize"};

// The device that a trace was recorded on, as far as its recorder tells.
struct RecordedDevice {
  std::string name;
  std::string api_version;  // "1.3.277"; empty: not told
  std::uint32_t vendor_id = 0;
  std::uint32_t device_id = 0;
  VkPhysicalDeviceMemoryProperties memory{};                   // no heaps and types: not told
  std::array<std::uint64_t, kRecordedLimits.size()> limits{};  // 0: not told
};

// One VkDeviceMemory of the recorded program, or of what stands for it.
struct RecordedBlock {
  Bytes size = 0;
  std::uint32_t type = kNoType;           // index into the recorded device's memory types
  std::uint32_t from_event = 0;           // it was there before this event
  std::uint32_t until_event = kToTheEnd;  // and gone before this one
  std::uint32_t until_blocks = kNotTold;  // and as many blocks had been allocated when it went
  static constexpr std::uint32_t kNoType = ~std::uint32_t{0};
  static constexpr std::uint32_t kNotTold = ~std::uint32_t{0};
  static constexpr std::uint32_t kToTheEnd = ~std::uint32_t{0};
};

// Where an object lay in the recorded program from an event on.
struct RecordedPlacement {
  std::uint32_t event = 0;
  std::uint32_t object = 0;  // ObjectIndex of one that the event names
  std::uint32_t block = 0;
  Offset offset = 0;
};

// What of a recording the trace does not say, and how often it came.
struct LeftOut {
  std::string what;
  std::uint64_t count = 0;
};

// What a trace tells of the program that it was recorded from. No strategy sees it, and it is not hashed.
struct Recorded {
  std::string recorder;  // the program that wrote it, with its version; empty: nobody recorded the trace
  std::optional<RecordedDevice> device;
  std::vector<RecordedBlock> blocks;
  std::vector<RecordedPlacement> placements;  // in the order of their events
  std::vector<LeftOut> left_out;              // by what
};

}  // namespace vkmembench
