#include "scenarios/recording/chronicle.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/trace/op_rules.h"
#include "scenarios/trace/shape_rules.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {
namespace {

constexpr std::string_view kNeverBound = "resources that were never bound";
constexpr std::string_view kSparse = "sparse resources, which are bound page by page";

// The recorded type and, where the host maps it, what it is by properties: writes and reads need to know.
MemoryChoice choice_of(std::uint32_t type, VkMemoryPropertyFlags flags) {
  constexpr std::uint32_t kUsual = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                   VK_MEMORY_PROPERTY_HOST_COHERENT_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
  MemoryChoice choice = MemoryUse::custom;
  choice.recorded_type = static_cast<std::int8_t>(type);
  if ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0) return choice;
  choice.required = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  choice.preferred = static_cast<std::uint16_t>(flags & kUsual & ~std::uint32_t{choice.required});
  choice.unwanted = static_cast<std::uint16_t>(kUsual & ~flags);
  return choice;
}

// Attachments that live in the tiles of a GPU alone are transient; whatever else one says of itself is not.
bool make_transient(Shape& shape) {
  constexpr std::uint32_t kTransient = VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT;
  constexpr std::uint32_t kAttachments = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT |
                                         VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
  if (!shape.image || (shape.usage & kTransient) == 0) return true;
  if ((shape.usage & ~(kAttachments | kTransient)) != 0) {
    shape.usage &= ~kTransient;
    return false;
  }
  shape.memory = MemoryUse::transient;
  return true;
}

Bytes bytes_of_texels(const Shape& shape, Bytes texels) {
  const FormatInfo& format = format_info(shape.format.front());
  const Bytes in_block = Bytes{format.block_width} * format.block_height;
  return (texels + in_block - 1) / in_block * format.block_bytes;
}

}  // namespace

Chronicle::Chronicle(const RecordSettings& settings, const VkPhysicalDeviceMemoryProperties& memory)
    : settings_(settings), memory_properties_(memory) {
  if (settings_.first_frame == 0) begin_writing();
}

// Threads beyond the lanes that a trace may have share lane 0, on which frames begin.
std::uint16_t Chronicle::lane_of(std::uint32_t thread) {
  const auto next = static_cast<std::uint16_t>(lanes_.size() < kMaxTraceLanes ? lanes_.size() : 0);
  return lanes_.try_emplace(thread, next).first->second;
}

Chronicle::Resource* Chronicle::find(bool image, std::uint64_t handle) {
  const Resources& resources = resources_[image ? 1 : 0];
  const auto found = resources.find(handle);
  return found == resources.end() ? nullptr : found->second.get();
}

Chronicle::Resource* Chronicle::find_written(bool image, std::uint64_t handle) {
  Resource* resource = find(image, handle);
  return resource != nullptr && resource->is_written ? resource : nullptr;
}

Chronicle::Memory* Chronicle::find_memory(std::uint64_t handle) {
  const auto found = memories_.find(handle);
  return found == memories_.end() ? nullptr : &found->second;
}

void Chronicle::leave_out(std::string_view what, std::uint64_t count) {
  const auto row = left_out_.find(what);
  if (row != left_out_.end())
    row->second += count;
  else
    left_out_.emplace(what, count);
}

std::vector<LeftOut> Chronicle::left_out() const {
  auto counts = left_out_;
  for (const Resources& resources : resources_) {
    for (const auto& [handle, resource] : resources)
      if (resource->memory == 0 && resource->object->id == 0)
        ++counts[std::string(is_sparse(resource->object->shape) ? kSparse : kNeverBound)];
  }
  std::vector<LeftOut> rows;
  for (const auto& [what, count] : counts) rows.push_back({what, count});
  return rows;
}

void Chronicle::take(CapturedCall& call) {
  switch (call.kind) {
    case CallKind::create:
      return create(call);
    case CallKind::destroy:
      return destroy(call);
    case CallKind::allocate:
      return allocate(call);
    case CallKind::give_back:
      return give_back(call);
    case CallKind::bind:
      return bind(call);
    case CallKind::map:
      if (Memory* memory = find_memory(call.other)) {
        memory->mapped_at = call.offset;
        memory->mapped = std::min(call.size, memory->size - std::min(call.offset, memory->size));
      }
      return;
    case CallKind::unmap:
      return unmap(call);
    case CallKind::flush:
      if (Memory* memory = find_memory(call.other)) memory->mapped = 0;  // what it writes it says itself
      return host_access(Op::write, call, call.offset, call.size);
    case CallKind::invalidate:
      return host_access(Op::read, call, call.offset, call.size);
    case CallKind::copy:
      return copy(call);
    case CallKind::upload:
      return upload(call);
    case CallKind::use:
      if (const Resource* resource = find_written(call.image, call.object))
        if (writes_) lines_.event(Op::touch, lane_of(call.thread), {.id = resource->object->id});
      return;
    case CallKind::rename:
      if (Resource* resource = find(call.image, call.object); resource != nullptr && !settings_.anonymize)
        resource->object->name = clean_text(call.more->text);
      return;
    case CallKind::submit:
    case CallKind::present:
    case CallKind::frame_boundary:
      return submit(call);
    case CallKind::leave_out:
      return leave_out(call.more->text);
  }
}

