#include "scenarios/trace/trace_copy.h"

#include <utility>

#include "allocator/base/error.h"

namespace vkmembench {

TraceCopy::TraceCopy(const Trace& trace, TraceBuilder& out, NewId id)
    : trace_(trace),
      out_(out),
      id_(std::move(id)),
      shapes_(trace.shapes.size(), ~std::uint32_t{0}),
      objects_(trace.objects.size(), kNoObject) {}

std::uint32_t TraceCopy::shape(ObjectIndex object) {
  const std::uint32_t number = trace_.objects[object].shape;
  if (shapes_[number] == ~std::uint32_t{0}) {
    Shape copy = trace_.shapes[number];
    copy.tag = out_.string(trace_.strings[copy.tag]);
    copy.kind = out_.string(trace_.strings[copy.kind]);
    copy.pool = out_.string(trace_.strings[copy.pool]);
    shapes_[number] = out_.shape(copy);
  }
  return shapes_[number];
}

void TraceCopy::append(const Event& event) {
  const ObjectIndex object = event.object;
  switch (event.op) {
    case Op::count:
      return;
    case Op::frame:
      return out_.frame();
    case Op::buffer:
      objects_[object] = out_.buffer(id_(object), event.a, shape(object), alias(event));
      return;
    case Op::image:
      objects_[object] = out_.image(id_(object), shape(object), alias(event));
      return;
    case Op::batch:
      return append_batch(event);
    case Op::free:
      return out_.free(mapped(object));
    case Op::write:
      return out_.write(mapped(object), event.b, event.a);
    case Op::upload:
      return out_.upload(mapped(object), event.a);
    case Op::copy:
      return out_.copy(mapped(object), mapped(event.b), event.a);
    case Op::read:
      return out_.read(mapped(object), event.b, event.a);
    case Op::touch:
      return out_.touch(mapped(object));
    case Op::resize:
      return out_.resize(mapped(object), event.a);
    case Op::bind:
      return out_.bind(mapped(object));
    case Op::unbind:
      return out_.unbind(mapped(object));
    case Op::mark:
      return out_.mark(mapped(object));
    case Op::defragment:
      return out_.defragment(trace_.defragments[event.a]);
    case Op::budget:
      return out_.budget(trace_.budgets[event.a]);
    case Op::host_alloc:
      objects_[object] = out_.host_alloc(id_(object), event.a, trace_.strings[event.b]);
      return;
    case Op::host_free:
      return out_.host_free(mapped(object));
    case Op::snapshot:
      return out_.snapshot(trace_.strings[event.a]);
    case Op::barrier:
      return out_.barrier();
  }
}

void TraceCopy::append_batch(const Event& event) {
  std::vector<std::uint64_t> ids;
  std::vector<Bytes> sizes;
  for (std::uint64_t i = 0; i < event.a; ++i) {
    const auto object = static_cast<ObjectIndex>(event.object + i);
    ids.push_back(id_(object));
    sizes.push_back(trace_.objects[object].size);
  }
  const ObjectIndex first = out_.batch(ids, sizes, shape(event.object));
  for (std::uint64_t i = 0; i < event.a; ++i) objects_[event.object + i] = static_cast<ObjectIndex>(first + i);
}

bool TraceCopy::has_operands(const Event& event) const {
  switch (event.op) {
    case Op::buffer:
    case Op::image:
      return event.b == 0 || mapped(event.b - 1) != kNoObject;
    case Op::batch:
    case Op::host_alloc:
      return true;
    case Op::copy:
      return mapped(event.object) != kNoObject && mapped(event.b) != kNoObject;
    default:
      return event.object == kNoObject || mapped(event.object) != kNoObject;
  }
}

Trace repaired(const Trace& edited) {
  TraceBuilder out(edited.frames_in_flight);
  std::uint64_t next_id = 1;
  TraceCopy copy(edited, out, [&](ObjectIndex) { return next_id++; });
  for (const Event& event : edited.events) {
    if (!copy.has_operands(event)) continue;
    out.lane(event.lane);
    try {
      copy.append(event);
    } catch (const Error&) {  // left out
    }
  }
  return out.trace().events.empty() ? Trace{} : out.finish();
}

}  // namespace vkmembench
