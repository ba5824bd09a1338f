// What gfxrecon-convert of GFXReconstruct (github.com/LunarG/gfxreconstruct) lists with --format jsonl: a call a line.
// A resource is created where it is bound, for only then is its memory known; what is never bound is left out. A
// present begins the next frame; until the first, and in programs that have none, a submit does.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/importers/content.h"
#include "scenarios/importers/formats/gfxreconstruct_call.h"
#include "scenarios/importers/formats/import.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

class GfxReader {
 public:
  explicit GfxReader(Import& import) : import_(import) { import_.frame(); }

  void read() {
    import_.out().recorded().recorder = "gfxrecon-convert";
    std::string_view line;
    while (import_.next_line(line)) {
      if (lines_.read(line, call_)) tell();
    }
    const std::uint64_t unbound = buffers_.size() + images_.size();
    if (unbound != 0) import_.leave_out("resources that were never bound", unbound);
  }

 private:
  struct UnboundBuffer {
    Bytes size = 0;
    std::uint64_t usage = 0;
    std::uint32_t flags = 0;
  };
  struct BoundRange {
    Bytes size = 0;
    std::uint64_t handle = 0;
  };
  struct DeviceMemory {
    std::uint32_t type = 0;
    std::uint32_t block = 0;
    std::multimap<Offset, BoundRange> ranges{};  // that live resources are in
    Bytes longest = 0;                           // of them, and those before
  };
  struct BoundResource {
    ObjectIndex object = kNoObject;
    std::uint64_t memory = 0;
    Offset offset = 0;
    Offset end = 0;  // of the memory that it has or shares
  };

  void tell();
  void begin_frame(bool presents) {
    if (!presents && presented_) return;
    presented_ = presented_ || presents;
    import_.frame();
  }
  void keep_device();
  [[nodiscard]] Shape image_shape() const;
  [[nodiscard]] std::uint32_t next_event() const {
    return static_cast<std::uint32_t>(import_.out().trace().events.size());
  }
  void allocate();
  void free_memory();
  void bind(std::uint64_t handle, std::uint64_t memory, Offset offset, bool image);
  // By what a range of memory is taken.
  struct Taken {
    const BoundResource* by = nullptr;  // that it can be an alias of
    bool other = false;                 // by something else
  };
  [[nodiscard]] Taken taken(const DeviceMemory& memory, Offset offset, Bytes size) const;
  void destroy(std::uint64_t handle, bool image);

  Import& import_;
  GfxrLineReader lines_;
  GfxrCall call_;
  bool presented_ = false;
  RecordedDevice device_;
  std::unordered_map<std::uint64_t, UnboundBuffer> buffers_;
  std::unordered_map<std::uint64_t, Shape> images_;  // not bound; its usage as it was asked
  std::unordered_map<std::uint64_t, DeviceMemory> memories_;
  std::unordered_map<std::uint64_t, BoundResource> bound_;
};

void GfxReader::keep_device() {
  if (!call_.device_name.empty()) device_.name = call_.device_name;
  if (call_.properties) {
    require_heaps_of_types(*call_.properties);
    device_.memory = *call_.properties;
  }
  import_.out().recorded().device = device_;
}

Shape GfxReader::image_shape() const {
  constexpr std::string_view kPrefix = "VK_FORMAT_";
  const std::string_view name = call_.format;
  const FormatInfo* format = name.starts_with(kPrefix) ? format_by_name(name.substr(kPrefix.size())) : nullptr;
  if (format == nullptr) throw Error(fmt::format("format '{}' of an image is unknown", name));
  Shape shape;
  shape.image = true;
  shape.format = {format->format};
  shape.extent = call_.extent;
  shape.mips = call_.mips;
  shape.layers = call_.layers;
  shape.samples = static_cast<VkSampleCountFlagBits>(call_.samples);
  shape.tiling = call_.is_linear ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL;
  shape.usage = static_cast<std::uint32_t>(call_.usage);
  shape.flags = call_.flags;
  shape.type = call_.type;
  return shape;
}

void GfxReader::allocate() {
  std::vector<RecordedBlock>& blocks = import_.out().recorded().blocks;
  memories_[call_.memory] = {call_.memory_type, static_cast<std::uint32_t>(blocks.size())};
  blocks.push_back(
      {call_.size, call_.memory_type < VK_MAX_MEMORY_TYPES ? call_.memory_type : RecordedBlock::kNoType, next_event()});
}

void GfxReader::free_memory() {
  const auto memory = memories_.find(call_.memory);
  if (memory == memories_.end()) return;
  import_.out().recorded().blocks[memory->second.block].until_event = next_event();
  memories_.erase(memory);
}

