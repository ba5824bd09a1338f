#include "scenarios/trace/event_sax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <unordered_map>

#include "allocator/base/byte_text.h"
#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/names/name_table.h"
#include "scenarios/trace/event_reader.h"

namespace vkmembench {
namespace {

constexpr NameTable<kOpCount> kOpNames([] {
  std::array<std::string_view, kOpCount> names;
  std::ranges::transform(kOps, names.begin(), &OpInfo::name);
  return names;
}());
constexpr NameTable<kFieldCount> kFields({
#define VKMEMBENCH_ROW(key, ...) #key,
    VKMEMBENCH_EVENT_KEYS(VKMEMBENCH_ROW, VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
});

struct Usage {
  std::string_view name;
  std::uint32_t buffer = 0;
  std::uint32_t image = 0;
};

// The names of both kinds of resource; a few are of both.
const std::unordered_map<std::string_view, Usage>& usages() {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, Usage> usages;
    for (const FlagName& row : buffer_usage_names()) usages[row.name] = {row.name, row.bit, 0};
    for (const FlagName& row : image_usage_names()) {
      usages[row.name].name = row.name;
      usages[row.name].image = row.bit;
    }
    return usages;
  }();
  return by_name;
}

const std::unordered_map<std::string_view, VkFormat>& formats_by_name() {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, VkFormat> formats_of_name;
    for (const FormatInfo& row : formats()) formats_of_name.emplace(row.name, row.format);
    return formats_of_name;
  }();
  return by_name;
}

[[noreturn]] void unknown(std::string_view what, std::string_view name, std::span<const std::string_view> known) {
  throw Error(fmt::format("unknown {} '{}'{}", what, name, known_words(name, known)));
}

MemoryUse memory_by_name(std::string_view name) {
  const auto row = std::ranges::find(kMemoryUseRules, name, &MemoryUseRule::name);
  if (row == kMemoryUseRules.end())
    throw Error(fmt::format("unknown memory '{}'{}", name, known_names(name, kMemoryUseRules)));
  return static_cast<MemoryUse>(row - kMemoryUseRules.begin());
}

// Those of what the event creates, of both kinds before its op is known.
[[noreturn]] void unknown_usage(std::string_view name, Op op) {
  std::vector<std::string_view> known;
  for (const FlagName& row : buffer_usage_names()) {
    if (op != Op::image) known.push_back(row.name);
  }
  for (const FlagName& row : image_usage_names()) {
    const bool creates_buffer = op == Op::buffer || op == Op::batch;
    if (!creates_buffer && std::ranges::find(known, row.name) == known.end()) known.push_back(row.name);
  }
  unknown("usage", name, known);
}

VkImageTiling tiling_by_name(std::string_view name) {
  static constexpr std::string_view kNames[] = {"optimal", "linear"};
  if (name == kNames[0]) return VK_IMAGE_TILING_OPTIMAL;
  if (name == kNames[1]) return VK_IMAGE_TILING_LINEAR;
  unknown("tiling", name, kNames);
}

DefragmentSelect select_by_name(std::string_view name) {
  static constexpr std::string_view kNames[] = {"all", "marked"};
  if (name == kNames[0]) return DefragmentSelect::all;
  if (name == kNames[1]) return DefragmentSelect::marked;
  unknown("select", name, kNames);
}

DefragmentAlgorithm algorithm_by_name(std::string_view name) {
  const auto found = std::ranges::find(kDefragmentAlgorithmNames, name);
  if (found == kDefragmentAlgorithmNames.end()) unknown("algorithm", name, kDefragmentAlgorithmNames);
  return static_cast<DefragmentAlgorithm>(found - kDefragmentAlgorithmNames.begin());
}

[[noreturn]] void unknown_op(std::string_view name) {
  std::vector<std::string_view> known(kOpNames.names().begin(), kOpNames.names().end());
  known.push_back(kRepeat);
  unknown("op", name, known);
}

bool is_list(FieldType type) {
  return type == FieldType::extent || type == FieldType::byte_list || type == FieldType::ids ||
         type == FieldType::usage || type == FieldType::formats;
}

std::string_view wanted(FieldType type) {
  switch (type) {
    case FieldType::integer:
    case FieldType::samples:
      return "an integer";
    case FieldType::bytes:
      return "an integer or a text such as \"4 MiB\"";
    case FieldType::id:
      return "an integer or a text";
    case FieldType::number:
      return "a number";
    case FieldType::boolean:
      return "true or false";
    case FieldType::op:
    case FieldType::text:
    case FieldType::name:
    case FieldType::memory:
    case FieldType::tiling:
    case FieldType::algorithm:
      return "a string";
    case FieldType::extent:
      return "a list of integers";
    case FieldType::byte_list:
      return "a list of integers or texts such as \"4 MiB\"";
    case FieldType::ids:
      return "a list of integers or texts";
    case FieldType::usage:
    case FieldType::formats:
      return "a string or a list of strings";
    case FieldType::heap:
      return "'device', 'host' or an index";
    case FieldType::selection:
      return "'all', 'marked' or an object";
  }
  return "";
}

}  // namespace

