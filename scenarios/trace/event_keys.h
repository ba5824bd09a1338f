#pragma once

#include <cstdint>
#include <limits>

namespace vkmembench {

// How a value is written, which is how it is read, checked and described.
enum class FieldType : std::uint8_t {
  integer,
  bytes,  // an integer or a text such as "4 MiB"
  byte_list,
  id,  // an integer or a text
  ids,
  number,
  boolean,
  text,
  name,  // a text that the trace keeps once
  op,
  usage,    // a name, the number of bits, or a list of both
  flags,    // likewise; optional
  handles,  // names of external handle types
  memory,
  formats,  // one name or a list
  extent,
  samples,
  tiling,
  image_type,
  wide,      // an integer of 64 bits
  share,     // a number from 0 to 1
  refusals,  // what is asked next, one name or a list
  selection,
  algorithm,
  heap,
  pool_order
};

enum class Need : std::uint8_t { required, optional };
enum class Of : std::uint8_t { both, buffer, image };          // the resources that have the field
enum class Told : std::uint8_t { to_strategies, to_reports };  // who learns of it

inline constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint64_t kNoModifier = (std::uint64_t{1} << 56) - 1;  // DRM_FORMAT_MOD_INVALID

// The keys of an event, in the order in which messages name them:
//   K(key, type, greatest value, limits, help) of the event itself; the last three stand inside `select`;
//   R(key, member, type, greatest value, default, need, of, told, limits, help) of the request that a create event
//   makes: a member of Shape and, where strategies are told, of BufferRequest and ImageRequest.
// The reader stops at the greatest value; limits are what the JSON Schema says more.
// clang-format off
#define VKMEMBENCH_EVENT_KEYS(K, R) \
  K(op, op, 0, "{}", "What is done.") \
  K(lane, integer, 0xffff, R"({"minimum":0,"maximum":65535,"default":0})", "The thread that does it, in a concurrent replay.") \
  K(comment, text, 0, "{}", "For readers; it means nothing else.") \
  K(id, id, kMax64, "{}", "Names an object from its creation to its free, by a number or a text; free for another one from then on.") \
  K(ids, ids, kMax64, "{}", "Objects, by their ids.") \
  K(size, bytes, kMax64, R"({"minimum":1,"maximum":1152921504606846976})", "Bytes, as a number or with a unit: \"4 MiB\".") \
  K(sizes, byte_list, kMax64, "{}", "One for each id.") \
  K(offset, bytes, kMax64, R"({"minimum":0,"maximum":18446744073709551615})", "Bytes from the object's begin, as a number or with a unit.") \
  R(usage, usage, usage, 0, 0, required, both, to_strategies, "{}", "Vulkan's names, in lower case, without prefix and _bit.") \
  R(memory, memory, memory, 0, MemoryUse::device, required, both, to_strategies, "{}", \
    "Who uses it: the GPU alone (device, transient: attachments that need no memory on tiled GPUs), the host writes once (upload) or each frame (dynamic), the host reads (readback), or it stays in host memory (host).") \
  R(kind, kind, name, 0, 0, optional, buffer, to_strategies, "{}", "What the buffer is for, by which `core-pools` keeps buffers for reuse.") \
  R(pool, pool, name, 0, 0, optional, buffer, to_strategies, "{}", "The named pool that it belongs to, where a strategy has it.") \
  R(tag, tag, name, 0, 0, optional, both, to_reports, "{}", "What the report calls it.") \
  R(align, alignment, bytes, kMax64, 0, optional, buffer, to_strategies, R"({"minimum":1,"maximum":1073741824,"default":1})", "Alignment to ask for beyond the driver's, a power of two.") \
  R(dedicated, dedicated, boolean, 0, false, optional, both, to_strategies, "{}", "Whether the program gives it memory of its own.") \
  R(priority, priority, share, 0, 0.5F, optional, both, to_strategies, R"({"minimum":0,"maximum":1,"default":0.5})", "How much it should stay in the memory of the GPU, where the device knows priorities.") \
  R(export_handles, export_handles, handles, 0, 0, optional, both, to_strategies, "{}", "External handle types by which other APIs or processes get its memory: opaque_fd.") \
  R(device_mask, device_mask, integer, kMax32, 0, optional, both, to_reports, R"({"minimum":0,"maximum":4294967295,"default":0})", "Devices of a group whose memory it is in; 0: those that the driver chooses.") \
  R(flags, flags, flags, 0, 0, optional, both, to_strategies, "{}", "Vulkan's names of create flags, in lower case, without prefix and _bit: cube_compatible.") \
  R(on_refusal, on_refusal, refusals, 0, {}, optional, both, to_reports, "{}", "What the program asks next each time it is refused: half the size (halve), other memory (device, host, upload), or without: it gives up.") \
  R(evictable, evictable, boolean, 0, false, optional, both, to_strategies, "{}", "Whether a strategy may drop it over the budget; a use re-creates it.") \
  K(alias_of, id, kMax64, "{}", "A live object whose memory this one shares.") \
  K(alias_offset, bytes, kMax64, R"({"minimum":0,"maximum":18446744073709551615,"default":0})", "How far behind the begin of that object this one begins, in bytes.") \
  R(format, format, formats, 0, {}, required, image, to_strategies, "{}", "One, or several of equal block size, of which the first that the device supports is taken.") \
  R(extent, extent, extent, kMax32, (VkExtent3D{1, 1, 1}), required, image, to_strategies, "{}", "[width, height] or [width, height, depth].") \
  R(mips, mips, integer, kMax32, 1, optional, image, to_strategies, R"({"minimum":1,"maximum":21,"default":1})", "Levels of the mip chain.") \
  R(layers, layers, integer, kMax32, 1, optional, image, to_strategies, R"({"minimum":1,"maximum":4294967295,"default":1})", "Layers of an array.") \
  R(samples, samples, samples, kMax32, VK_SAMPLE_COUNT_1_BIT, optional, image, to_strategies, "{}", "Samples a texel.") \
  R(tiling, tiling, tiling, 0, VK_IMAGE_TILING_OPTIMAL, optional, image, to_strategies, "{}", "How texels lie in memory: as the driver likes, or row by row.") \
  R(type, type, image_type, 0, ImageDimensions::by_extent, optional, image, to_strategies, "{}", "Dimensions: 1d, 2d or 3d; left out, those that the extent fills.") \
  R(view_formats, view_formats, formats, 0, {}, optional, image, to_strategies, "{}", "Formats of its views, with the flag mutable_format.") \
  R(drm_modifier, drm_modifier, wide, kMax64, kNoModifier, optional, image, to_reports, "{}", "DRM format modifier of the recorded image. 0 is linear; what others mean no other device knows: they are replayed with optimal tiling.") \
  K(of, id, kMax64, "{}", "The object whose part gets memory.") \
  K(plane, integer, 2, R"({"minimum":0,"maximum":2})", "The plane of an image, from 0.") \
  K(from, id, kMax64, "{}", "The source.") \
  K(to, id, kMax64, "{}", "The target.") \
  K(select, selection, 0, "{}", "Which objects may move.") \
  K(algorithm, algorithm, 0, "{}", "How hard to try.") \
  K(max_bytes_per_pass, bytes, kMax64, R"({"minimum":1,"maximum":18446744073709551615})", "Bytes that a pass moves at most; left out: no bound.") \
  K(max_moves_per_pass, integer, kMax32, R"({"minimum":1,"maximum":4294967295})", "Objects that a pass moves at most; left out: no bound.") \
  K(passes_per_frame, integer, kMax32, R"({"minimum":1,"maximum":4294967295,"default":1})", "Passes in each frame.") \
  K(heap, heap, 0, "{}", "'device', 'host', or an index.") \
  K(bytes, bytes, kMax64, R"({"minimum":1,"maximum":1152921504606846976})", "Bytes that it may hold.") \
  K(ratio, number, 0, R"({"exclusiveMinimum":0,"maximum":1})", "Of the heap's size.") \
  K(block_size, bytes, kMax64, R"({"minimum":65536,"maximum":1152921504606846976,"default":67108864})", "Bytes of each block of a pool.") \
  K(min_blocks, integer, kMax32, R"({"minimum":0,"maximum":65535,"default":0})", "Blocks that a pool makes at first and keeps.") \
  K(max_blocks, integer, kMax32, R"({"minimum":1,"maximum":65535,"default":65535})", "Blocks that a pool has at most.") \
  K(order, pool_order, 0, "{}", "How a pool divides its blocks: any gap that fits (general), in turn round the block (ring), or at the top (stack).") \
  K(label, text, 0, R"({"minLength":1})", "What the report calls it.") \
  K(category, text, 0, R"({"minLength":1})", "What it is for: a path such as Renderer::Textures.") \
  K(idle_frames, integer, kMax64, R"({"minimum":0,"maximum":18446744073709551615,"default":300})", "Frames since the last use.") \
  K(min_uses, integer, kMax64, R"({"minimum":0,"maximum":18446744073709551615,"default":100})", "Uses before that.") \
  K(min_size, bytes, kMax64, R"({"minimum":0,"maximum":18446744073709551615,"default":1048576})", "Least bytes.")
// clang-format on
#define VKMEMBENCH_NO_KEY(...)

enum class Field : std::uint8_t {
#define VKMEMBENCH_ROW(key, ...) key,
  VKMEMBENCH_EVENT_KEYS(VKMEMBENCH_ROW, VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
      count
};

}  // namespace vkmembench
