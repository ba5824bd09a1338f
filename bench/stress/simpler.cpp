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

// Puts the field at its default, if it can be left out.
template <Field kField>
void leave_out(Shape& shape) {
  visit_shape_fields([&](auto field) {
    if (field.kField == kField && field.kNeed == Need::optional) field.of(shape) = field.of(kStandardShape);
  });
}

constexpr ShapeEdit kOfShapes[] = {
#define VKMEMBENCH_ROW(key, ...) leave_out<Field::key>,
    VKMEMBENCH_EVENT_KEYS(VKMEMBENCH_NO_KEY, VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
        [](Shape & shape){shape.alignment /= 2;
}  // namespace
, [](Shape& shape) { shape.memory = MemoryUse::device; }, [](Shape& shape) { shape.memory = MemoryUse::upload; },
    [](Shape& shape) {
      constexpr std::uint32_t kImage = VK_IMAGE_USAGE_SAMPLED_BIT;
      constexpr std::uint32_t kBuffer = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
      shape.usage = shape.image ? kImage : kBuffer;
    },
    [](Shape& shape) { shape.usage &= shape.usage - 1; },
    [](Shape& shape) {
      if (shape.image) shape.format = {VK_FORMAT_R8G8B8A8_UNORM};
    },
    [](Shape& shape) {
      if (shape.image) shape.format.resize(1);
    },
    [](Shape& shape) { shape.extent.depth = std::max(shape.extent.depth / 2, 1u); },
    [](Shape& shape) { shape.extent.height = std::max(shape.extent.height / 2, 1u); },
    [](Shape& shape) { shape.extent.width = std::max(shape.extent.width / 2, 1u); },
};  // namespace vkmembench

bool is_batch(const Event& event) { return operands_of(event.op) == Operands::batch; }

// What edits the sizes of the events that have one, and of a batch's buffers.
template <typename Edit>
void edit_sizes(Trace& trace, Event& event, Edit edit) {
  if (has_size(event.op)) event.set_size(edit(event.size()));
  if (!is_batch(event)) return;
  for (ObjectIndex i = 0; i < event.count(); ++i) {
    Bytes& size = trace.objects[event.object + i].size;
    size = edit(size);
  }
}

constexpr EventEdit kOfEvents[] = {
    [](Trace&, Event& event) {
      if (event.is_alias()) event.set_alias(kNoObject);
    },
    [](Trace&, Event& event) {
      if (event.is_alias()) event.set_alias(event.alias());
    },
    [](Trace&, Event& event) {
      if (is_batch(event)) event.set_count(std::max(event.count() / 2, 1u));
    },
    [](Trace&, Event& event) {
      if (is_batch(event)) event.set_count(std::max(event.count() - 1, 1u));
    },
    [](Trace&, Event& event) {
      if (!is_batch(event) || event.count() == 1) return;
      ++event.object;  // without its first
      event.set_count(event.count() - 1);
    },
    [](Trace& trace, Event& event) {
      if (!is_batch(event) || event.count() != 1) return;
      event.op = Op::buffer;
      event.set_size(trace.objects[event.object].size);
    },
    [](Trace&, Event& event) {
      if (operands_of(event.op) == Operands::range) event.set_offset(0);
    },
    [](Trace& trace, Event& event) {
      if (operands_of(event.op) == Operands::defragment) trace.defragments[event.request()] = {};
    },
    [](Trace& trace, Event& event) {
      if (operands_of(event.op) == Operands::defragment)
        trace.defragments[event.request()].select = DefragmentSelect::all;
    },
    [](Trace& trace, Event& event) {
      if (operands_of(event.op) == Operands::defragment)
        trace.defragments[event.request()].algorithm = DefragmentAlgorithm::balanced;
    },
    [](Trace& trace, Event& event) {
      if (operands_of(event.op) == Operands::defragment) trace.defragments[event.request()].max_bytes_per_pass = 0;
    },
    [](Trace& trace, Event& event) {
      if (operands_of(event.op) == Operands::defragment) trace.defragments[event.request()].max_moves_per_pass = 0;
    },
    [](Trace& trace, Event& event) {
      if (operands_of(event.op) == Operands::defragment) trace.defragments[event.request()].passes_per_frame = 1;
    },
    [](Trace& trace, Event& event) {
      if (operands_of(event.op) == Operands::budget && !trace.budgets[event.request()].is_ratio)
        trace.budgets[event.request()].bytes = 1;
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
