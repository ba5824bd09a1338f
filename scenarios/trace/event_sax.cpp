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
#include "scenarios/trace/named_bits.h"

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
[[noreturn]] void unknown_bit(std::string_view what, const NamedBits& names, std::string_view name, Op op) {
  std::vector<NamedBit> rows;
  for (const auto& [key, row] : names) {
    const bool creates_buffer = op == Op::buffer || op == Op::batch;
    if (row.name == key && (op == Op::image ? row.image != 0 : !creates_buffer || row.buffer != 0)) rows.push_back(row);
  }
  std::ranges::sort(rows, {}, [](const NamedBit& row) { return std::pair(row.buffer == 0, row.buffer | row.image); });
  std::vector<std::string_view> known;
  for (const NamedBit& row : rows) known.push_back(row.name);
  unknown(what, name, known);
}

ImageDimensions image_dimensions_by_name(std::string_view name) {
  constexpr std::span<const std::string_view> kNames = std::span(kImageDimensionNames).subspan(1);
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) unknown("type", name, kNames);
  return static_cast<ImageDimensions>(found - kNames.begin() + 1);
}

PoolOrder pool_order_by_name(std::string_view name) {
  const auto found = std::ranges::find(kPoolOrderNames, name);
  if (found == kPoolOrderNames.end()) unknown("order", name, kPoolOrderNames);
  return static_cast<PoolOrder>(found - kPoolOrderNames.begin());
}

RefusalStep refusal_step_by_name(std::string_view name) {
  const auto found = std::ranges::find(kRefusalStepNames, name);
  if (found == kRefusalStepNames.end()) unknown("on_refusal", name, kRefusalStepNames);
  return static_cast<RefusalStep>(found - kRefusalStepNames.begin());
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
         type == FieldType::usage || type == FieldType::flags || type == FieldType::handles ||
         type == FieldType::refusals || type == FieldType::formats;
}

