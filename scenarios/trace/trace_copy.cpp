#include "scenarios/trace/trace_copy.h"

#include <string>
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
    visit_shape_fields([&](auto field) {
      if constexpr (field.kType == FieldType::name) field.of(copy) = out_.string(trace_.strings[field.of(copy)]);
      if constexpr (field.kField == Field::pool) field.of(copy) = pool_name(trace_.shapes[number].pool);
    });
    shapes_[number] = out_.shape(copy);
  }
  return shapes_[number];
}

// Where parts of a mix name their pools alike, each has its own.
std::uint32_t TraceCopy::new_pool_name(std::uint32_t name) {
  const std::string& wanted = trace_.strings[name];
  std::uint32_t given = out_.string(wanted);
  for (int nth = 2; out_.is_declared(given); ++nth) given = out_.string(wanted + " (" + std::to_string(nth) + ")");
  return pool_names_[name] = given;
}

std::uint32_t TraceCopy::pool_name(std::uint32_t name) {
  const auto found = pool_names_.find(name);
  return found != pool_names_.end() ? found->second : out_.string(trace_.strings[name]);
}

void TraceCopy::append(const Event& event) {
  const ObjectIndex object = event.object;
  switch (operands_of(event.op)) {
    case Operands::none:
      return out_.plain(event.op);
    case Operands::buffer:
      objects_[object] = out_.buffer(id_(object), event.size(), shape(object), alias(event));
      return;
    case Operands::image:
      objects_[object] = out_.image(id_(object), shape(object), alias(event));
      return;
    case Operands::batch:
      return append_batch(event);
    case Operands::host_memory:
      objects_[object] = out_.host_alloc(id_(object), event.size(), trace_.strings[event.category()]);
      return;
    case Operands::object:
    case Operands::objects:
      return out_.use(event.op, {mapped(object)});
    case Operands::sized:
      return out_.use(event.op, {mapped(object), event.size()});
    case Operands::range:
      return out_.use(event.op, {mapped(object), event.size(), event.offset()});
    case Operands::pair:
      return out_.use(event.op, {.object = mapped(object), .size = event.size(), .target = mapped(event.target())});
    case Operands::defragment:
      return out_.defragment(trace_.defragments[event.request()]);
    case Operands::budget:
      return out_.budget(trace_.budgets[event.request()]);
    case Operands::pool: {
      PoolDeclaration pool = trace_.pools[event.request()];
      pool.name = new_pool_name(pool.name);
      return out_.pool(pool);
    }
    case Operands::label:
      return out_.snapshot(trace_.strings[event.label()]);
    case Operands::pages:
      objects_[object] = out_.pages(id_(object), mapped(event.target()), event.page_offset(), event.size());
      return;
    case Operands::plane:
      objects_[object] = out_.plane(id_(object), mapped(event.target()), event.plane());
      return;
  }
}

void TraceCopy::append_batch(const Event& event) {
  std::vector<std::uint64_t> ids;
  std::vector<Bytes> sizes;
  for (ObjectIndex i = 0; i < event.count(); ++i) {
    const ObjectIndex object = event.object + i;
    ids.push_back(id_(object));
    sizes.push_back(trace_.objects[object].size);
  }
  const ObjectIndex first = out_.batch(ids, sizes, shape(event.object));
  for (ObjectIndex i = 0; i < event.count(); ++i) objects_[event.object + i] = first + i;
}

bool TraceCopy::has_operands(const Event& event) const {
  const auto is_there = [&](ObjectIndex object) { return object == kNoObject || mapped(object) != kNoObject; };
  if (is_creation(event.op)) return (!event.is_alias() || is_there(event.alias())) && is_there(event.target());
  return is_there(event.object) && is_there(event.target());
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
