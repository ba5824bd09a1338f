#include "bench/replay/measured/changes.h"

#include "allocator/base/check.h"

namespace vkmembench {

void Changes::changed(std::uint64_t position, ObjectIndex object, ChangeKind kind, const Allocation& after) {
  ReplayObject& entry = context_.recording.objects[object];
  const std::lock_guard lock(mutex_);
  context_.recording.changes.push_back({.position = position,
                                        .stamp = context_.uses_done != nullptr ? read_ticks() : 0,
                                        .object = object,
                                        .kind = kind,
                                        .before = entry.allocation,
                                        .after = after});
  entry.allocation = after;
  if (kind == ChangeKind::moved || kind == ChangeKind::resized) entry.device_wrote = true;  // by a copy of its contents
}

void Changes::moved(std::uint64_t user, const Allocation& after) {
  const auto object = static_cast<ObjectIndex>(user - 1);
  VKMEMBENCH_CHECK(
      object < context_.recording.objects.size() && context_.recording.objects[object].state == ObjectState::live,
      "only a live object moves");
  changed(position(), object, ChangeKind::moved, after);
}

void Changes::evicted(std::uint64_t user) {
  const auto object = static_cast<ObjectIndex>(user - 1);
  ReplayObject& entry = context_.recording.objects[object];
  VKMEMBENCH_CHECK(entry.state == ObjectState::live, "only a live object is evicted");
  VKMEMBENCH_CHECK(context_.trace.shape_of(object).evictable, "only what is marked evictable is evicted");
  changed(position(), object, ChangeKind::evicted, {});
  entry.state = ObjectState::evicted;
  --context_.recording.lanes[0].live_count;  // in begin_frame, or with no other thread
  entry.has_layout = entry.device_wrote = entry.bound = false;
  if (context_.contents != nullptr) context_.contents->forget(object);
}

void Changes::noticed(const Notice& notice) {
  if (context_.stop.raised()) return;
  const std::lock_guard lock(mutex_);
  context_.recording.notices.push_back({position(), notice});
  if (notice.kind == Notice::Kind::defragment_pass)
    context_.recording.lanes[0].latency[static_cast<std::size_t>(Operation::defrag_pass)].add(notice.ns);
}

}  // namespace vkmembench
