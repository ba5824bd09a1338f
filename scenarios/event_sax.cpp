#include "scenarios/event_sax.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <unordered_map>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/event_reader.h"
#include "scenarios/json_reader.h"
#include "scenarios/name_table.h"

namespace vkmembench {
namespace {

constexpr std::size_t kOpCount = static_cast<std::size_t>(Op::count);
constexpr NameTable<kOpCount> kOps({
#define VKMEMBENCH_ROW(op) #op,
    VKMEMBENCH_OPS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
});
constexpr NameTable<kFieldCount> kFields({
#define VKMEMBENCH_ROW(key, type, max) #key,
    VKMEMBENCH_EVENT_FIELDS(VKMEMBENCH_ROW)
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

[[noreturn]] void unknown(std::string_view what, std::string_view name, std::span<const std::string_view> candidates) {
  throw Error(fmt::format("unknown {} '{}'{}", what, name, did_you_mean(name, candidates)));
}
template <typename Rows, typename Name>
[[noreturn]] void unknown_row(std::string_view what, std::string_view name, const Rows& rows, Name name_of) {
  std::vector<std::string_view> candidates;
  candidates.reserve(rows.size());
  for (const auto& row : rows) candidates.push_back(name_of(row));
  unknown(what, name, candidates);
}

MemoryUse memory_by_name(std::string_view name) {
  const auto row = std::ranges::find(kMemoryUseRules, name, &MemoryUseRule::name);
  if (row == kMemoryUseRules.end()) unknown_row("memory", name, kMemoryUseRules, [](const auto& r) { return r.name; });
  return static_cast<MemoryUse>(row - kMemoryUseRules.begin());
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

std::string_view wanted(FieldType type) {
  switch (type) {
    case FieldType::integer:
      return "an integer";
    case FieldType::number:
      return "a number";
    case FieldType::boolean:
      return "true or false";
    case FieldType::text:
      return "a string";
    case FieldType::integers:
      return "a list of integers";
    case FieldType::texts:
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
    const std::span<const std::string_view> keys = kFields.names();
    unknown("key", name, inside ? keys.subspan(kEventKeyCount) : keys.first(kEventKeyCount));
  }
  field_ = static_cast<Field>(found);
  if (fields_.has(field_)) throw Error(fmt::format("'{}' is there twice; keep one", name));
  fields_.present |= bit(field_);
  return true;
}

bool EventSax::number_unsigned(std::uint64_t value) {
  switch (where_ == Where::outside ? FieldType::boolean : type()) {
    case FieldType::number:
      return number_float(static_cast<double>(value), {});
    case FieldType::heap:
      fields_.heap = std::to_string(value);
      return true;
    case FieldType::integer:
      fields_.integers[static_cast<std::size_t>(field_)] = value;
      break;
    case FieldType::integers: {
      if (where_ != Where::list) wrong_type("an integer");
      std::vector<std::uint64_t>& list = field_ == Field::ids     ? fields_.ids
                                         : field_ == Field::sizes ? fields_.sizes
                                                                  : fields_.extent;
      list.push_back(value);
      break;
    }
    default:
      wrong_type("an integer");
  }
  if (value > info().max) throw Error(fmt::format("'{}' {} is above {}", info().key, value, info().max));
  return true;
}

bool EventSax::number_integer(std::int64_t value) {
  if (where_ != Where::outside && (type() == FieldType::integer || type() == FieldType::integers)) {
    throw Error(fmt::format("'{}' {} is negative; give 0 or more", info().key, value));
  }
  if (where_ != Where::outside && type() == FieldType::number) return number_float(static_cast<double>(value), {});
  wrong_type("a negative integer");
}

bool EventSax::number_float(double value, const std::string& /*text*/) {
  if (where_ != Where::event || type() != FieldType::number) wrong_type("a number that is no 64-bit integer");
  fields_.ratio = value;
  return true;
}

bool EventSax::boolean(bool value) {
  if (where_ != Where::event || type() != FieldType::boolean) wrong_type("a boolean");
  fields_.evictable = value;
  return true;
}

bool EventSax::string(std::string& value) {
  if (where_ == Where::outside) wrong_type("a string");
  if (type() == FieldType::texts) {
    text_of_list(value);
    return true;
  }
  if (where_ != Where::event) wrong_type("a string");
  switch (field_) {
    case Field::op: {
      const std::size_t op = kOps.find(value);
      if (op == kOpCount) unknown("op", value, kOps.names());
      fields_.op = static_cast<Op>(op);
      break;
    }
    case Field::memory:
      fields_.memory = memory_by_name(value);
      break;
    case Field::kind:
      fields_.kind = builder_.string(value);
      break;
    case Field::pool:
      fields_.pool = builder_.string(value);
      break;
    case Field::tag:
      fields_.tag = builder_.string(value);
      break;
    case Field::tiling:
      fields_.tiling = tiling_by_name(value);
      break;
    case Field::select:
      fields_.select = select_by_name(value);
      break;
    case Field::algorithm:
      fields_.algorithm = algorithm_by_name(value);
      break;
    case Field::heap:
      fields_.heap = std::move(value);
      break;
    case Field::label:
      fields_.label = std::move(value);
      break;
    case Field::category:
      fields_.category = std::move(value);
      break;
    default:
      wrong_type("a string");
  }
  return true;
}

void EventSax::text_of_list(std::string_view text) {
  if (field_ == Field::format) {
    const auto row = formats_by_name().find(text);
    if (row == formats_by_name().end()) unknown_row("format", text, formats(), [](const auto& r) { return r.name; });
    fields_.formats.push_back(row->second);
    return;
  }
  const auto row = usages().find(text);
  if (row == usages().end()) unknown_row("usage", text, usages(), [](const auto& r) { return r.first; });
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
  if (where_ != Where::event || (type() != FieldType::integers && type() != FieldType::texts)) wrong_type("a list");
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
