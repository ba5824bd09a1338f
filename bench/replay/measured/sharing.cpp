#include "bench/replay/measured/sharing.h"

#include <algorithm>

namespace vkmembench {
namespace {

bool is_optimal(const Shape& shape) { return shape.image && shape.tiling == VK_IMAGE_TILING_OPTIMAL; }

// What a write takes along in that memory type.
Bytes host_unit(const DeviceInfo& device, std::uint32_t memory_type) {
  constexpr VkMemoryPropertyFlags kBoth = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  const VkMemoryPropertyFlags flags = device.memory.memoryTypes[memory_type].propertyFlags;
  return (flags & kBoth) == VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT ? device.limits.nonCoherentAtomSize : 1;
}

}  // namespace

Sharing::Sharing(const Trace& trace) {
  if (!trace.has_aliases) return;
  for (const Event& event : trace.events) {
    if (!event.is_alias()) continue;
    const auto [target, is_new] = group_of_.try_emplace(event.alias(), static_cast<std::uint32_t>(groups_.size()));
    if (is_new) groups_.push_back({event.alias()});
    const std::uint32_t group = target->second;
    group_of_.emplace(event.object, group);
    groups_[group].push_back(event.object);
  }
}

std::span<const ObjectIndex> Sharing::with(ObjectIndex object) const {
  const auto group = groups_.empty() ? group_of_.end() : group_of_.find(object);
  if (group == group_of_.end()) return {};
  return groups_[group->second];
}

std::vector<Sharing::Overlap> Sharing::overlapped(ObjectIndex object, Offset offset, Bytes size, const Trace& trace,
                                                  const std::vector<ReplayObject>& objects, const DeviceInfo& device) {
  std::vector<Overlap> found;
  std::vector<ObjectIndex>& group = groups_[group_of_.at(object)];
  std::erase_if(group, [&](ObjectIndex member) { return objects[member].state == ObjectState::freed; });
  const Shape& shape = trace.shape_of(object);
  const Allocation& place = objects[object].allocation;
  const Offset written = shape.image ? place.offset : place.offset + offset;
  const Offset written_end = shape.image ? place.offset + place.charged : written + size;
  const Bytes page = std::max<Bytes>(device.limits.bufferImageGranularity, 1);
  const Bytes atom = host_unit(device, place.memory_type);
  for (const ObjectIndex other : group) {
    const ReplayObject& entry = objects[other];
    const Allocation& there = entry.allocation;
    if (other == object || entry.state != ObjectState::live || there.memory != place.memory) continue;
    const Bytes unit = is_optimal(shape) == is_optimal(trace.shape_of(other)) ? atom : std::max(atom, page);
    const Offset begin = std::max(align_down(written, unit), there.offset);
    const Offset end = std::min(align_up(written_end, unit), there.offset + there.charged);
    if (begin < end) found.push_back({other, begin - there.offset, end - there.offset});
  }
  return found;
}

}  // namespace vkmembench
