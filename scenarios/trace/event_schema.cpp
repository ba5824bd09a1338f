#include "scenarios/trace/event_schema.h"

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "allocator/base/vulkan_names.h"
#include "scenarios/trace/event_fields.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

Json reference(std::string_view name) { return {{"$ref", "#/$defs/" + std::string(name)}}; }

Json list_of(const Json& item) { return {{"type", "array"}, {"minItems", 1}, {"items", item}}; }

Json one_or_list(const Json& item) { return {{"anyOf", {item, list_of(item)}}}; }

// Names of bits, also without the suffix of an extension.
Json names_of_bits(std::span<const FlagName> names) {
  Json known = Json::array();
  for (const FlagName& row : names) {
    known.push_back(row.name);
    if (const std::string_view plain = without_vendor(row.name); plain != row.name) known.push_back(plain);
  }
  return {{"enum", known}};
}

// One or several, by name or by number.
Json bits(std::span<const FlagName> names) {
  const Json number = {{"type", "integer"}, {"minimum", 0}, {"maximum", kMax32}};
  return one_or_list({{"anyOf", {names_of_bits(names), number}}});
}

Json memory_choice() {
  const Json properties = one_or_list(names_of_bits(memory_property_names()));
  const auto described = [&](std::string_view help) {
    Json schema = {{"description", help}};
    schema.update(properties);
    return schema;
  };
  return {{"type", "object"},
          {"minProperties", 1},
          {"additionalProperties", false},
          {"properties",
           {{"required", described("Properties without which no memory type will do.")},
            {"preferred", described("Properties that the best memory type has.")},
            {"avoid", described("Properties that the best memory type lacks.")},
            {"type",
             {{"description", "Index of the memory type that a recorded program chose."},
              {"type", "integer"},
              {"minimum", 0},
              {"maximum", VK_MAX_MEMORY_TYPES - 1}}}}}};
}

// Bytes as a number within the limits, or as a text.
Json bytes(Json limits) {
  Json schema;
  if (const auto standard = limits.find("default"); standard != limits.end()) {
    schema["default"] = *standard;
    limits.erase("default");
  }
  Json number = {{"type", "integer"}};
  number.update(limits);
  schema["anyOf"] = {number, reference("bytes_text")};
  return schema;
}

Json property(Field field);

// The object that `select` may be.
Json rules() {
  Json schema = {{"type", "object"}, {"additionalProperties", false}};
  for (std::size_t i = kEventKeyCount; i < kFieldCount; ++i)
    schema["properties"][std::string(field_infos()[i].key)] = property(static_cast<Field>(i));
  return schema;
}

// What a value of the type may be.
Json of_type(FieldType type, const Json& limits) {
  switch (type) {
    case FieldType::integer:
    case FieldType::wide:
      return {{"type", "integer"}};
    case FieldType::bytes:
      return bytes(limits);
    case FieldType::byte_list:
      return list_of(reference("size"));
    case FieldType::id:
      return {{"anyOf", {reference("uint64"), {{"type", "string"}, {"minLength", 1}}}}};
    case FieldType::ids:
      return list_of(reference("id"));
    case FieldType::number:
    case FieldType::share:
      return {{"type", "number"}};
    case FieldType::boolean:
      return {{"type", "boolean"}, {"default", false}};
    case FieldType::text:
    case FieldType::op:
      return {{"type", "string"}};
    case FieldType::name:
      return {{"type", "string"}, {"default", ""}};
    case FieldType::usage:
      return bits(buffer_usage_names());
    case FieldType::flags:
      return bits(buffer_flag_names());
    case FieldType::handles:
      return one_or_list(names_of_bits(external_handle_names()));
    case FieldType::refusals:
      return one_or_list({{"enum", kRefusalStepNames}});
    case FieldType::image_type:
      return {{"enum", std::span(kImageDimensionNames).subspan(1)}};
    case FieldType::memory: {
      Json names = Json::array();
      for (const MemoryUseRule& row : kMemoryUseRules) names.push_back(row.name);
      return {{"anyOf", {{{"enum", names}}, memory_choice()}}};
    }
    case FieldType::formats:
      return one_or_list({{"type", "string"}, {"pattern", "^[A-Z0-9x_]+$"}});
    case FieldType::extent: {
      const Json side = {{"type", "integer"}, {"minimum", 1}, {"maximum", kMaxImageExtent}};
      return {{"type", "array"}, {"minItems", 2}, {"maxItems", 3}, {"items", side}};
    }
    case FieldType::samples:
      return {{"enum", {1, 2, 4, 8, 16, 32, 64}}, {"default", 1}};
    case FieldType::tiling:
      return {{"enum", {"optimal", "linear"}}, {"default", "optimal"}};
    case FieldType::selection:
      return {{"anyOf", {{{"enum", {"all", "marked"}}}, rules()}}, {"default", "all"}};
    case FieldType::algorithm:
      return {{"enum", kDefragmentAlgorithmNames}, {"default", "balanced"}};
    case FieldType::pool_order:
      return {{"enum", kPoolOrderNames}, {"default", "general"}};
    case FieldType::heap: {
      const Json index = {{"type", "integer"}, {"minimum", 0}, {"maximum", VK_MAX_MEMORY_HEAPS - 1}};
      return {{"anyOf", {index, {{"type", "string"}, {"pattern", "^(device|host|[0-9]|1[0-5])$"}}}}};
    }
  }
  return {};
}

