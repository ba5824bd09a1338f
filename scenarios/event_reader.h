#pragma once

#include <cstdint>
#include <string_view>

#include "scenarios/event_fields.h"
#include "scenarios/id_map.h"
#include "scenarios/trace_builder.h"

namespace vkmembench {

// Turns the JSON text of one event after the other into events of a builder, without a tree in between. What a
// scenario's `events` and the lines of a trace file have in common.
class EventReader {
 public:
  explicit EventReader(TraceBuilder& builder) : builder_(builder), ids_(builder) {}

  // Throws Error, without a place, for text that is not JSON or not an event that is possible here.
  void read(std::string_view json);

 private:
  void append();
  [[nodiscard]] std::uint32_t shape(bool image);
  [[nodiscard]] ObjectIndex alias_target() const;
  [[nodiscard]] ObjectIndex object(std::uint64_t id) const;
  [[nodiscard]] ObjectIndex object(Field field) const { return object(fields_.integer(field)); }
  [[nodiscard]] DefragmentRequest defragment_request() const;
  void created(ObjectIndex object);
  template <typename Action>
  void for_each_object(Action action);

  TraceBuilder& builder_;
  IdMap ids_;
  EventFields fields_;
  Shape shape_;  // kept for the memory of its list
};

}  // namespace vkmembench
