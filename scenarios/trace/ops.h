#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vkmembench {

// What an event of an op holds: how it is read, written, hashed and copied.
enum class Operands : std::uint8_t {
  none,
  buffer,       // a new one of a size, or in the memory of another object
  image,        // likewise; its size follows from its shape
  batch,        // several new buffers of one shape
  host_memory,  // CPU memory of a size and a category
  object,       // one that is there
  objects,      // likewise; a line that names several stands for an event each
  sized,        // one that is there, and a size
  range,        // one that is there, an offset in it and a size
  pair,         // two that are there, and a size
  defragment,
  budget,
  pool,
  label,
  pages,  // memory for a range of one that is there
  plane   // memory for a plane of one that is there
};

// What an event does to what it names: which objects there are, and what they hold.
enum class Effect : std::uint8_t {
  nothing,
  begins_frame,
  creates,
  frees,
  resizes,
  allocates,  // CPU memory
  releases,
  host_writes,
  host_reads,
  copies,  // by the device: into the object, or from it into the target
  binds,
  unbinds,
  marks,
  touches,  // which changes nothing
  sets_budget,
  looks  // at all of them, for the report
};

// The objects that an event may name; why_unfit() says why not another.
enum class OpTarget : std::uint8_t {
  none,
  resource,  // any buffer or image
  buffer,
  storage_buffer,
  mappable,
  filled,  // what the device fills: contents go in and come back
  copied,  // what the device copies from and to
  host_memory
};

// X(name, operands, effect, target, help): every op, named as in JSON. New ones come last: hashes of traces hold their
// numbers.
// clang-format off
#define VKMEMBENCH_OPS(X) \
  X(frame, none, begins_frame, none, "A frame begins: frees of frames_in_flight frames ago complete.") \
  X(buffer, buffer, creates, none, "Creates a buffer in memory.") \
  X(image, image, creates, none, "Creates an image in memory.") \
  X(batch, batch, creates, none, "Creates several buffers in one call.") \
  X(free, objects, frees, resource, "Frees an object, or several; it completes frames_in_flight frames later.") \
  X(write, range, host_writes, mappable, "The host maps, fills and flushes a range.") \
  X(upload, sized, copies, filled, "Fills the first bytes of an object of the GPU through staging.") \
  X(copy, pair, copies, copied, "Copies the first bytes of a buffer or image to another.") \
  X(read, range, host_reads, mappable, "The host maps, invalidates and reads a range.") \
  X(touch, objects, touches, resource, "Says that an object, or several, is used in this frame.") \
  X(resize, sized, resizes, resource, "Gives a buffer another size.") \
  X(bind, object, binds, storage_buffer, "Puts a storage buffer into the array of descriptors that shaders index.") \
  X(unbind, object, unbinds, resource, "Takes a buffer out of the array of descriptors.") \
  X(mark, objects, marks, resource, "Marks an object, or several, for the next `defragment` that selects `marked`.") \
  X(defragment, defragment, nothing, none, "Moves objects together, in passes from this frame on.") \
  X(budget, budget, sets_budget, none, "Sets what a heap may hold from now on, by bytes or by ratio.") \
  X(host_alloc, host_memory, allocates, none, "Allocates CPU memory of the program's own.") \
  X(host_free, object, releases, host_memory, "Frees CPU memory.") \
  X(snapshot, label, looks, none, "Records the map of memory.") \
  X(barrier, none, nothing, none, "All lanes wait for each other.") \
  X(range, range, touches, buffer, "Uses a range of a buffer that the program divides itself, such as the uniforms of one draw.") \
  X(pool, pool, nothing, none, "Says that there is a pool of the program's own, which buffers may name.") \
  X(sparse_bind, pages, creates, none, "Gives pages of a sparse buffer or image memory, which goes with the free of its id.") \
  X(bind_plane, plane, creates, none, "Gives a plane of a `disjoint` image memory, which goes with the free of its id.")
// clang-format on

enum class Op : std::uint8_t {
#define VKMEMBENCH_ROW(name, ...) name,
  VKMEMBENCH_OPS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
      count
};
inline constexpr std::size_t kOpCount = static_cast<std::size_t>(Op::count);

struct OpInfo {
  std::string_view name;
  Operands operands;
  Effect effect;
  OpTarget target;
  std::string_view help;
};
inline constexpr std::array<OpInfo, kOpCount> kOps = {{
#define VKMEMBENCH_ROW(name, operands, effect, target, help) \
  {#name, Operands::operands, Effect::effect, OpTarget::target, help},
    VKMEMBENCH_OPS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
}};

[[nodiscard]] constexpr const OpInfo& info_of(Op op) { return kOps[static_cast<std::size_t>(op)]; }
[[nodiscard]] constexpr std::string_view op_name(Op op) { return info_of(op).name; }
[[nodiscard]] constexpr Operands operands_of(Op op) { return info_of(op).operands; }
[[nodiscard]] constexpr Effect effect_of(Op op) { return info_of(op).effect; }

// Ops as a set, a bit each.
using OpSet = std::uint64_t;
static_assert(kOpCount <= 64);
[[nodiscard]] constexpr OpSet op_set(Op op) { return OpSet{1} << static_cast<unsigned>(op); }
[[nodiscard]] constexpr OpSet ops_with(Effect effect) {
  OpSet ops = 0;
  for (std::size_t i = 0; i < kOpCount; ++i)
    if (kOps[i].effect == effect) ops |= op_set(static_cast<Op>(i));
  return ops;
}

// Whether the event is the first, or the last, that names an object.
[[nodiscard]] constexpr bool is_creation(Op op) {
  return effect_of(op) == Effect::creates || effect_of(op) == Effect::allocates;
}
[[nodiscard]] constexpr bool is_free(Op op) {
  return effect_of(op) == Effect::frees || effect_of(op) == Effect::releases;
}
// Whether it makes memory for a part of another object, which binds it: pages, or a plane.
[[nodiscard]] constexpr bool makes_part(Op op) {
  return operands_of(op) == Operands::pages || operands_of(op) == Operands::plane;
}
// Whether the event states a size of its own: not that of a shape, nor one each.
[[nodiscard]] constexpr bool has_size(Op op) {
  switch (operands_of(op)) {
    case Operands::buffer:
    case Operands::host_memory:
    case Operands::sized:
    case Operands::range:
    case Operands::pair:
    case Operands::pages:
      return true;
    default:
      return false;
  }
}

}  // namespace vkmembench
