#include "scenarios/recording/chronicle.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/trace/heap_names.h"
#include "scenarios/trace/op_rules.h"
#include "scenarios/trace/recorded_memory.h"
#include "scenarios/trace/shape_rules.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {
namespace {

constexpr std::string_view kNeverBound = "resources that were never bound";

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

Bytes bytes_of_texels(const Shape& shape, const CapturedCall& upload) {
  const FormatInfo& format = format_info(shape.format.front());
  if (format.plane_count > 1)
    return upload.size * format.planes[0].block_bytes + upload.offset * format.planes[1].block_bytes +
           upload.other * format.planes[2].block_bytes;
  const Bytes in_block = Bytes{format.block_width} * format.block_height;
  return (upload.size + in_block - 1) / in_block * format.block_bytes;
}

// Of all mips, planes and layers.
Bytes texels_of(const Shape& shape) {
  const FormatInfo& format = format_info(shape.format.front());
  Bytes texels = 0;
  for (std::uint32_t plane = 0; format.plane_count > 1 && plane < format.plane_count; ++plane)
    texels += packed_plane_bytes(shape, plane) / format.planes[plane].block_bytes;
  for (std::uint32_t mip = 0; format.plane_count == 1 && mip < shape.mips; ++mip)
    texels += Bytes{std::max(1u, shape.extent.width >> mip)} * std::max(1u, shape.extent.height >> mip) *
              std::max(1u, shape.extent.depth >> mip) * shape.layers;
  return texels;
}

std::vector<PageRun> runs_of(const CapturedCall& call, const Shape& shape, const ImagePages& image) {
  if (call.kind == CallKind::bind_texels)
    return image.page == 0 ? std::vector<PageRun>() : page_runs(shape, image, call.more->texels);
  const VkSparseMemoryBind& bind = call.more->pages;
  if (image.page != 0) return page_runs(shape, image, bind);
  return {{bind.resourceOffset, bind.size, bind.memoryOffset}};
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

std::vector<LeftOut> Chronicle::left_out(bool to_the_end) const {
  auto counts = left_out_;
  for (const Resources& resources : resources_) {
    for (const auto& [handle, resource] : resources)
      if (to_the_end && resource->memory == 0 && resource->object->id == 0) ++counts[std::string(kNeverBound)];
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
    case CallKind::bind_plane:
      return bind_plane(call);
    case CallKind::bind_pages:
    case CallKind::bind_texels:
      return bind_pages(call);
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
    case CallKind::copy_texels:
      return copy_texels(call);
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
    case CallKind::budget:
      return note_budget(call.number, call.size);
    case CallKind::leave_out:
      return leave_out(call.more->text, std::max<std::uint64_t>(call.size, 1));
  }
}

void Chronicle::create(CapturedCall& call) {
  if (call.image && call.more == nullptr) return;  // which a trace cannot say
  auto resource = std::make_unique<Resource>();
  resource->handle = call.object;
  WrittenObject& object = *resource->object;
  if (call.image) {
    object.op = Op::image;
    object.shape = std::move(call.more->shape);
  } else {
    object.size = call.size;
    object.shape.usage = static_cast<std::uint32_t>(call.other);
    object.shape.flags = call.number;
  }
  if (is_bound_in_parts(object.shape)) {
    resource->parts = std::make_unique<Parts>();
    if (call.image) resource->parts->image = call.more->image_pages;
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
  if (resource.memory == 0 && resource.object->id == 0) leave_out(kNeverBound);
  if (resource.parts) {
    for (const auto& [at, part] : resource.parts->rows) {
      part->lane = resource.lane;
      release(*part);
    }
    resource.parts->rows.clear();
  }
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
    // A plane is bound once and for all.
    if (resource->object->op == Op::sparse_bind) resource->owner->parts->rows.erase(resource->object->part_at);
  }
  if (memory.block && writes_) lines_.block_freed(*memory.block);
  memories_.erase(found);
}

bool Chronicle::describe(Resource& resource, const Memory& memory) {
  WrittenObject& object = *resource.object;
  Shape& shape = object.shape;
  const bool is_known = memory.type < memory_properties_.memoryTypeCount;
  shape.memory = recorded_memory(memory.type, is_known ? memory_properties_.memoryTypes[memory.type].propertyFlags : 0);
  if (!make_transient(shape)) leave_out("usage transient_attachment of images with other usages");
  shape.priority = memory.traits.priority;
  if (!resource.parts) {
    shape.dedicated = memory.traits.dedicated_to == resource.handle;
    shape.export_handles = memory.traits.export_handles;
  } else if (memory.traits.export_handles != 0) {
    leave_out("exports of memory for parts of resources");
  }
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

// Makes the resource an alias of what lies there already, where a trace can say so. False where it lies over something
// and cannot.
bool Chronicle::share_memory(Resource& resource, const Memory& memory) {
  WrittenObject& object = *resource.object;
  const Offset end = resource.offset + object.size;
  const Resource* target = nullptr;
  bool overlaps = false;
  memory.ranges.visit(resource.offset, resource.required, [&](const Resource& other, Offset begin) {
    if (!other.is_written) return;
    overlaps = true;
    if (target == nullptr && other.owner == nullptr && resource.owner == nullptr && begin <= resource.offset &&
        end <= other.end && other.object->shape.export_handles == object.shape.export_handles)
      target = &other;
  });
  object.alias_of = target == nullptr ? 0 : target->object->id;
  object.alias_offset = target == nullptr ? 0 : resource.offset - target->offset;
  resource.end = target == nullptr ? end : target->end;
  if (!overlaps || target != nullptr) return true;
  if (writes_) leave_out("overlaps with something smaller in memory (both get memory of their own)");
  return false;
}

void Chronicle::bind(const CapturedCall& call) {
  Resource* resource = find(call.image, call.object);
  Memory* memory = find_memory(call.other);
  if (resource == nullptr || memory == nullptr || resource->object->id != 0 || resource->parts) return;
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
  write_creation(*resource);
}

void Chronicle::write_creation(Resource& resource) {
  const Memory* memory = find_memory(resource.memory);  // none of what is bound in parts
  const bool is_placed = memory != nullptr && share_memory(resource, *memory);
  resource.is_written = true;
  if (!writes_) return;
  lines_.creation(resource.lane, resource.object,
                  is_placed ? std::optional(WrittenPlace{*memory->block, resource.offset}) : std::nullopt);
}

bool Chronicle::takes(Op op, const Resource& resource) {
  return !resource.parts && resource.owner == nullptr && why_unfit(op, resource.object->shape).empty();
}

Chronicle::Resource* Chronicle::find_in_parts(const CapturedCall& call, bool sparse) {
  Resource* resource = find(call.image, call.object);
  return resource != nullptr && resource->parts && is_sparse(resource->object->shape) == sparse ? resource : nullptr;
}

// Creates the resource in the trace, which has no memory itself, with the first memory of its parts. False where a
// trace cannot say it.
bool Chronicle::write_owner(Resource& owner, const Memory& memory, std::uint16_t lane) {
  if (owner.object->id != 0) return owner.is_written;
  owner.object->id = ++last_id_;
  owner.lane = lane;
  if (!describe(owner, memory)) return false;
  written_.emplace(owner.object->id, &owner);
  write_creation(owner);
  return true;
}

// Requires memory and a place that no part has.
void Chronicle::add_part(Resource& owner, Op op, const PartPlace& place, std::uint64_t memory) {
  auto part = std::make_unique<Resource>();
  part->owner = &owner;
  part->lane = owner.lane;
  part->memory = memory;
  part->offset = place.offset;
  part->required = place.size;
  WrittenObject& object = *part->object;
  object.op = op;
  object.id = ++last_id_;
  object.size = place.size;
  object.part_of = owner.object->id;
  object.part_at = place.at;
  find_memory(memory)->ranges.add(part->offset, part->required, part.get());
  written_.emplace(object.id, part.get());
  write_creation(*part);
  owner.parts->rows.emplace(place.at, std::move(part));
}

void Chronicle::bind_plane(const CapturedCall& call) {
  Resource* owner = find_in_parts(call, false);
  const Memory* memory = find_memory(call.other);
  if (owner == nullptr || memory == nullptr || owner->parts->rows.contains(call.number)) return;
  const std::uint16_t lane = lane_of(call.thread);
  if (!write_owner(*owner, *memory, lane)) return;
  if (call.number >= format_info(owner->object->shape.format.front()).plane_count)
    return leave_out("planes of images that their formats do not have");
  owner->lane = lane;
  add_part(*owner, Op::bind_plane, {call.number, call.size, call.offset}, call.other);
}

// Takes the pages of the place from what is there, which keeps the others.
void Chronicle::take_pages(Resource& owner, const PartPlace& place) {
  auto& rows = owner.parts->rows;
  auto row = rows.upper_bound(place.at);
  if (row != rows.begin()) --row;
  std::vector<std::pair<PartPlace, std::uint64_t>> rests;  // with their memory
  while (row != rows.end() && row->first < place.at + place.size) {
    Resource& part = *row->second;
    const PartPlace pages{row->first, part.required, part.offset};
    if (pages.at + pages.size <= place.at) {
      ++row;
      continue;
    }
    for (const PartPlace& rest : pages_beside(pages, place)) rests.emplace_back(rest, part.memory);
    part.lane = owner.lane;
    release(part);
    row = rows.erase(row);
  }
  for (const auto& [rest, memory] : rests) add_pages(owner, rest, memory);
}

// Requires pages that are free.
void Chronicle::add_pages(Resource& owner, PartPlace pages, std::uint64_t memory) {
  const WrittenObject& object = *owner.object;
  const bool image = object.shape.image;
  if (!image) pages.size = std::min(pages.size, object.size - std::min(pages.at, object.size));
  if (!are_whole_pages(pages, image, object.size)) return leave_out("sparse binds that are no multiples of 64 KiB");
  add_part(owner, Op::sparse_bind, pages, memory);
}

// Of bytes or of texels.
void Chronicle::bind_pages(const CapturedCall& call) {
  Resource* owner = find_in_parts(call, true);
  if (owner == nullptr) return;
  const bool is_of_texels = call.kind == CallKind::bind_texels;
  const VkSparseMemoryBind& bytes = call.more->pages;
  if (!is_of_texels && (bytes.flags & VK_SPARSE_MEMORY_BIND_METADATA_BIT) != 0)
    return leave_out("sparse binds of what a driver keeps beside the texels");
  const std::uint16_t lane = lane_of(call.thread);
  const Memory* memory = find_memory(call.other);
  if (memory != nullptr && !write_owner(*owner, *memory, lane)) return;
  if (owner->object->id == 0 || !owner->is_written) return;  // nothing was bound yet
  owner->lane = lane;
  const std::vector<PageRun> runs = runs_of(call, owner->object->shape, owner->parts->image);
  if (runs.empty()) leave_out("sparse binds of pages that an image does not have");
  for (const PageRun& run : runs) {
    const PartPlace place{run.at, run.size, run.offset};
    take_pages(*owner, place);
    if (memory == nullptr) continue;
    if (memory->type != static_cast<std::uint32_t>(owner->object->shape.memory.recorded_type))
      leave_out("pages in memory of another type than the first (replayed in that of the first)");
    add_pages(*owner, place, call.other);
  }
}

// What the host fills or looks at of the objects that lie in a range of memory.
void Chronicle::host_access(Op op, const CapturedCall& call, Offset offset, Bytes size) {
  const Memory* memory = find_memory(call.other);
  if (memory == nullptr || !writes_) return;
  size = std::min(size, memory->size - std::min(offset, memory->size));
  memory->ranges.visit(offset, size, [&](const Resource& resource, Offset begin) {
    const WrittenObject& object = *resource.object;
    const Offset from = offset > begin ? offset - begin : 0;
    if (from >= object.size || !takes(op, resource)) return;
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
  if (!takes(Op::copy, *from) || !takes(Op::copy, *to)) return leave_out("copies of what a trace does not copy");
  const Bytes size = std::min({call.size, source.size, target.size});
  if (size != 0) lines_.event(Op::copy, lane_of(call.thread), {.id = source.id, .to = target.id, .size = size});
}

// Of a whole image; what is copied of parts is used.
void Chronicle::copy_texels(const CapturedCall& call) {
  const Resource* from = find_written(true, call.object);
  const Resource* to = find_written(call.number != 0, call.other);
  if (!writes_) return;
  const std::uint16_t lane = lane_of(call.thread);
  if (from != nullptr && to != nullptr && from != to && takes(Op::copy, *from) && takes(Op::copy, *to)) {
    const WrittenObject& source = *from->object;
    const WrittenObject& target = *to->object;
    if (call.size >= texels_of(source.shape) && target.size >= source.size &&
        why_unfit_pair(Op::copy, {source.shape, source.size}, {target.shape, target.size}, source.size).empty())
      return lines_.event(Op::copy, lane, {.id = source.id, .to = target.id, .size = source.size});
  }
  for (const Resource* used : {from, to})
    if (used != nullptr) lines_.event(Op::touch, lane, {.id = used->object->id});
}

void Chronicle::upload(const CapturedCall& call) {
  const Resource* resource = find_written(call.image, call.object);
  if (resource == nullptr || !writes_) return;
  const WrittenObject& object = *resource->object;
  const std::uint16_t lane = lane_of(call.thread);
  const Bytes size = std::min(call.image ? bytes_of_texels(object.shape, call) : call.size, object.size);
  if (size == 0 || !takes(Op::upload, *resource)) return lines_.event(Op::touch, lane, {.id = object.id});
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

// Drivers tell a little more or less each time: what changed by less than a 64th of the heap did not.
void Chronicle::note_budget(std::uint32_t heap, Bytes bytes) {
  if (heap >= memory_properties_.memoryHeapCount || bytes == 0) return;
  Bytes& told = budgets_[heap];
  const Bytes change = told > bytes ? told - bytes : bytes - told;
  if (told != 0 && change < memory_properties_.memoryHeaps[heap].size / 64) return;
  told = bytes;
  if (writes_) write_budget(heap);
}

// A trace names the largest heap of the device and that of the host, which other devices have too.
void Chronicle::write_budget(std::uint32_t heap) {
  const bool local = (memory_properties_.memoryHeaps[heap].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0;
  if (heap != largest_heap(memory_properties_, local)) return leave_out("budgets of smaller heaps");
  lines_.event(Op::budget, 0, {.size = budgets_[heap], .heap = local ? "device" : "host"});
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
  for (std::uint32_t heap = 0; heap < budgets_.size(); ++heap)
    if (budgets_[heap] != 0) write_budget(heap);
  std::vector<std::pair<std::uint64_t, Memory*>> held;
  for (auto& [handle, memory] : memories_) held.emplace_back(memory.order, &memory);
  std::ranges::sort(held);
  for (auto& [order, memory] : held) memory->block = lines_.block(memory->size, memory->type);
  for (auto& [id, resource] : written_) resource->is_written = false;  // what they share may be gone: they share anew
  for (auto& [id, resource] : written_) write_creation(*resource);
}

}  // namespace vkmembench
