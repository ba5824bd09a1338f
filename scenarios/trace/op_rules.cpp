#include "scenarios/trace/op_rules.h"

#include <fmt/format.h>

#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

// What is filled is also read back.
std::string why_no_copies(Op op, const Shape& shape) {
  if (is_protected(shape))
    return fmt::format("{} to protected memory, whose contents nobody sees; leave it out", op_name(op));
  if (!shape.image) return {};
  if (shape.samples != VK_SAMPLE_COUNT_1_BIT) {
    return fmt::format("{} to a multi-sampled image, which takes no copies; leave it out, or use 1 sample",
                       op_name(op));
  }
  if (has_depth_and_stencil(shape)) {
    return fmt::format(
        "{} to a combined depth-stencil image, whose aspects copy apart; leave it out, or use another format",
        op_name(op));
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
  if (is_protected(shape)) return why_no_copies(op, shape);
  if (shape.image) return fmt::format("{0} of an image; {0} goes from buffer to buffer", op_name(op));
  if (shape.memory != MemoryUse::transient) return {};
  return fmt::format("{} with 'transient' memory, which nothing is copied into or out of; use 'device' memory",
                     op_name(op));
}

}  // namespace

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
