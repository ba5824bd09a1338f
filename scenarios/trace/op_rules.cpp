#include "scenarios/trace/op_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/vulkan_names.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

// "copy with", "upload to".
std::string naming(Op op) {
  return fmt::format("{} {}", op_name(op), operands_of(op) == Operands::pair ? "with" : "to");
}

// What is filled is also read back.
std::string why_no_copies(Op op, const Shape& shape) {
  if (is_protected(shape))
    return fmt::format("{} protected memory, whose contents nobody sees; leave it out", naming(op));
  if (!shape.image) return {};
  if (shape.samples != VK_SAMPLE_COUNT_1_BIT) {
    return fmt::format("{} a multi-sampled image, which takes no copies; leave it out, or use 1 sample", naming(op));
  }
  if (has_depth_and_stencil(shape)) {
    return fmt::format(
        "{} a combined depth-stencil image, whose aspects copy apart; leave it out, or use another format", naming(op));
  }
  return {};
}

std::string why_not_mappable(Op op, const Shape& shape) {
  const bool writes = effect_of(op) == Effect::host_writes;
  if (is_mappable(shape.memory)) return writes ? why_no_copies(op, shape) : std::string();
  return fmt::format("{} {} '{}' memory, which the host cannot map; use {}", op_name(op), writes ? "to" : "of",
                     rule_of(shape.memory).name, writes ? "upload" : "readback memory");
}

std::string why_not_copied(Op op, const Shape& shape) {
  if (shape.memory != MemoryUse::transient) return why_no_copies(op, shape);
  return fmt::format("{} with 'transient' memory, which nothing is copied into or out of; use 'device' memory",
                     op_name(op));
}

bool are_alike(const Shape& a, const Shape& b) {
  return a.format == b.format && a.type == b.type && a.mips == b.mips && a.layers == b.layers &&
         a.extent.width == b.extent.width && a.extent.height == b.extent.height && a.extent.depth == b.extent.depth;
}

// A buffer has the mips or planes of an image one behind the other, where Vulkan does not take each place.
std::string why_not_in_a_buffer(Op op, const Shape& image, Bytes size, Bytes buffer) {
  const FormatInfo& format = format_info(image.format.front());
  const bool planar = format.plane_count > 1;
  const std::uint32_t parts = planar ? format.plane_count : image.mips;
  const auto bytes_of = [&](std::uint32_t part) {
    return planar ? packed_plane_bytes(image, part) / image.layers : mip_bytes(format, image.extent, part);
  };
  const std::string_view what = planar ? "plane" : "mip";
  if (bytes_of(0) > buffer)
    return fmt::format("{} of the first {}, of {} bytes, with a buffer of {}; give a larger one", op_name(op), what,
                       bytes_of(0), buffer);
  if (!planar && (format.aspects & VK_IMAGE_ASPECT_COLOR_BIT) != 0) return {};  // whole blocks follow whole blocks
  Offset begin = 0;
  for (std::uint32_t layer = 0; layer < std::min(image.layers, 16u); ++layer) {  // places repeat after few
    for (std::uint32_t part = 0; part < parts; begin += bytes_of(part++)) {
      if (begin + bytes_of(part) > size && begin != 0) return {};
      const Bytes unit = planar ? format.planes[part].block_bytes : 4;
      if (begin % unit != 0)
        return fmt::format(
            "{} between a buffer and an image of {}, whose {} {} of layer {} begins at byte {}, no multiple of {}; "
            "give "
            "fewer bytes, or another extent",
            op_name(op), format.name, what, part, layer, begin, unit);
    }
  }
  return {};
}

}  // namespace

std::string why_unfit_pair(Op op, const PairEnd& from, const PairEnd& to, Bytes size) {
  if (!from.shape.image && !to.shape.image) return {};
  if (from.shape.image && to.shape.image) {
    if (are_alike(from.shape, to.shape)) return {};
    return fmt::format("{} between images of different format, type, extent, mips or layers; make them alike",
                       op_name(op));
  }
  return from.shape.image ? why_not_in_a_buffer(op, from.shape, size, to.bytes)
                          : why_not_in_a_buffer(op, to.shape, size, from.bytes);
}

std::string why_unfit(Op op, const Shape& shape) {
  switch (info_of(op).target) {
    case OpTarget::none:
    case OpTarget::host_memory:
      return fmt::format("{} of a buffer or image; use free", op_name(op));
    case OpTarget::resource:
      return {};
    case OpTarget::buffer:
      return shape.image ? fmt::format("{} of an image; {} is of buffers", op_name(op), op_name(op)) : std::string();
    case OpTarget::storage_buffer:
      if (!shape.image && (shape.usage & VK_BUFFER_USAGE_STORAGE_BUFFER_BIT) != 0) return {};
      return fmt::format("{} needs a buffer with 'storage_buffer' usage", op_name(op));
    case OpTarget::mappable:
      return why_not_mappable(op, shape);
    case OpTarget::filled:
      if (shape.memory != MemoryUse::transient) return why_no_copies(op, shape);
      return fmt::format("{} to 'transient' memory, which nothing is copied into; use 'device' memory", op_name(op));
    case OpTarget::copied:
      return why_not_copied(op, shape);
  }
  return {};
}

}  // namespace vkmembench
