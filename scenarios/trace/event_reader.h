#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "allocator/base/error.h"
#include "scenarios/trace/event_fields.h"
#include "scenarios/trace/given_ids.h"
#include "scenarios/trace/id_map.h"
#include "scenarios/trace/trace_builder.h"

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
      : builder_(builder), ids_(builder), given_ids_(builder), place_(std::move(place)) {}

  // Appends the event; false, and nothing is appended, for a `repeat`. Throws Error, without a place, for what is no
  // event that is possible here: MalformedEvent when it is no JSON.
  [[nodiscard]] bool read(std::string_view json);
  // The two halves of read(), for an event that is appended several times.
  [[nodiscard]] bool parse(std::string_view json, EventFields& fields);
  void append(const EventFields& fields);
  // Whether the last error came of appending: an event that is well-formed, but impossible here.
  [[nodiscard]] bool was_parsed() const { return was_parsed_; }

  // Whether what is created from now on gets an id of its own, as in every turn of a repeat but the first. An event
  // that names an id means the latest object that was created by it.
  void renew_ids(bool on) { given_ids_.renew(on); }

 private:
  // Fills the fields from the text, which may lack some; false for a `repeat`.
  [[nodiscard]] bool tell(std::string_view json, EventFields& fields);
  void append();
  [[nodiscard]] std::uint32_t shape(bool image);
  [[nodiscard]] AliasOf alias() const;
  [[nodiscard]] ObjectIndex object(std::uint64_t id) const;
  [[nodiscard]] ObjectIndex object(Field field) const { return object(fields_.integer(field)); }
  [[nodiscard]] DefragmentRequest defragment_request() const;
  [[nodiscard]] PoolDeclaration pool_declaration() const;
  [[nodiscard]] std::uint64_t new_id(std::uint64_t id);
  void created(ObjectIndex object);
  [[noreturn]] void live_already(std::uint64_t id) const;
  void append_batch();
  [[nodiscard]] VkExtent3D extent() const;
  void use_each(Op op);  // of the object, or the objects, that the fields name

  TraceBuilder& builder_;
  IdMap ids_;
  GivenIds given_ids_;
  std::function<std::string()> place_;
  EventFields fields_;
  bool was_parsed_ = false;
};

}  // namespace vkmembench
