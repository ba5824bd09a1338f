#include "scenarios/trace/trace_writer.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "allocator/base/vulkan_names.h"
#include "scenarios/json/schema_id.h"
#include "scenarios/trace/event_fields.h"
#include "scenarios/trace/output_file.h"
#include "scenarios/trace/recorded_json.h"

namespace vkmembench {
namespace {

using Text = fmt::memory_buffer;

std::string json_text(std::string_view text) { return nlohmann::json(text).dump(); }

template <typename... Args>
void add(Text& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

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
std::string value_text(const Trace& trace, const Member& value) {
  if constexpr (kType == FieldType::name) return json_text(trace.strings[value]);
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

// The fields of a create event that its shape holds, as they stand in the line: the same for many events. First those
// that only images have, all of them; of the others what is optional is left out where it is at its default.
std::string shape_fields(const Trace& trace, const Shape& shape) {
  std::string out;
  const auto add_field = [&](auto field) {
    std::string value;
    if constexpr (field.kType == FieldType::usage)
      value = bits_text(field.of(shape), shape.image ? image_usage_names() : buffer_usage_names());
    else if constexpr (field.kType == FieldType::flags)
      value = bits_text(field.of(shape), shape.image ? image_flag_names() : buffer_flag_names());
    else
      value = value_text<field.kType>(trace, field.of(shape));
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

std::string defragment_fields(const DefragmentRequest& request) {
  const std::string select = request.select == DefragmentSelect::rules
                                 ? fmt::format(R"({{"idle_frames":{},"min_uses":{},"min_size":{}}})",
                                               request.idle_frames, request.min_uses, request.min_size)
                                 : std::string(request.select == DefragmentSelect::all ? "\"all\"" : "\"marked\"");
  std::string fields =
      fmt::format(R"(,"select":{},"algorithm":"{}","passes_per_frame":{})", select,
                  kDefragmentAlgorithmNames[static_cast<std::size_t>(request.algorithm)], request.passes_per_frame);
  if (request.max_bytes_per_pass != 0) fields += fmt::format(",\"max_bytes_per_pass\":{}", request.max_bytes_per_pass);
  if (request.max_moves_per_pass != 0) fields += fmt::format(",\"max_moves_per_pass\":{}", request.max_moves_per_pass);
  return fields;
}

std::string budget_fields(const BudgetRequest& request) {
  const bool index = request.heap.find_first_not_of("0123456789") == std::string::npos;
  return fmt::format(",\"heap\":{}", index ? request.heap : json_text(request.heap)) +
         (request.is_ratio ? fmt::format(",\"ratio\":{}", request.ratio) : fmt::format(",\"bytes\":{}", request.bytes));
}

std::string pool_fields(const Trace& trace, const PoolDeclaration& pool) {
  return fmt::format(R"(,"pool":{},"block_size":{},"min_blocks":{},"max_blocks":{},"order":"{}")",
                     json_text(trace.strings[pool.name]), pool.block_bytes, pool.min_blocks, pool.max_blocks,
                     kPoolOrderNames[static_cast<std::size_t>(pool.order)]);
}

// Spells the events of a trace, one JSON object a line.
class LineWriter {
 public:
  explicit LineWriter(const Trace& trace) : trace_(trace) {
    for (const Shape& shape : trace.shapes) shapes_.push_back(shape_fields(trace, shape));
    for (const std::string& text : trace.strings) strings_.push_back(json_text(text));
  }

  void header(Text& out) const {
    add(out, R"({{"schema":"{}","frames_in_flight":{},"measure_from_frame":{},"events":{}{}}})", kTraceSchema,
        trace_.frames_in_flight, trace_.measure_from_frame, trace_.events.size(), recorded_fields(trace_.recorded));
    out.push_back('\n');
  }

  // Without an end of the line.
  void line(Text& out, const Event& event) const {
    add(out, "{{\"op\":\"{}\"", op_name(event.op));
    if (event.lane != 0) add(out, ",\"lane\":{}", event.lane);
    fields(out, event);
    out.push_back('}');
  }

 private:
  [[nodiscard]] std::uint64_t id(ObjectIndex object) const { return trace_.objects[object].id; }

  void fields(Text& out, const Event& event) const {
    switch (operands_of(event.op)) {
      case Operands::none:
        return;
      case Operands::buffer:
        add(out, ",\"id\":{},\"size\":{}", id(event.object), event.size());
        return create_fields(out, event);
      case Operands::image:
        add(out, ",\"id\":{}", id(event.object));
        return create_fields(out, event);
      case Operands::batch:
        return batch_fields(out, event);
      case Operands::host_memory:
        return add(out, ",\"id\":{},\"size\":{},\"category\":{}", id(event.object), event.size(),
                   strings_[event.category()]);
      case Operands::object:
      case Operands::objects:
        return add(out, ",\"id\":{}", id(event.object));
      case Operands::sized:
        return add(out, ",\"id\":{},\"size\":{}", id(event.object), event.size());
      case Operands::range:
        return add(out, ",\"id\":{},\"offset\":{},\"size\":{}", id(event.object), event.offset(), event.size());
      case Operands::pair:
        return add(out, ",\"from\":{},\"to\":{},\"size\":{}", id(event.object), id(event.target()), event.size());
      case Operands::defragment:
        return add(out, "{}", defragment_fields(trace_.defragments[event.request()]));
      case Operands::budget:
        return add(out, "{}", budget_fields(trace_.budgets[event.request()]));
      case Operands::pool:
        return add(out, "{}", pool_fields(trace_, trace_.pools[event.request()]));
      case Operands::label:
        return add(out, ",\"label\":{}", strings_[event.label()]);
    }
  }
  void create_fields(Text& out, const Event& event) const {
    if (event.is_alias()) add(out, ",\"alias_of\":{}", id(event.alias()));
    out.append(std::string_view(shapes_[trace_.objects[event.object].shape]));
  }
  void batch_fields(Text& out, const Event& event) const {
    const std::span<const TraceObject> objects(&trace_.objects[event.object], event.count());
    add(out, ",\"ids\":[{}", objects[0].id);
    for (const TraceObject& object : objects.subspan(1)) add(out, ",{}", object.id);
    add(out, "],\"sizes\":[{}", objects[0].size);
    for (const TraceObject& object : objects.subspan(1)) add(out, ",{}", object.size);
    out.push_back(']');
    out.append(std::string_view(shapes_[objects[0].shape]));
  }

  const Trace& trace_;
  std::vector<std::string> shapes_;
  std::vector<std::string> strings_;
};

}  // namespace

void write_trace(const Trace& trace, const std::filesystem::path& file) {
  constexpr std::size_t kFlush = 256 * kKiB;
  OutputFile output(file);
  const LineWriter lines(trace);
  Text text;
  const auto flush_beyond = [&](std::size_t bytes) {
    if (text.size() <= bytes) return;
    output.write({text.data(), text.size()});
    text.clear();
  };
  lines.header(text);
  for (std::size_t n = 0; n < trace.recorded.placements.size();) {
    n = add_placement_line(trace, n, text);
    flush_beyond(kFlush);
  }
  for (const Event& event : trace.events) {
    lines.line(text, event);
    text.push_back('\n');
    flush_beyond(kFlush);
  }
  flush_beyond(0);
  output.commit();
}

std::string scenario_text(const Trace& trace, std::string_view name, std::string_view description) {
  const LineWriter lines(trace);
  Text text;
  add(text, "{{\n\"schema\":\"{}\",\n\"name\":{},\n\"description\":{},\n", kScenarioSchema, json_text(name),
      json_text(description));
  add(text, "\"frames_in_flight\":{},\n\"workload\":{{\"events\":[", trace.frames_in_flight);
  const char* separator = "\n";
  for (const Event& event : trace.events) {
    text.append(std::string_view(separator));
    lines.line(text, event);
    separator = ",\n";
  }
  text.append(std::string_view("\n]}\n}\n"));
  return {text.data(), text.size()};
}

}  // namespace vkmembench