// An alias begins no sooner than what it is of, and is within the memory of that.
GfxReader::Taken GfxReader::taken(const DeviceMemory& memory, Offset offset, Bytes size) const {
  Taken found;
  auto row = memory.ranges.lower_bound(offset - std::min(offset, memory.longest));
  for (; row != memory.ranges.end() && row->first < offset + size; ++row) {
    if (row->first + row->second.size <= offset) continue;
    const BoundResource& resource = bound_.at(row->second.handle);
    if (row->first <= offset && offset + size <= resource.end) return {&resource};
    found.other = true;
  }
  return found;
}

void GfxReader::bind(std::uint64_t handle, std::uint64_t memory_handle, Offset offset, bool image) {
  const auto buffer = image ? buffers_.end() : buffers_.find(handle);
  const auto pending = image ? images_.find(handle) : images_.end();
  const auto memory = memories_.find(memory_handle);
  if ((buffer == buffers_.end() && pending == images_.end()) || memory == memories_.end()) {
    static_cast<void>(import_.object(handle, "bind"));  // of what nobody created, or of swapchains
    return;
  }
  Shape shape = image ? std::move(pending->second) : Shape{};
  if (!image) shape.flags = buffer->second.flags;
  shape.memory = memory_of_type(memory->second.type, device_.memory);
  if (image)
    shape.usage = import_.image_usage(shape.usage, shape.memory);
  else
    shape.usage = import_.usage(buffer->second.usage, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
  const std::uint32_t index = import_.out().shape(shape);
  const Bytes size = image ? packed_image_bytes(shape) : buffer->second.size;
  if (size > kMaxObjectBytes || offset > kMaxObjectBytes) throw Error("a range beyond 2^60 bytes");

  BoundResource resource{kNoObject, memory_handle, offset, offset + size};
  AliasOf alias_of;
  const Taken found = taken(memory->second, offset, size);
  if (found.by != nullptr) {
    alias_of = {found.by->object, offset - found.by->offset};
    resource.end = found.by->end;
  } else if (found.other) {
    import_.leave_out("overlaps with something smaller in memory (both get memory of their own)");
  }
  resource.object = image ? import_.image(handle, index, alias_of) : import_.buffer(handle, size, index, alias_of);
  if (!found.other) import_.out().placed(resource.object, memory->second.block, offset);
  memory->second.longest = std::max(memory->second.longest, size);
  memory->second.ranges.emplace(offset, BoundRange{size, handle});
  bound_[handle] = resource;
  if (image)
    images_.erase(pending);
  else
    buffers_.erase(buffer);
}

void GfxReader::destroy(std::uint64_t handle, bool image) {
  if (handle == 0) return;
  if ((image ? images_.erase(handle) : buffers_.erase(handle)) != 0)
    return import_.leave_out("resources that were never bound");
  const auto found = bound_.find(handle);
  import_.free(handle);
  if (found == bound_.end()) return;  // of what nobody created
  const BoundResource& resource = found->second;
  if (const auto memory = memories_.find(resource.memory); memory != memories_.end()) {
    auto [range, last] = memory->second.ranges.equal_range(resource.offset);
    while (range != last && range->second.handle != handle) ++range;
    if (range != last) memory->second.ranges.erase(range);
  }
  bound_.erase(found);
}

void GfxReader::tell() {
  if (!call_.result.empty() && call_.result.starts_with("VK_ERROR")) return import_.leave_out("calls that failed");
  import_.thread(call_.thread);
  switch (call_.call) {
    case VulkanCall::create_buffer:
      buffers_[call_.buffer] = {call_.size, call_.usage, call_.flags};
      return;
    case VulkanCall::create_image:
      images_[call_.image] = image_shape();
      return;
    case VulkanCall::allocate_memory:
      return allocate();
    case VulkanCall::bind_buffer:
      return bind(call_.buffer, call_.memory, call_.offset, false);
    case VulkanCall::bind_image:
      return bind(call_.image, call_.memory, call_.offset, true);
    case VulkanCall::bind_buffers:
    case VulkanCall::bind_images:
      for (const GfxrCall::Bind& row : call_.binds)
        bind(row.resource, row.memory, row.offset, call_.call == VulkanCall::bind_images);
      return;
    case VulkanCall::destroy_buffer:
      return destroy(call_.buffer, false);
    case VulkanCall::destroy_image:
      return destroy(call_.image, true);
    case VulkanCall::free_memory:
      return free_memory();
    case VulkanCall::present:
      return begin_frame(true);
    case VulkanCall::submit:
      return begin_frame(false);
    case VulkanCall::memory_properties:
    case VulkanCall::device_properties:
      return keep_device();
    case VulkanCall::count:
      return;
  }
}

}  // namespace

bool is_gfxreconstruct(std::string_view head) {
  const std::string_view text = head.substr(0, 4096);
  return has_all(text, "\"gfxrecon-version\"", "\"header\"") ||
         (is_json(text) && has_all(text, "\"index\"", "\"function\"", "\"name\"", "\"vk"));
}

void import_gfxreconstruct(Import& import) { GfxReader(import).read(); }

}  // namespace vkmembench
