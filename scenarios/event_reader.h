#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "allocator/base/error.h"
#include "scenarios/event_fields.h"
#include "scenarios/id_map.h"
#include "scenarios/trace_builder.h"

namespace vkmembench {

// Text that is not JSON, from this byte on, counted from 1.
class MalformedEvent : public Error {
 public:
  MalformedEvent(const std::string& message, std::size_t column) : Error(message), column_(column) {}
  [[nodiscard]] std::size_t column() const { return column_; }

 private:
  std::size_t column_;
};

// Turns the JSON text of one event after the other into events of a builder, without a tree in between. What a
// scenario's `events` and the lines of a trace file have in common.
class EventReader {
 public:
  // `place` says where the event that is read stands, for what is found out only later.
  explicit EventReader(
      TraceBuilder& builder, std::function<std::string()> place = [] { return std::string(); })
      : builder_(builder), ids_(builder), place_(std::move(place)) {}

  // Throws Error, without a place, for what is no event that is possible here: MalformedEvent when it is no JSON.
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
  std::function<std::string()> place_;
  EventFields fields_;
  Shape shape_;  // kept for the memory of its list
};

}  // namespace vkmembench
