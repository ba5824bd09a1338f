#include "bench/stress/simpler.h"

#include <algorithm>
#include <bit>

namespace vkmembench {
namespace {

constexpr TraceEdit kOfTraces[] = {
    [](Trace& trace) {
      for (Event& event : trace.events) event.lane = 0;
    },
    [](Trace& trace) {
      for (Event& event : trace.events) event.lane = std::min<std::uint16_t>(event.lane, 1);
    },
    [](Trace& trace) { trace.frames_in_flight = 0; },
    [](Trace& trace) { trace.frames_in_flight /= 2; },
    [](Trace& trace) {
      for (Shape& shape : trace.shapes) shape.tag = 0;
    },
};

constexpr ShapeEdit kOfShapes[] = {
    [](Shape& shape) { shape.kind = 0; },
    [](Shape& shape) { shape.pool = 0; },
    [](Shape& shape) { shape.evictable = false; },
    [](Shape& shape) { shape.alignment = 0; },
    [](Shape& shape) { shape.alignment /= 2; },
    [](Shape& shape) { shape.memory = MemoryUse::device; },
    [](Shape& shape) { shape.memory = MemoryUse::upload; },
    [](Shape& shape) {
      constexpr std::uint32_t kImage = VK_IMAGE_USAGE_SAMPLED_BIT;
      constexpr std::uint32_t kBuffer = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
      shape.usage = shape.image ? kImage : kBuffer;
    },
    [](Shape& shape) { shape.usage &= shape.usage - 1; },
    [](Shape& shape) {
      if (shape.image) shape.formats = {VK_FORMAT_R8G8B8A8_UNORM};
    },
    [](Shape& shape) {
      if (shape.image) shape.formats.resize(1);
    },
    [](Shape& shape) { shape.mips = 1; },
    [](Shape& shape) { shape.layers = 1; },
    [](Shape& shape) { shape.samples = VK_SAMPLE_COUNT_1_BIT; },
    [](Shape& shape) { shape.tiling = VK_IMAGE_TILING_OPTIMAL; },
    [](Shape& shape) { shape.extent.depth = std::max(shape.extent.depth / 2, 1u); },
    [](Shape& shape) { shape.extent.height = std::max(shape.extent.height / 2, 1u); },
    [](Shape& shape) { shape.extent.width = std::max(shape.extent.width / 2, 1u); },
};

bool has_size(Op op) {
  return op == Op::buffer || op == Op::write || op == Op::read || op == Op::upload || op == Op::copy ||
         op == Op::resize || op == Op::host_alloc;
}

// What edits the sizes of the events that have one, and of a batch's buffers.
template <typename Edit>
void edit_sizes(Trace& trace, Event& event, Edit edit) {
  if (has_size(event.op)) event.a = edit(event.a);
  if (event.op != Op::batch) return;
  for (std::uint64_t i = 0; i < event.a; ++i) {
    Bytes& size = trace.objects[event.object + i].size;
    size = edit(size);
  }
}

constexpr EventEdit kOfEvents[] = {
    [](Trace&, Event& event) {
      if (event.op == Op::buffer || event.op == Op::image) event.b = 0;  // no alias
    },
    [](Trace&, Event& event) {
      if (event.op == Op::batch) event.a = std::max<std::uint64_t>(event.a / 2, 1);
    },
    [](Trace&, Event& event) {
      if (event.op == Op::batch) event.a = std::max<std::uint64_t>(event.a - 1, 1);
    },
    [](Trace&, Event& event) {
      if (event.op != Op::batch || event.a == 1) return;
      ++event.object;  // without its first
      --event.a;
    },
    [](Trace& trace, Event& event) {
      if (event.op != Op::batch || event.a != 1) return;
      event.op = Op::buffer;
      event.a = trace.objects[event.object].size;
    },
    [](Trace&, Event& event) {
      if (event.op == Op::write || event.op == Op::read) event.b = 0;
    },
    [](Trace& trace, Event& event) {
      if (event.op == Op::defragment) trace.defragments[event.a] = {};
    },
    [](Trace& trace, Event& event) {
      if (event.op == Op::defragment) trace.defragments[event.a].select = DefragmentSelect::all;
    },
    [](Trace& trace, Event& event) {
      if (event.op == Op::defragment) trace.defragments[event.a].algorithm = DefragmentAlgorithm::balanced;
    },
    [](Trace& trace, Event& event) {
      if (event.op == Op::defragment) trace.defragments[event.a].max_bytes_per_pass = 0;
    },
    [](Trace& trace, Event& event) {
      if (event.op == Op::defragment) trace.defragments[event.a].max_moves_per_pass = 0;
    },
    [](Trace& trace, Event& event) {
      if (event.op == Op::defragment) trace.defragments[event.a].passes_per_frame = 1;
    },
    [](Trace& trace, Event& event) {
      if (event.op == Op::budget && !trace.budgets[event.a].is_ratio) trace.budgets[event.a].bytes = 1;
    },
    [](Trace& trace, Event& event) { edit_sizes(trace, event, [](Bytes) { return Bytes{1}; }); },
    [](Trace& trace, Event& event) {
      edit_sizes(trace, event, [](Bytes size) { return std::max<Bytes>(size / 2, 1); });
    },
    [](Trace& trace, Event& event) { edit_sizes(trace, event, [](Bytes size) { return std::bit_floor(size); }); },
};

}  // namespace

const std::span<const TraceEdit> kTraceEdits = kOfTraces;
const std::span<const ShapeEdit> kShapeEdits = kOfShapes;
const std::span<const EventEdit> kEventEdits = kOfEvents;

}  // namespace vkmembench