void EventSax::wrong_type(std::string_view found) const {
  if (where_ == Where::outside) throw Error(fmt::format("an event is an object, not {}", found));
  throw Error(fmt::format("'{}' is {}{}, not {}", info().key, where_ == Where::list ? "a list with " : "", found,
                          wanted(type())));
}

bool EventSax::key(std::string& name) {
  const std::size_t found = kFields.find(name);
  const bool inside = where_ == Where::select;
  if (found == kFieldCount || (found >= kEventKeyCount) != inside) {
    if (!inside && is_key_of_repeat(name)) return false;
    unknown_key(name);
  }
  field_ = static_cast<Field>(found);
  if (fields_.has(field_)) throw Error(fmt::format("'{}' is there twice; keep one", name));
  fields_.present |= bit(field_);
  return true;
}

void EventSax::unknown_key(std::string_view name) const {
  const std::span<const std::string_view> keys = kFields.names();
  if (where_ == Where::select) unknown("key", name, keys.subspan(kEventKeyCount));
  if (fields_.op == Op::count) unknown("key", name, keys.first(kEventKeyCount));
  throw Error(fmt::format("unknown key '{}'{}; '{}' takes {}", name, did_you_mean(name, keys.first(kEventKeyCount)),
                          op_name(fields_.op), fmt::join(keys_of(fields_.op), ", ")));
}

std::vector<std::uint64_t>& EventSax::list() {
  return field_ == Field::ids ? fields_.ids : field_ == Field::sizes ? fields_.sizes : fields_.extent;
}

// To the field, or the list that it is.
void EventSax::add_integer(std::uint64_t value) {
  if (where_ == Where::list) return list().push_back(value);
  fields_.integers[static_cast<std::size_t>(field_)] = value;
}

bool EventSax::number_unsigned(std::uint64_t value) {
  switch (where_ == Where::outside ? FieldType::boolean : type()) {
    case FieldType::number:
      return number_float(static_cast<double>(value), {});
    case FieldType::heap:
      fields_.heap = std::to_string(value);
      return true;
    case FieldType::id:
      ids_.refuse_given(value);
      [[fallthrough]];
    case FieldType::integer:
    case FieldType::samples:
    case FieldType::bytes:
      fields_.integers[static_cast<std::size_t>(field_)] = value;
      break;
    case FieldType::ids:
      ids_.refuse_given(value);
      [[fallthrough]];
    case FieldType::byte_list:
    case FieldType::extent:
      if (where_ != Where::list) wrong_type("an integer");
      list().push_back(value);
      break;
    default:
      wrong_type("an integer");
  }
  if (value > info().max) throw Error(fmt::format("'{}' {} is above {}", info().key, value, info().max));
  return true;
}

bool EventSax::number_integer(std::int64_t value) {
  if (where_ == Where::outside) wrong_type("a negative integer");
  switch (type()) {
    case FieldType::integer:
    case FieldType::bytes:
    case FieldType::id:
    case FieldType::samples:
    case FieldType::extent:
    case FieldType::byte_list:
    case FieldType::ids:
      throw Error(fmt::format("'{}' {} is negative; give 0 or more", info().key, value));
    case FieldType::number:
      return number_float(static_cast<double>(value), {});
    default:
      wrong_type("a negative integer");
  }
}

