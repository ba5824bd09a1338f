#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "allocator/seam/allocation.h"
#include "bench/replay/record/recording.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// Which objects of a trace ask for the same memory: owners with their aliases. Where they lie a strategy says.
class Sharing {
 public:
  Sharing() = default;
  explicit Sharing(const Trace& trace);

  [[nodiscard]] bool contains(ObjectIndex object) const { return !groups_.empty() && group_of_.contains(object); }
  // Of what shares with the object, itself among them, all but what is known to be freed.
  [[nodiscard]] std::span<const ObjectIndex> with(ObjectIndex object) const;

  // Bytes of an object that lie in memory where another one's are.
  struct Overlap {
    ObjectIndex object = kNoObject;
    Offset begin = 0;
    Offset end = 0;
  };
  // What live objects have of what is written to these bytes of another, whose memory the device treats as one: pages
  // of bufferImageGranularity between linear and optimal resources, atoms where the host flushes. To an image
  // everything is written. Requires that nobody changes the objects meanwhile.
  [[nodiscard]] std::vector<Overlap> overlapped(ObjectIndex object, Offset offset, Bytes size, const Trace& trace,
                                                const std::vector<ReplayObject>& objects, const DeviceInfo& device);

 private:
  std::vector<std::vector<ObjectIndex>> groups_;  // in the order of creation
  std::unordered_map<ObjectIndex, std::uint32_t> group_of_;
};

}  // namespace vkmembench
