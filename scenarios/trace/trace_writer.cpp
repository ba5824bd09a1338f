#include "scenarios/trace/trace_writer.h"

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "scenarios/json/schema_id.h"
#include "scenarios/trace/output_file.h"
#include "scenarios/trace/recorded_json.h"
#include "scenarios/trace/shape_text.h"

namespace vkmembench {
namespace {

using Text = fmt::memory_buffer;

template <typename... Args>
void add(Text& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
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
    for (const Shape& shape : trace.shapes) shapes_.push_back(shape_fields(trace.strings, shape));
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
      case Operands::pages:
        return add(out, ",\"id\":{},\"of\":{},\"offset\":{},\"size\":{}", id(event.object), id(event.target()),
                   event.page_offset(), event.size());
      case Operands::plane:
        return add(out, ",\"id\":{},\"of\":{},\"plane\":{}", id(event.object), id(event.target()), event.plane());
    }
  }
  void create_fields(Text& out, const Event& event) const {
    if (event.is_alias()) add(out, ",\"alias_of\":{}", id(event.alias()));
    if (event.is_alias() && event.alias_place() != 0) add(out, ",\"alias_offset\":{}", trace_.alias_offset(event));
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
