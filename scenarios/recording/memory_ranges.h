#pragma once

#include <map>

#include "allocator/base/bytes.h"

namespace vkmembench {

// What lies where in one piece of memory; things may overlap.
template <typename Thing>
class MemoryRanges {
 public:
  void add(Offset offset, Bytes size, Thing* thing) {
    longest_ = size > longest_ ? size : longest_;
    ranges_.emplace(offset, Range{size, thing});
  }
  // Requires one that was added there.
  void remove(Offset offset, const Thing* thing) {
    auto [row, last] = ranges_.equal_range(offset);
    while (row != last && row->second.thing != thing) ++row;
    if (row != last) ranges_.erase(row);
  }
  // Calls visit(thing, its offset) for what has a byte in the range, in the order of offsets.
  template <typename Visit>
  void visit(Offset offset, Bytes size, Visit visit) const {
    const Offset end = size > ~offset ? ~Offset{0} : offset + size;
    for (auto row = ranges_.lower_bound(offset > longest_ ? offset - longest_ : 0);
         row != ranges_.end() && row->first < end; ++row) {
      if (row->first + row->second.size > offset) visit(*row->second.thing, row->first);
    }
  }

 private:
  struct Range {
    Bytes size = 0;
    Thing* thing = nullptr;
  };
  std::multimap<Offset, Range> ranges_;
  Bytes longest_ = 0;  // of all that ever were there
};

}  // namespace vkmembench
