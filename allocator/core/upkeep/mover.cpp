#include "allocator/core/upkeep/mover.h"

#include <algorithm>
#include <new>

#include "allocator/base/check.h"
#include "allocator/transfer/copies.h"

namespace vkmembench {
namespace {

constexpr std::uint32_t kSlots = 2;  // one submission may still run while the next is recorded

}  // namespace

VkBufferCreateInfo buffer_info(const AllocationRecord& record) {
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = record.asked;
  info.usage = record.description;
  return info;
}

bool can_move(const Range& range, const ImageDescriptions& images) {
  const AllocationRecord& record = record_of(range);
  if (record.resource == 0 || record.stays() || motion_of(range).move != RangeMove::none) return false;
  if (record.image) {
    constexpr VkImageUsageFlags kBoth = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    return !motion_of(range).has_contents || (images.at(record.description).usage & kBoth) == kBoth;
  }
  constexpr VkBufferUsageFlags kBoth = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  return (record.description & kBoth) == kBoth;
}

Mover::Mover(Allocator& allocator)
    : parts_(allocator.parts()), ring_(parts_.device(), kSlots), pending_(&parts_.memory) {}

Mover::~Mover() {
  ring_.settle();
  for (const Pending& move : pending_) undo(move);
}

bool Mover::can_move(const Allocation& allocation) const {
  return vkmembench::can_move(*parts_.residents.live_range(allocation), parts_.images);
}

Expected<std::uint64_t> Mover::create(const AllocationRecord& record) const {
  if (record.image) return create_resource(parts_.device(), parts_.images.at(record.description));
  return create_resource(parts_.device(), buffer_info(record));
}

void Mover::destroy(bool image, std::uint64_t resource) const { destroy_resource(parts_.device(), resource, image); }

VkResult Mover::add(Range* from, Range* to) {
  VKMEMBENCH_CHECK(
      to->state == RangeState::used && record_of(*to).resource == 0 && to->size >= record_of(*from).requested,
      "a move goes to a range claimed for it");
  VkResult result = VK_ERROR_FEATURE_NOT_PRESENT;
  if (vkmembench::can_move(*from, parts_.images)) {
    AllocationRecord record = record_of(*from);
    const Expected<std::uint64_t> resource = create(record);
    result = resource.result();
    if (resource) {
      record.resource = *resource;
      result = start(from, to, record);
      if (result == VK_SUCCESS) return result;
      destroy(record.image, record.resource);
    }
  }
  parts_.residents.vacate(to);
  return result;
}

VkResult Mover::add(const Allocation& allocation, const MoveTarget& target) {
  Range* from = parts_.residents.live_range(allocation);
  if (!vkmembench::can_move(*from, parts_.images)) return VK_ERROR_FEATURE_NOT_PRESENT;
  AllocationRecord record = record_of(*from);
  if (target.size != 0 && !record.image) record.asked = target.size;
  record.memory = target.memory.use;
  const Expected<std::uint64_t> resource = create(record);
  if (!resource) return resource.result();

  const MemoryRequest request{.memory = target.memory, .alignment = Bytes{1} << from->alignment_log2};
  const auto claim = [&](const Requirements& requirements, const MemoryFor& to, bool optimal) {
    AllocationRecord claimed = record;
    claimed.resource = 0;
    return parts_.suballocator.allocate({requirements, request, to, optimal, 0}, claimed);
  };
  Expected<Range*> to = VK_ERROR_UNKNOWN;
  if (record.image) {
    const bool optimal = parts_.images.at(record.description).tiling == VK_IMAGE_TILING_OPTIMAL;
    const VkImage image = image_of(*resource);
    to = claim(parts_.requirements.of_image(image), {VK_NULL_HANDLE, image}, optimal);
  } else {
    const VkBuffer buffer = buffer_of(*resource);
    to = claim(parts_.requirements.of_buffer(buffer, buffer_info(record)), {buffer, VK_NULL_HANDLE}, false);
  }
  VkResult result = to.result();
  if (to) {
    record.resource = *resource;
    record.requested = record_of(**to).requested;
    record.fallback = record_of(**to).fallback;
    result = start(from, *to, record);
    if (result == VK_SUCCESS) return result;
  }
  destroy(record.image, *resource);
  if (to) parts_.residents.vacate(*to);
  return result;
}

VkResult Mover::start(Range* from, Range* to, const AllocationRecord& record) {
  try {
    pending_.push_back({from, to, record});
  } catch (const std::bad_alloc&) {
    return VK_ERROR_OUT_OF_HOST_MEMORY;
  }
  const VkResult result = prepare(pending_.back());
  if (result != VK_SUCCESS) pending_.pop_back();
  return result;
}

// Binds the new resource and records the copy.
VkResult Mover::prepare(const Pending& move) {
  const AllocationRecord& record = move.record;
  const VkResult bound =
      bind_resource(parts_.device(), record.resource, record.image, block_of(*move.to).memory, move.to->offset);
  if (bound != VK_SUCCESS) return bound;
  // Also where nothing is to be copied: the fence says when the device is through with the old resource.
  const Expected<VkCommandBuffer> commands = ring_.commands(0);
  if (!commands) return commands.result();
  if (!record.image || motion_of(*move.from).has_contents) record_copy(*commands, *move.from, record);
  motion_of(*move.from).move = RangeMove::leaving;
  return VK_SUCCESS;
}

void Mover::record_copy(VkCommandBuffer commands, const Range& from, const AllocationRecord& to) const {
  const Device& device = parts_.device();
  if (to.image) {
    record_image_copy(device, commands, image_of(record_of(from).resource), image_of(to.resource),
                      parts_.images.at(to.description));
    return;
  }
  record_buffer_copy(device, commands, buffer_of(record_of(from).resource), buffer_of(to.resource),
                     {0, 0, std::min(record_of(from).asked, to.asked)});
}

VkResult Mover::submit() {
  const VkResult result = ring_.submit();
  if (result == VK_SUCCESS) {
    submitted_ = pending_.size();
    return result;
  }
  for (; pending_.size() > submitted_; pending_.pop_back()) undo(pending_.back());
  return result;
}

// What was moved may be written again after a failure, and the copies do not have that: they are of no use later.
VkResult Mover::wait_for_device(std::uint64_t timeout_ns) {
  const VkResult result = ring_.wait_all(timeout_ns);
  if (result == VK_SUCCESS || result == VK_TIMEOUT) return result;
  ring_.settle();
  for (std::size_t i = 0; i < submitted_; ++i) undo(pending_[i]);
  dropped_ += submitted_;
  forget_submitted();
  return result;
}

void Mover::forget_submitted() {
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(submitted_));
  submitted_ = 0;
}