std::string_view wanted(FieldType type) {
  switch (type) {
    case FieldType::integer:
    case FieldType::wide:
    case FieldType::samples:
      return "an integer";
    case FieldType::bytes:
      return "an integer or a text such as \"4 MiB\"";
    case FieldType::id:
      return "an integer or a text";
    case FieldType::number:
    case FieldType::share:
      return "a number";
    case FieldType::boolean:
      return "true or false";
    case FieldType::op:
    case FieldType::text:
    case FieldType::name:
    case FieldType::tiling:
    case FieldType::image_type:
    case FieldType::pool_order:
    case FieldType::algorithm:
      return "a string";
    case FieldType::memory:
      return "a string or an object";
    case FieldType::extent:
      return "a list of integers";
    case FieldType::byte_list:
      return "a list of integers or texts such as \"4 MiB\"";
    case FieldType::ids:
      return "a list of integers or texts";
    case FieldType::usage:
    case FieldType::flags:
      return "a string, an integer or a list of these";
    case FieldType::handles:
    case FieldType::refusals:
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

bool EventSax::key(std::string_view name) {
  if (where_ == Where::memory) {
    memory_.key(name);
    return true;
  }
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
  if (where_ == Where::memory) {
    memory_.type(value);
    return true;
  }
  if (where_ == Where::properties) wrong_type("an integer");
  switch (where_ == Where::outside ? FieldType::boolean : type()) {
    case FieldType::number:
    case FieldType::share:
      return number_float(static_cast<double>(value), {});
    case FieldType::usage:
      add_number(fields_.usage, value);
      return true;
    case FieldType::flags:
      add_number(fields_.flags, value);
      return true;
    case FieldType::heap:
      fields_.heap = std::to_string(value);
      return true;
    case FieldType::id:
      ids_.refuse_given(value);
      [[fallthrough]];
    case FieldType::integer:
    case FieldType::samples:
    case FieldType::wide:
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
  if (where_ == Where::outside || where_ == Where::memory || where_ == Where::properties)
    wrong_type("a negative integer");
  switch (type()) {
    case FieldType::integer:
    case FieldType::wide:
    case FieldType::usage:
    case FieldType::flags:
    case FieldType::bytes:
    case FieldType::id:
    case FieldType::samples:
    case FieldType::extent:
    case FieldType::byte_list:
    case FieldType::ids:
      throw Error(fmt::format("'{}' {} is negative; give 0 or more", info().key, value));
    case FieldType::number:
    case FieldType::share:
      return number_float(static_cast<double>(value), {});
    default:
      wrong_type("a negative integer");
  }
}

Bytes EventSax::bytes_of(std::string_view text) const {
  if (const std::optional<Bytes> bytes = parse_bytes(text)) return *bytes;
  throw Error(fmt::format("'{}' \"{}\" is not {}", info().key, text, wanted(FieldType::bytes)));
}

bool EventSax::number_float(double value, const std::string& /*text*/) {
  if (where_ != Where::event || (type() != FieldType::number && type() != FieldType::share))
    wrong_type("a number that is no 64-bit integer");
  if (type() == FieldType::number) {
    fields_.ratio = value;
    return true;
  }
  if (!(value >= 0 && value <= 1)) throw Error(fmt::format("'{}' {} is not from 0 to 1", info().key, value));
  fields_.set_of_shape(field_, static_cast<float>(value));
  return true;
}

bool EventSax::boolean(bool value) {
  if (where_ != Where::event || type() != FieldType::boolean) wrong_type("a boolean");
  fields_.set_of_shape(field_, value);
  return true;
}

bool EventSax::string(std::string_view value) {
  if (where_ == Where::outside) wrong_type("a string");
  if (where_ == Where::memory || where_ == Where::properties) {
    memory_.property(value);
    return true;
  }
  const bool in_list = where_ == Where::list;
  switch (type()) {
    case FieldType::usage:
      add_bits("usage", usage_bits(), fields_.usage, value);
      return true;
    case FieldType::flags:
      add_bits("flag", flag_bits(), fields_.flags, value);
      return true;
    case FieldType::handles:
      add_handle(value);
      return true;
    case FieldType::refusals:
      if (!fields_.shape.on_refusal.add(refusal_step_by_name(value)))
        throw Error(fmt::format("on_refusal has more than {} steps; give fewer", RefusalSteps::kMost));
      return true;
    case FieldType::image_type:
      fields_.set_of_shape(field_, image_dimensions_by_name(value));
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
      add_integer(ids_.number_of(std::string(value)));
      return true;
    case FieldType::ids:
      if (!in_list) break;
      add_integer(ids_.number_of(std::string(value)));
      return true;
    case FieldType::op:
      return op(value);
    case FieldType::name:
      fields_.set_of_shape(field_, builder_.string(value));
      return true;
    case FieldType::memory:
      fields_.set_of_shape(field_, MemoryChoice(memory_by_name(value)));
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
    case FieldType::pool_order:
      fields_.order = pool_order_by_name(value);
      return true;
    case FieldType::heap:
      fields_.heap = value;
      return true;
    case FieldType::text:
      if (field_ == Field::label) fields_.label = value;
      if (field_ == Field::category) fields_.category = value;
      return true;
    case FieldType::integer:
    case FieldType::wide:
    case FieldType::number:
    case FieldType::share:
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
  (field_ == Field::view_formats ? fields_.shape.view_formats : fields_.shape.format).push_back(row->second);
}

void EventSax::add_handle(std::string_view name) {
  const auto bit = flag_by_name(external_handle_names(), name);
  if (!bit) throw Error(fmt::format("unknown handle type '{}'{}", name, known_names(name, external_handle_names())));
  fields_.shape.export_handles |= *bit;
}

void EventSax::add_bits(std::string_view what, const NamedBits& names, BitsByKind& bits, std::string_view name) {
  const auto row = names.find(name);
  if (row == names.end()) unknown_bit(what, names, name, fields_.op);
  const NamedBit& bit = row->second;
  bits.buffer |= bit.buffer;
  bits.image |= bit.image;
  if (bit.buffer == 0) bits.not_of_buffers = bit.name;
  if (bit.image == 0) bits.not_of_images = bit.name;
}

void EventSax::add_number(BitsByKind& bits, std::uint64_t value) {
  if (value > kMax32) throw Error(fmt::format("'{}' {} is above {}", info().key, value, kMax32));
  bits.buffer |= static_cast<std::uint32_t>(value);
  bits.image |= static_cast<std::uint32_t>(value);
}

bool EventSax::start_object(std::size_t /*size*/) {
  if (where_ == Where::outside) {
    where_ = Where::event;
  } else if (where_ == Where::event && type() == FieldType::selection) {
    where_ = Where::select;
    fields_.select = DefragmentSelect::rules;
  } else if (where_ == Where::event && type() == FieldType::memory) {
    where_ = Where::memory;
    memory_ = {};
  } else {
    wrong_type("an object");
  }
  return true;
}

bool EventSax::end_object() {
  if (where_ == Where::memory) fields_.set_of_shape(field_, memory_.choice());
  where_ = where_ == Where::event ? Where::outside : Where::event;
  return true;
}

bool EventSax::start_array(std::size_t /*size*/) {
  if (where_ == Where::memory && memory_.takes_list()) {
    where_ = Where::properties;
    return true;
  }
  if (where_ != Where::event || !is_list(type())) wrong_type("a list");
  where_ = Where::list;
  return true;
}

bool EventSax::end_array() {
  where_ = where_ == Where::properties ? Where::memory : Where::event;
  return true;
}

bool EventSax::parse_error(std::size_t at, const std::string& /*token*/, const nlohmann::detail::exception& error) {
  throw MalformedEvent("malformed JSON: " + json_error_text(error), at);
}

}  // namespace vkmembench