void Chronicle::create(CapturedCall& call) {
  if (call.image && call.more == nullptr) return;  // which a trace cannot say
  auto resource = std::make_unique<Resource>();
  resource->handle = call.object;
  WrittenObject& object = *resource->object;
  if (call.image) {
    object.shape = std::move(call.more->shape);
  } else {
    object.size = call.size;
    object.shape.usage = static_cast<std::uint32_t>(call.other);
    object.shape.flags = call.number;
  }
  std::unique_ptr<Resource>& place = resources_[call.image ? 1 : 0][call.object];
  if (place) forget(*place);
  place = std::move(resource);
}

void Chronicle::destroy(const CapturedCall& call) {
  Resources& resources = resources_[call.image ? 1 : 0];
  const auto found = resources.find(call.object);
  if (found == resources.end()) return;  // of a swapchain, or one that no trace can say
  std::unique_ptr<Resource> resource = std::move(found->second);
  resources.erase(found);
  resource->lane = lane_of(call.thread);
  forget(*resource);
}

// Of a resource that its program has destroyed.
void Chronicle::forget(Resource& resource) {
  if (resource.memory == 0 && resource.object->id == 0)
    leave_out(is_sparse(resource.object->shape) ? kSparse : kNeverBound);
  release(resource);
}

// Ends the life of a resource's memory in the trace, if it has any.
void Chronicle::release(Resource& resource) {
  if (Memory* memory = find_memory(resource.memory)) memory->ranges.remove(resource.offset, &resource);
  resource.memory = 0;
  if (!resource.is_written) return;
  if (writes_) lines_.event(Op::free, resource.lane, {.id = resource.object->id});
  written_.erase(resource.object->id);
  resource.is_written = false;
}

void Chronicle::allocate(const CapturedCall& call) {
  Memory memory;
  memory.size = call.size;
  memory.type = call.number;
  memory.order = ++last_memory_;
  if (call.more) memory.traits = call.more->traits;
  if (writes_) memory.block = lines_.block(memory.size, memory.type);
  memories_.insert_or_assign(call.other, std::move(memory));
}

void Chronicle::give_back(const CapturedCall& call) {
  const auto found = memories_.find(call.other);
  if (found == memories_.end()) return;
  Memory& memory = found->second;
  std::vector<Resource*> lost;
  memory.ranges.visit(0, ~Bytes{0}, [&](Resource& resource, Offset /*offset*/) { lost.push_back(&resource); });
  for (Resource* resource : lost) {
    resource->lane = lane_of(call.thread);
    release(*resource);
  }
  if (memory.block && writes_) lines_.block_freed(*memory.block);
  memories_.erase(found);
}

bool Chronicle::describe(Resource& resource, const Memory& memory) {
  WrittenObject& object = *resource.object;
  Shape& shape = object.shape;
  const bool is_known = memory.type < memory_properties_.memoryTypeCount;
  shape.memory = choice_of(memory.type, is_known ? memory_properties_.memoryTypes[memory.type].propertyFlags : 0);
  if (!make_transient(shape)) leave_out("usage transient_attachment of images with other usages");
  shape.dedicated = memory.traits.dedicated_to == resource.handle;
  shape.priority = memory.traits.priority;
  shape.export_handles = memory.traits.export_handles;
  shape.device_mask = memory.traits.device_mask;
  try {
    check_shape(shape);
  } catch (const Error& error) {
    leave_out(fmt::format("{} that a trace cannot say: {}", shape.image ? "images" : "buffers", error.what()));
    return false;
  }
  if (shape.image) object.size = packed_image_bytes(shape);
  if (object.size != 0 && object.size <= kMaxObjectBytes) return true;
  leave_out("buffers of 0 bytes, or of more than 2^60");
  return false;
}

// Makes the resource an alias of what lies there already, where a trace can say so.
void Chronicle::share_memory(Resource& resource, const Memory& memory) {
  WrittenObject& object = *resource.object;
  const Offset end = resource.offset + object.size;
  const Resource* target = nullptr;
  bool overlaps = false;
  memory.ranges.visit(resource.offset, resource.required, [&](const Resource& other, Offset begin) {
    if (!other.is_written) return;
    overlaps = true;
    if (target == nullptr && begin <= resource.offset && end <= other.end &&
        other.object->shape.export_handles == object.shape.export_handles)
      target = &other;
  });
  object.alias_of = target == nullptr ? 0 : target->object->id;
  object.alias_offset = target == nullptr ? 0 : resource.offset - target->offset;
  resource.end = target == nullptr ? end : target->end;
  if (overlaps && target == nullptr && writes_)
    leave_out("overlaps with something smaller in memory (both get memory of their own)");
}

