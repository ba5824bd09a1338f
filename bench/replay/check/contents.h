#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "allocator/base/bytes.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// What each byte of each live object should hold: ranges of the pattern of some object. Safe from any thread.
class Contents {
 public:
  struct Extent {
    Offset begin = 0;
    Offset end = 0;
    std::uint64_t key = 0;      // of the pattern
    Offset pattern_offset = 0;  // of byte `begin`
  };

  // The object's bytes [offset, offset + size) carry the object's own pattern from now on.
  void written(ObjectIndex object, Offset offset, Bytes size);
  // The first `size` bytes of `to` carry what those of `from` carry.
  void copied(ObjectIndex from, ObjectIndex to, Bytes size);
  // The object ends at `size`.
  void truncated(ObjectIndex object, Bytes size);
  void forget(ObjectIndex object);
  void forget(ObjectIndex object, Offset begin, Offset end);
  // Known ranges within [offset, offset + size), in order.
  [[nodiscard]] std::vector<Extent> extents(ObjectIndex object, Offset offset, Bytes size) const;

 private:
  using Ranges = std::map<Offset, Extent>;  // by begin
  static void assign(Ranges& ranges, const Extent& extent);
  static void erase(Ranges& ranges, Offset begin, Offset end);
  static std::vector<Extent> cut(const Ranges& ranges, Offset begin, Offset end);

  mutable std::mutex mutex_;
  std::unordered_map<ObjectIndex, Ranges> objects_;
};

}  // namespace vkmembench
