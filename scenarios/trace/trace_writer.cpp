#include "scenarios/trace/trace_writer.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "allocator/base/vulkan_names.h"
#include "scenarios/trace/output_file.h"

namespace vkmembench {
namespace {

using Text = fmt::memory_buffer;

std::string json_text(std::string_view text) { return nlohmann::json(text).dump(); }

template <typename... Args>
void add(Text& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

void add_usage(std::string& out, std::uint32_t usage, std::span<const FlagName> names) {
  const char* separator = "";
  out += ",\"usage\":[";
  for (const FlagName& row : names) {
    if ((usage & row.bit) == 0) continue;
    out.append(separator).append(json_text(row.name));
    separator = ",";
  }
  out += "]";
}

// The fields of a create event that its shape holds, as they stand in the line: the same for many events.
std::string shape_fields(const Trace& trace, const Shape& shape) {
  std::string out;
  const auto optional_text = [&](const char* key, std::uint32_t index) {
    if (index != 0) out += fmt::format(",\"{}\":{}", key, json_text(trace.strings[index]));
  };
  if (shape.image) {
    out += ",\"format\":[";
    for (const VkFormat& format : shape.formats) {
      out += fmt::format("{}\"{}\"", &format == shape.formats.data() ? "" : ",", format_info(format).name);
    }
    out += fmt::format("],\"extent\":[{},{},{}],\"mips\":{},\"layers\":{},\"samples\":{},\"tiling\":\"{}\"",
                       shape.extent.width, shape.extent.height, shape.extent.depth, shape.mips, shape.layers,
                       static_cast<unsigned>(shape.samples),
                       shape.tiling == VK_IMAGE_TILING_LINEAR ? "linear" : "optimal");
  }
  add_usage(out, shape.usage, shape.image ? image_usage_names() : buffer_usage_names());
  out += fmt::format(",\"memory\":\"{}\"", rule_of(shape.memory).name);
  optional_text("kind", shape.kind);
  optional_text("pool", shape.pool);
  optional_text("tag", shape.tag);
  if (shape.alignment != 0) out += fmt::format(",\"align\":{}", shape.alignment);
  if (shape.evictable) out += ",\"evictable\":true";
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

// Spells the events of a trace, one JSON object a line.
class LineWriter {
 public:
  explicit LineWriter(const Trace& trace) : trace_(trace) {
    for (const Shape& shape : trace.shapes) shapes_.push_back(shape_fields(trace, shape));
    for (const std::string& text : trace.strings) strings_.push_back(json_text(text));
  }

  void header(Text& out) const {
    add(out, R"({{"schema":"vkmembench.trace/1","frames_in_flight":{},"measure_from_frame":{},"events":{}}})",
        trace_.frames_in_flight, trace_.measure_from_frame, trace_.events.size());
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
  [[nodiscard]] std::uint64_t id(std::uint64_t object) const { return trace_.objects[object].id; }

  void fields(Text& out, const Event& event) const {
    switch (event.op) {
      case Op::frame:
      case Op::barrier:
      case Op::count:
        return;
      case Op::buffer:
        add(out, ",\"id\":{},\"size\":{}", id(event.object), event.a);
        return create_fields(out, event);
      case Op::image:
        add(out, ",\"id\":{}", id(event.object));
        return create_fields(out, event);
      case Op::batch:
        return batch_fields(out, event);
      case Op::free:
      case Op::touch:
      case Op::mark:
      case Op::bind:
      case Op::unbind:
      case Op::host_free:
        return add(out, ",\"id\":{}", id(event.object));
      case Op::write:
      case Op::read:
        return add(out, ",\"id\":{},\"offset\":{},\"size\":{}", id(event.object), event.b, event.a);
      case Op::upload:
      case Op::resize:
        return add(out, ",\"id\":{},\"size\":{}", id(event.object), event.a);
      case Op::copy:
        return add(out, ",\"from\":{},\"to\":{},\"size\":{}", id(event.object), id(event.b), event.a);
      case Op::defragment:
        return add(out, "{}", defragment_fields(trace_.defragments[event.a]));
      case Op::budget:
        return add(out, "{}", budget_fields(trace_.budgets[event.a]));
      case Op::host_alloc:
        return add(out, ",\"id\":{},\"size\":{},\"category\":{}", id(event.object), event.a, strings_[event.b]);
      case Op::snapshot:
        return add(out, ",\"label\":{}", strings_[event.a]);
    }
  }
  void create_fields(Text& out, const Event& event) const {
    if (event.b != 0) add(out, ",\"alias_of\":{}", id(event.b - 1));
    out.append(std::string_view(shapes_[trace_.objects[event.object].shape]));
  }
  void batch_fields(Text& out, const Event& event) const {
    const std::span<const TraceObject> objects(&trace_.objects[event.object], event.a);
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
  lines.header(text);
  for (const Event& event : trace.events) {
    lines.line(text, event);
    text.push_back('\n');
    if (text.size() < kFlush) continue;
    output.write({text.data(), text.size()});
    text.clear();
  }
  output.write({text.data(), text.size()});
  output.commit();
}

std::string scenario_text(const Trace& trace, std::string_view name, std::string_view description) {
  const LineWriter lines(trace);
  Text text;
  add(text, "{{\n\"schema\":\"vkmembench.scenario/1\",\n\"name\":{},\n\"description\":{},\n", json_text(name),
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