void Chronicle::bind(const CapturedCall& call) {
  Resource* resource = find(call.image, call.object);
  Memory* memory = find_memory(call.other);
  if (resource == nullptr || memory == nullptr || resource->object->id != 0) return;  // planes come one by one
  resource->memory = call.other;
  resource->offset = call.offset;
  resource->required = call.size;
  resource->lane = lane_of(call.thread);
  resource->object->id = ++last_id_;
  if (!describe(*resource, *memory)) {
    resource->memory = 0;
    return;
  }
  memory->ranges.add(resource->offset, resource->required, resource);
  written_.emplace(resource->object->id, resource);
  write_creation(*resource, *memory);
}

void Chronicle::write_creation(Resource& resource, const Memory& memory) {
  share_memory(resource, memory);
  resource.is_written = true;
  if (writes_) lines_.creation(resource.lane, resource.object, *memory.block, resource.offset);
}

// What the host fills or looks at of the objects that lie in a range of memory.
void Chronicle::host_access(Op op, const CapturedCall& call, Offset offset, Bytes size) {
  const Memory* memory = find_memory(call.other);
  if (memory == nullptr || !writes_) return;
  size = std::min(size, memory->size - std::min(offset, memory->size));
  memory->ranges.visit(offset, size, [&](const Resource& resource, Offset begin) {
    const WrittenObject& object = *resource.object;
    const Offset from = offset > begin ? offset - begin : 0;
    if (from >= object.size || !why_unfit(op, object.shape).empty()) return;
    const Bytes bytes = std::min(object.size, offset + size - begin) - from;
    lines_.event(op, lane_of(call.thread), {.id = object.id, .offset = from, .size = bytes});
  });
}

// Memory that needs no flush was written between map and unmap, as far as one can tell where it is one object's alone.
void Chronicle::unmap(const CapturedCall& call) {
  Memory* memory = find_memory(call.other);
  if (memory == nullptr) return;
  const Offset offset = memory->mapped_at;
  const Bytes size = std::exchange(memory->mapped, 0);
  const bool is_coherent =
      memory->type < memory_properties_.memoryTypeCount &&
      (memory_properties_.memoryTypes[memory->type].propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0;
  if (size == 0 || !is_coherent) return;
  std::uint32_t mapped = 0;
  memory->ranges.visit(offset, size, [&](const Resource& /*resource*/, Offset /*begin*/) { ++mapped; });
  if (mapped == 1) return host_access(Op::write, call, offset, size);
  if (mapped > 1) leave_out("writes into mapped memory of several objects");
}

void Chronicle::copy(const CapturedCall& call) {
  const Resource* from = find_written(false, call.object);
  const Resource* to = find_written(false, call.other);
  if (from == nullptr || to == nullptr || from == to || !writes_) return;
  const WrittenObject& source = *from->object;
  const WrittenObject& target = *to->object;
  if (!why_unfit(Op::copy, source.shape).empty() || !why_unfit(Op::copy, target.shape).empty())
    return leave_out("copies of what a trace does not copy");
  const Bytes size = std::min({call.size, source.size, target.size});
  if (size != 0) lines_.event(Op::copy, lane_of(call.thread), {.id = source.id, .to = target.id, .size = size});
}

void Chronicle::upload(const CapturedCall& call) {
  const Resource* resource = find_written(call.image, call.object);
  if (resource == nullptr || !writes_) return;
  const WrittenObject& object = *resource->object;
  const std::uint16_t lane = lane_of(call.thread);
  const Bytes size = std::min(call.image ? bytes_of_texels(object.shape, call.size) : call.size, object.size);
  if (size == 0 || !why_unfit(Op::upload, object.shape).empty())
    return lines_.event(Op::touch, lane, {.id = object.id});
  lines_.event(Op::upload, lane, {.id = object.id, .size = size});
}

void Chronicle::submit(const CapturedCall& call) {
  const CallKind kind = call.kind;
  switch (settings_.frame_on) {
    case FrameOn::seconds:
      return;
    case FrameOn::submit:
      if (kind == CallKind::submit) end_frame();
      return;
    case FrameOn::present:
      if (kind == CallKind::present) end_frame();
      return;
    case FrameOn::automatic:
      frame_by_ = std::max(frame_by_, kind);
      if (kind == frame_by_) end_frame();
      return;
  }
}

void Chronicle::end_frame() {
  if (is_over_) return;
  if (frame_ == settings_.last_frame) {
    is_over_ = true;
    writes_ = false;
    return;
  }
  ++frame_;
  if (frame_ == settings_.first_frame) return begin_writing();
  if (writes_) lines_.event(Op::frame, 0);
}

// What lives by now is created in the first frame that is written.
void Chronicle::begin_writing() {
  writes_ = true;
  lines_.event(Op::frame, 0);
  std::vector<std::pair<std::uint64_t, Memory*>> held;
  for (auto& [handle, memory] : memories_) held.emplace_back(memory.order, &memory);
  std::ranges::sort(held);
  for (auto& [order, memory] : held) memory->block = lines_.block(memory->size, memory->type);
  for (auto& [id, resource] : written_) resource->is_written = false;  // what they share may be gone: they share anew
  for (auto& [id, resource] : written_) write_creation(*resource, *find_memory(resource->memory));
}

}  // namespace vkmembench