Bytes EventSax::bytes_of(const std::string& text) const {
  if (const std::optional<Bytes> bytes = parse_bytes(text)) return *bytes;
  throw Error(fmt::format("'{}' \"{}\" is not {}", info().key, text, wanted(FieldType::bytes)));
}

bool EventSax::number_float(double value, const std::string& /*text*/) {
  if (where_ != Where::event || type() != FieldType::number) wrong_type("a number that is no 64-bit integer");
  fields_.ratio = value;
  return true;
}

bool EventSax::boolean(bool value) {
  if (where_ != Where::event || type() != FieldType::boolean) wrong_type("a boolean");
  fields_.set_of_shape(field_, value);
  return true;
}

bool EventSax::string(std::string& value) {
  if (where_ == Where::outside) wrong_type("a string");
  const bool in_list = where_ == Where::list;
  switch (type()) {
    case FieldType::usage:
      add_usage(value);
      return true;
    case FieldType::formats:
      add_format(value);
      return true;
    case FieldType::bytes:
      add_integer(bytes_of(value));
      return true;
    case FieldType::byte_list:
      if (!in_list) break;
      add_integer(bytes_of(value));
      return true;
    case FieldType::id:
      add_integer(ids_.number_of(value));
      return true;
    case FieldType::ids:
      if (!in_list) break;
      add_integer(ids_.number_of(value));
      return true;
    case FieldType::op:
      return op(value);
    case FieldType::name:
      fields_.set_of_shape(field_, builder_.string(value));
      return true;
    case FieldType::memory:
      fields_.set_of_shape(field_, memory_by_name(value));
      return true;
    case FieldType::tiling:
      fields_.set_of_shape(field_, tiling_by_name(value));
      return true;
    case FieldType::selection:
      fields_.select = select_by_name(value);
      return true;
    case FieldType::algorithm:
      fields_.algorithm = algorithm_by_name(value);
      return true;
    case FieldType::heap:
      fields_.heap = std::move(value);
      return true;
    case FieldType::text:
      if (field_ == Field::label) fields_.label = std::move(value);
      if (field_ == Field::category) fields_.category = std::move(value);
      return true;
    case FieldType::integer:
    case FieldType::number:
    case FieldType::boolean:
    case FieldType::extent:
    case FieldType::samples:
      break;
  }
  wrong_type("a string");
}

// False for a repeat.
bool EventSax::op(std::string_view name) {
  const std::size_t found = kOpNames.find(name);
  if (found == kOpCount) {
    if (name == kRepeat) return false;
    unknown_op(name);
  }
  fields_.op = static_cast<Op>(found);
  return true;
}

void EventSax::add_format(std::string_view name) {
  const auto row = formats_by_name().find(name);
  if (row == formats_by_name().end())
    throw Error(fmt::format("unknown format '{}'{}", name, known_names(name, formats())));
  fields_.shape.format.push_back(row->second);
}

void EventSax::add_usage(std::string_view name) {
  const auto row = usages().find(name);
  if (row == usages().end()) unknown_usage(name, fields_.op);
  const Usage& usage = row->second;
  fields_.buffer_usage |= usage.buffer;
  fields_.image_usage |= usage.image;
  if (usage.buffer == 0) fields_.not_a_buffer_usage = usage.name;
  if (usage.image == 0) fields_.not_an_image_usage = usage.name;
}

bool EventSax::start_object(std::size_t /*size*/) {
  if (where_ == Where::outside) {
    where_ = Where::event;
  } else if (where_ == Where::event && type() == FieldType::selection) {
    where_ = Where::select;
    fields_.select = DefragmentSelect::rules;
  } else {
    wrong_type("an object");
  }
  return true;
}

bool EventSax::end_object() {
  where_ = where_ == Where::select ? Where::event : Where::outside;
  return true;
}

bool EventSax::start_array(std::size_t /*size*/) {
  if (where_ != Where::event || !is_list(type())) wrong_type("a list");
  where_ = Where::list;
  return true;
}

bool EventSax::end_array() {
  where_ = Where::event;
  return true;
}

bool EventSax::parse_error(std::size_t at, const std::string& /*token*/, const nlohmann::detail::exception& error) {
  throw MalformedEvent("malformed JSON: " + json_error_text(error), at);
}

}  // namespace vkmembench