VkResult Mover::wait(std::uint64_t timeout_ns, std::pmr::vector<Moved>& moved) {
  if (const VkResult result = wait_for_device(timeout_ns); result != VK_SUCCESS) return result;
  moved.reserve(moved.size() + submitted_);
  parts_.residents.collect();  // while what is destroyed can still be told by its old range
  for (std::size_t i = 0; i < submitted_; ++i) commit(pending_[i], moved);
  forget_submitted();
  return VK_SUCCESS;
}

void Mover::commit(const Pending& move, std::pmr::vector<Moved>& moved) {
  Range* from = move.from;
  if (motion_of(*from).move == RangeMove::abandoned || record_of(*from).stays()) {
    undo(move);
    ++dropped_;
    return;
  }
  AllocationRecord record = record_of(*from);  // used and marked meanwhile, perhaps
  record.resource = move.record.resource;
  record.asked = move.record.asked;
  record.requested = move.record.requested;
  record.memory = move.record.memory;
  record.fallback = move.record.fallback;
  parts_.residents.kinds().resized(record.kind, record_of(*from).requested, record.requested);
  block_of(*move.to).pool->settle(move.to, record);
  motion_of(*move.to).has_contents = motion_of(*from).has_contents;
  motion_of(*from).move = RangeMove::none;
  moved.push_back({record.user, Residents::allocation_of(from), Residents::allocation_of(move.to)});
  destroy(record.image, record_of(*from).resource);
  parts_.residents.vacate(from);
}

void Mover::undo(const Pending& move) {
  destroy(move.record.image, move.record.resource);
  parts_.residents.vacate(move.to);
  const bool abandoned = motion_of(*move.from).move == RangeMove::abandoned;
  motion_of(*move.from).move = RangeMove::none;
  if (!abandoned) return;
  destroy(record_of(*move.from).image, record_of(*move.from).resource);
  parts_.residents.release(move.from, record_of(*move.from).resource);
}

}  // namespace vkmembench