Json property(Field field) {
  const FieldInfo& info = field_infos()[static_cast<std::size_t>(field)];
  const Json limits = Json::parse(info.limits);
  Json schema = {{"description", info.help}};
  schema.update(of_type(info.type, limits));
  if (info.type != FieldType::bytes) schema.update(limits);
  return schema;
}

// Whether images and buffers take other values.
bool is_by_kind(Field field) { return field == Field::usage || field == Field::flags; }

// What the op's events may hold.
Json alternative(Op op) {
  const OpInfo& info = info_of(op);
  const OpFields fields = fields_of(info.operands);
  const FieldSet either = either_of(info.operands);
  Json schema = {{"description", info.help}};
  Json properties;
  properties["op"]["const"] = info.name;
  const auto key = [](std::size_t i) { return std::string(field_infos()[i].key); };
  for (std::size_t i = 0; i < kEventKeyCount; ++i) {
    const FieldSet one = bit(static_cast<Field>(i));
    if (((fields.required | fields.optional) & one) != 0)
      properties[key(i)] =
          reference(is_by_kind(static_cast<Field>(i)) && info.operands == Operands::image ? "image_" + key(i) : key(i));
    if ((fields.required & one) != 0) schema["required"].push_back(key(i));
    if ((either & one) != 0) schema["oneOf"].push_back({{"required", Json::array({key(i)})}});
  }
  if ((fields.optional & bit(Field::alias_offset)) != 0) schema["dependentRequired"]["alias_offset"] = {"alias_of"};
  properties["lane"] = reference("lane");
  if (info.effect == Effect::begins_frame)
    properties["lane"] = {{"description", "Frames begin on lane 0."}, {"const", 0}};
  properties["comment"] = reference("comment");
  schema["additionalProperties"] = false;
  schema["properties"] = properties;
  return schema;
}

}  // namespace

void add_event_schema(nlohmann::ordered_json& defs) {
  for (std::size_t i = 0; i < kEventKeyCount; ++i) {
    const auto field = static_cast<Field>(i);
    if (field != Field::op) defs[std::string(field_infos()[i].key)] = property(field);
  }
  const auto add_of_images = [&](const char* key, std::span<const FlagName> names) {
    Json of_images = defs[key];
    of_images.update(bits(names));
    defs[std::string("image_") + key] = of_images;
  };
  add_of_images("usage", image_usage_names());
  add_of_images("flags", image_flag_names());
  Json event = {{"description", "One step of the program, as its `op` says."},
                {"type", "object"},
                {"required", Json::array({"op"})}};
  for (std::size_t op = 0; op < kOpCount; ++op) event["oneOf"].push_back(alternative(static_cast<Op>(op)));
  event["oneOf"].push_back(defs["repeat"]);
  defs.erase("repeat");
  defs["event"] = event;
}

}  // namespace vkmembench
