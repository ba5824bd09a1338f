#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "allocator/device/memory_use.h"
#include "allocator/seam/allocation.h"

namespace vkmembench {

// A few disjoint ranges of bytes.
class ByteRanges {
 public:
  void add(Offset begin, Offset end) {
    remove(begin, end);
    ranges_.push_back({begin, end});
  }
  void remove(Offset begin, Offset end) {
    for (std::size_t i = ranges_.size(); i-- > 0;) {
      const Range range = ranges_[i];
      if (range.end <= begin || end <= range.begin) continue;
      ranges_.erase(ranges_.begin() + static_cast<std::ptrdiff_t>(i));
      if (range.begin < begin) ranges_.push_back({range.begin, begin});
      if (end < range.end) ranges_.push_back({end, range.end});
    }
  }
  [[nodiscard]] bool meets(Offset begin, Offset end) const {
    return std::ranges::any_of(ranges_, [&](const Range& range) { return range.begin < end && begin < range.end; });
  }

 private:
  struct Range {
    Offset begin;
    Offset end;
  };
  std::vector<Range> ranges_;
};

// What a strategy was asked and told of a live allocation by its caller, and what it answered: for Checked to
// say who broke a promise.
struct Asked {
  Allocation allocation = {};
  std::uint64_t user = 0;
  Bytes alignment = 0;
  MemoryChoice memory = {};
  bool evictable = false;
  bool shared = false;        // as asked for
  bool own_memory = false;    // likewise
  bool has_contents = false;  // as told
  bool moved = false;
  bool was_mapped = false;
  std::uint32_t maps = 0;           // not yet undone
  Offset shared_end = 0;            // of an alias: where the memory ends that it shares
  ByteRanges unflushed = {};        // written by the host since
  ByteRanges not_invalidated = {};  // written by the device since
};

}  // namespace vkmembench
