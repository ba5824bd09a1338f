#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/trace/event_fields.h"
#include "scenarios/trace/given_ids.h"
#include "scenarios/trace/memory_words.h"
#include "scenarios/trace/named_bits.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

// Receives SAX events of one event object, nlohmann's or of PlainJsonScanner, and fills its fields. Its functions are
// found by name at compile time (no virtual calls in the hot path). Throws Error, without a place, at the first thing
// that no event may hold; ends the parse at the first that only a `repeat` holds.
class EventSax {
 public:
  EventSax(EventFields& fields, TraceBuilder& builder, GivenIds& ids) : fields_(fields), builder_(builder), ids_(ids) {}

  bool null() { wrong_type("null"); }
  bool boolean(bool value);
  bool number_integer(std::int64_t value);
  bool number_unsigned(std::uint64_t value);
  bool number_float(double value, const std::string& text);
  bool string(std::string_view value);
  bool binary(nlohmann::json::binary_t& /*value*/) { return false; }  // not of JSON text
  bool start_object(std::size_t size);
  bool end_object();
  bool start_array(std::size_t size);
  bool end_array();
  bool key(std::string_view name);
  [[noreturn]] bool parse_error(std::size_t at, const std::string& token, const nlohmann::detail::exception& error);

 private:
  enum class Where : std::uint8_t { outside, event, list, select, memory, properties };

  [[noreturn]] void wrong_type(std::string_view found) const;
  [[nodiscard]] FieldType type() const { return info().type; }
  [[nodiscard]] const FieldInfo& info() const { return field_infos()[static_cast<std::size_t>(field_)]; }
  [[nodiscard]] std::vector<std::uint64_t>& list();
  void add_integer(std::uint64_t value);
  bool op(std::string_view name);
  void add_format(std::string_view name);
  void add_bits(std::string_view what, const NamedBits& names, BitsByKind& bits, std::string_view name);
  void add_number(BitsByKind& bits, std::uint64_t value);
  void add_handle(std::string_view name);
  [[nodiscard]] Bytes bytes_of(std::string_view text) const;
  [[noreturn]] void unknown_key(std::string_view name) const;

  EventFields& fields_;
  TraceBuilder& builder_;
  GivenIds& ids_;
  Where where_ = Where::outside;
  Field field_ = Field::op;
  MemoryWords memory_;
};

}  // namespace vkmembench
