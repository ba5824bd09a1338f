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
  usage,  // one name or a list
  memory,
  formats,  // one name or a list
  extent,
  samples,
  tiling,
  selection,
  algorithm,
  heap
};

enum class Need : std::uint8_t { required, optional };
enum class Of : std::uint8_t { both, buffer, image };          // the resources that have the field
enum class Told : std::uint8_t { to_strategies, to_reports };  // who learns of it

inline constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();

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
  R(evictable, evictable, boolean, 0, false, optional, both, to_strategies, "{}", "Whether a strategy may drop it over the budget; a use re-creates it.") \
  K(alias_of, id, kMax64, "{}", "A live object whose memory this one shares.") \
  R(format, format, formats, 0, {}, required, image, to_strategies, "{}", "One, or several of equal block size, of which the first that the device supports is taken.") \
  R(extent, extent, extent, kMax32, (VkExtent3D{1, 1, 1}), required, image, to_strategies, "{}", "[width, height] or [width, height, depth].") \
  R(mips, mips, integer, kMax32, 1, optional, image, to_strategies, R"({"minimum":1,"maximum":21,"default":1})", "Levels of the mip chain.") \
  R(layers, layers, integer, kMax32, 1, optional, image, to_strategies, R"({"minimum":1,"maximum":4294967295,"default":1})", "Layers of an array.") \
  R(samples, samples, samples, kMax32, VK_SAMPLE_COUNT_1_BIT, optional, image, to_strategies, "{}", "Samples a texel.") \
  R(tiling, tiling, tiling, 0, VK_IMAGE_TILING_OPTIMAL, optional, image, to_strategies, "{}", "How texels lie in memory: as the driver likes, or row by row.") \
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
