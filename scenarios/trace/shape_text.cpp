#include "scenarios/trace/shape_text.h"

#include <fmt/format.h>
#include <algorithm>

#include <nlohmann/json.hpp>
#include <type_traits>
#include <vector>

#include "allocator/base/vulkan_names.h"
#include "scenarios/trace/event_fields.h"

namespace vkmembench {
namespace {

// Bits by name; those without one as a number.
std::string bits_text(std::uint32_t bits, std::span<const FlagName> names) {
  std::vector<std::string> stated;
  for (const FlagName& row : names) {
    if ((bits & row.bit) == 0) continue;
    stated.push_back(json_text(row.name));
    bits &= ~row.bit;
  }
  if (bits != 0) stated.push_back(fmt::format("{}", bits));
  return fmt::format("[{}]", fmt::join(stated, ","));
}

std::string memory_text(const MemoryChoice& choice) {
  if (choice.use != MemoryUse::custom) return json_text(rule_of(choice).name);
  std::vector<std::string> parts;
  const auto add_part = [&](const char* key, std::uint32_t properties) {
    if (properties != 0) parts.push_back(fmt::format("\"{}\":{}", key, bits_text(properties, memory_property_names())));
  };
  add_part("required", choice.required);
  add_part("preferred", choice.preferred);
  add_part("avoid", choice.unwanted);
  if (choice.recorded_type >= 0) parts.push_back(fmt::format("\"type\":{}", choice.recorded_type));
  return fmt::format("{{{}}}", fmt::join(parts, ","));
}

// Whether it is written although it may be at its default: older traces read the same.
constexpr bool is_always_written(Field field, Need need) {
  return need == Need::required || field == Field::mips || field == Field::layers || field == Field::samples ||
         field == Field::tiling;
}

// What a field of a request says, as JSON.
template <FieldType kType, typename Member>
std::string value_text(std::span<const std::string> strings, const Member& value) {
  if constexpr (kType == FieldType::name) return json_text(strings[value]);
  if constexpr (kType == FieldType::memory) return memory_text(value);
  if constexpr (kType == FieldType::handles) return bits_text(value, external_handle_names());
  if constexpr (kType == FieldType::image_type) return json_text(kImageDimensionNames[static_cast<std::size_t>(value)]);
  if constexpr (kType == FieldType::refusals) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < value.size(); ++i)
      names.push_back(json_text(kRefusalStepNames[static_cast<std::size_t>(value[i])]));
    return fmt::format("[{}]", fmt::join(names, ","));
  }
  if constexpr (kType == FieldType::tiling) return value == VK_IMAGE_TILING_LINEAR ? "\"linear\"" : "\"optimal\"";
  if constexpr (kType == FieldType::extent) return fmt::format("[{},{},{}]", value.width, value.height, value.depth);
  if constexpr (kType == FieldType::samples) return fmt::format("{}", static_cast<unsigned>(value));
  if constexpr (kType == FieldType::formats) {
    std::vector<std::string> names;
    for (const VkFormat format : value) names.push_back(json_text(format_info(format).name));
    return fmt::format("[{}]", fmt::join(names, ","));
  }
  if constexpr (std::is_arithmetic_v<Member>) return fmt::format("{}", value);
}

}  // namespace

std::string as_written(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return std::string(text);
  return nlohmann::json::parse(json_text(text)).get<std::string>();
}

// Recordings hold texts of any bytes.
std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string shape_fields(std::span<const std::string> strings, const Shape& shape) {
  std::string out;
  const auto add_field = [&](auto field) {
    std::string value;
    if constexpr (field.kType == FieldType::usage)
      value = bits_text(field.of(shape), shape.image ? image_usage_names() : buffer_usage_names());
    else if constexpr (field.kType == FieldType::flags)
      value = bits_text(field.of(shape), shape.image ? image_flag_names() : buffer_flag_names());
    else
      value = value_text<field.kType>(strings, field.of(shape));
    out += fmt::format(",\"{}\":{}", field_infos()[static_cast<std::size_t>(field.kField)].key, value);
  };
  visit_shape_fields([&](auto field) {
    if (!shape.image || field.kOf != Of::image) return;
    if (is_always_written(field.kField, field.kNeed) || !field.equal(shape, kStandardShape)) add_field(field);
  });
  visit_shape_fields([&](auto field) {
    if (field.kOf == Of::image || !field.is_of(shape.image)) return;
    if (field.kNeed == Need::required || !field.equal(shape, kStandardShape)) add_field(field);
  });
  return out;
}

}  // namespace vkmembench
