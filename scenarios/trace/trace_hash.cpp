#include "scenarios/trace/trace_hash.h"

#include <bit>
#include <vector>

namespace vkmembench {
namespace {

// Enough for a golden value to change when the meaning of what is hashed does.
constexpr std::uint64_t kVersion = 1;

std::uint64_t load_little_endian(const char* bytes, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return word;
}

std::uint64_t hash_text(std::string_view text) {
  Hash64 hash;
  hash.text(text);
  return hash.value();
}

std::uint64_t hash_shape(const Shape& shape, const std::vector<std::uint64_t>& strings) {
  Hash64 hash;
  hash.word(shape.image ? 1 : 0);
  hash.word(static_cast<std::uint64_t>(shape.memory));
  hash.word(shape.evictable ? 1 : 0);
  hash.word(shape.usage);
  hash.word(strings[shape.tag]);
  hash.word(shape.alignment);
  hash.word(strings[shape.kind]);
  hash.word(strings[shape.pool]);
  hash.word(shape.formats.size());
  for (const VkFormat format : shape.formats) hash.word(static_cast<std::uint64_t>(format));
  hash.word(std::uint64_t{shape.extent.width} << 32 | shape.extent.height);
  hash.word(std::uint64_t{shape.extent.depth} << 32 | shape.mips);
  hash.word(std::uint64_t{shape.layers} << 32 | static_cast<std::uint64_t>(shape.samples));
  hash.word(static_cast<std::uint64_t>(shape.tiling));
  return hash.value();
}

std::uint64_t hash_defragment(const DefragmentRequest& request) {
  Hash64 hash;
  hash.word(static_cast<std::uint64_t>(request.select));
  if (request.select == DefragmentSelect::rules) {
    hash.word(request.idle_frames);
    hash.word(request.min_uses);
    hash.word(request.min_size);
  }
  hash.text(kDefragmentAlgorithmNames[static_cast<std::size_t>(request.algorithm)]);
  hash.word(request.max_bytes_per_pass);
  hash.word(std::uint64_t{request.max_moves_per_pass} << 32 | request.passes_per_frame);
  return hash.value();
}

std::uint64_t hash_budget(const BudgetRequest& request) {
  Hash64 hash;
  hash.text(request.heap);
  hash.word(request.is_ratio ? 1 : 0);
  hash.word(request.is_ratio ? std::bit_cast<std::uint64_t>(request.ratio) : request.bytes);
  return hash.value();
}

template <typename T, typename F>
std::vector<std::uint64_t> hash_each(const std::vector<T>& values, F hash) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(values.size());
  for (const T& value : values) hashes.push_back(hash(value));
  return hashes;
}

}  // namespace

void Hash64::text(std::string_view bytes) {
  word(bytes.size());
  while (bytes.size() >= 8) {
    word(load_little_endian(bytes.data(), 8));
    bytes.remove_prefix(8);
  }
  if (!bytes.empty()) word(load_little_endian(bytes.data(), bytes.size()));
}

std::uint64_t hash_trace(const Trace& trace) {
  const auto strings = hash_each(trace.strings, hash_text);
  const auto shapes = hash_each(trace.shapes, [&](const Shape& shape) { return hash_shape(shape, strings); });
  const auto defragments = hash_each(trace.defragments, hash_defragment);
  const auto budgets = hash_each(trace.budgets, hash_budget);

  Hash64 hash;
  hash.word(kVersion);
  hash.word(trace.frames_in_flight);
  hash.word(trace.measure_from_frame);
  hash.word(trace.events.size());
  for (const Event& event : trace.events) {
    hash.word(static_cast<std::uint64_t>(event.op) | std::uint64_t{event.lane} << 16 |
              std::uint64_t{event.object} << 32);
    switch (event.op) {
      case Op::batch:
        hash.word(event.a);
        for (std::uint64_t i = 0; i < event.a; ++i) {
          const TraceObject& object = trace.objects[event.object + i];
          hash.word(object.id);
          hash.word(object.size);
        }
        hash.word(shapes[trace.objects[event.object].shape]);
        break;
      case Op::buffer:
      case Op::image:
        hash.word(trace.objects[event.object].id);
        hash.word(trace.objects[event.object].size);
        hash.word(shapes[trace.objects[event.object].shape]);
        hash.word(event.b);
        break;
      case Op::host_alloc:
        hash.word(trace.objects[event.object].id);
        hash.word(event.a);
        hash.word(strings[event.b]);
        break;
      case Op::defragment:
        hash.word(defragments[event.a]);
        break;
      case Op::budget:
        hash.word(budgets[event.a]);
        break;
      case Op::snapshot:
        hash.word(strings[event.a]);
        break;
      default:
        hash.word(event.a);
        hash.word(event.b);
        break;
    }
  }
  return hash.value();
}

}  // namespace vkmembench
