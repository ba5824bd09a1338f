#include "bench/replay/check/contents.h"

#include <algorithm>
#include <iterator>

namespace vkmembench {

std::vector<Contents::Extent> Contents::cut(const Ranges& ranges, Offset begin, Offset end) {
  std::vector<Extent> found;
  auto it = ranges.upper_bound(begin);
  if (it != ranges.begin()) --it;
  for (; it != ranges.end() && it->second.begin < end; ++it) {
    Extent extent = it->second;
    if (extent.end <= begin) continue;
    if (extent.begin < begin) {
      extent.pattern_offset += begin - extent.begin;
      extent.begin = begin;
    }
    extent.end = std::min(extent.end, end);
    found.push_back(extent);
  }
  return found;
}

void Contents::erase(Ranges& ranges, Offset begin, Offset end) {
  // What sticks out on either side of the erased range stays.
  std::vector<Extent> rest;
  auto it = ranges.upper_bound(begin);
  if (it != ranges.begin()) --it;
  while (it != ranges.end() && it->second.begin < end) {
    const Extent extent = it->second;
    if (extent.end <= begin) {
      ++it;
      continue;
    }
    it = ranges.erase(it);
    if (extent.begin < begin) rest.push_back({extent.begin, begin, extent.key, extent.pattern_offset});
    if (extent.end > end) rest.push_back({end, extent.end, extent.key, extent.pattern_offset + (end - extent.begin)});
  }
  for (const Extent& extent : rest) ranges[extent.begin] = extent;
}

void Contents::assign(Ranges& ranges, const Extent& extent) {
  erase(ranges, extent.begin, extent.end);
  ranges[extent.begin] = extent;
}

void Contents::written(ObjectIndex object, Offset offset, Bytes size) {
  const std::lock_guard lock(mutex_);
  assign(objects_[object], {offset, offset + size, object, offset});
}

void Contents::copied(ObjectIndex from, ObjectIndex to, Bytes size) {
  const std::lock_guard lock(mutex_);
  const std::vector<Extent> source = cut(objects_[from], 0, size);
  Ranges& target = objects_[to];
  erase(target, 0, size);
  for (const Extent& extent : source) target[extent.begin] = extent;
}

void Contents::truncated(ObjectIndex object, Bytes size) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(object);
  if (found != objects_.end()) erase(found->second, size, ~Offset{0});
}

void Contents::forget(ObjectIndex object) {
  const std::lock_guard lock(mutex_);
  objects_.erase(object);
}

void Contents::forget(ObjectIndex object, Offset begin, Offset end) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(object);
  if (found != objects_.end()) erase(found->second, begin, end);
}

std::vector<Contents::Extent> Contents::extents(ObjectIndex object, Offset offset, Bytes size) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(object);
  return found == objects_.end() ? std::vector<Extent>() : cut(found->second, offset, offset + size);
}

}  // namespace vkmembench
