#include "reports/json/report_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "allocator/base/error.h"
#include "allocator/base/os/input_file.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/device/device_type.h"
#include "scenarios/json/file_kind.h"
#include "scenarios/json/schema_id.h"
#include "scenarios/json/text_input.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

// nlohmann's message without its number.
std::string plain(const std::exception& error) {
  const std::string text = error.what();
  const std::size_t end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

// The value whose text is `name`.
template <typename Enum, std::size_t N>
Enum by_text(const std::string& name, const std::array<Enum, N>& values, Enum otherwise) {
  const auto found = std::ranges::find_if(values, [&](Enum value) { return to_text(value) == name; });
  return found == values.end() ? otherwise : *found;
}

Status status_of(const nlohmann::json& json) {
  return by_text(json.get<std::string>(),
                 std::array{Status::ok, Status::incomplete, Status::interrupted, Status::timeout}, Status::failed);
}

std::uint64_t hash_of(const nlohmann::json& json) {
  const std::string text = json.get<std::string>();
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text.c_str(), &end, 16);
  if (text.empty() || *end != '\0') throw Error(fmt::format("'{}' is no hash", text));
  return value;
}

// Flags that this program does not know are of no consequence to a comparison.
std::uint32_t flags_of(const nlohmann::json& names, std::span<const FlagName> known) {
  std::uint32_t bits = 0;
  for (const nlohmann::json& name : names) bits |= flag_by_name(known, name.get<std::string>()).value_or(0);
  return bits;
}

void read_memory(const nlohmann::json& json, DeviceInfo& device) {
  const nlohmann::json& heaps = json.at("heaps");
  const nlohmann::json& types = json.at("types");
  if (heaps.size() > VK_MAX_MEMORY_HEAPS || types.size() > VK_MAX_MEMORY_TYPES)
    throw Error("/device has more heaps or types than Vulkan");
  device.memory.memoryHeapCount = static_cast<std::uint32_t>(heaps.size());
  for (std::size_t i = 0; i < heaps.size(); ++i) {
    device.memory.memoryHeaps[i] = {heaps[i].at("size_bytes").get<Bytes>(),
                                    flags_of(heaps[i].at("flags"), heap_flag_names())};
    device.budgets[i] = heaps[i].at("budget_bytes").get<Bytes>();
  }
  device.memory.memoryTypeCount = static_cast<std::uint32_t>(types.size());
  for (std::size_t i = 0; i < types.size(); ++i)
    device.memory.memoryTypes[i] = {flags_of(types[i].at("flags"), memory_property_names()),
                                    types[i].at("heap").get<std::uint32_t>()};
}

// But for its name and whether it is simulated.
void read_device(const nlohmann::json& json, DeviceInfo& device) {
  device.type = device_type_of(json.at("type").get<std::string>());
  const nlohmann::json& driver = json.at("driver");
  device.driver_name = driver.at("name").get<std::string>();
  device.driver_info = driver.at("info").get<std::string>();
  read_memory(json, device);
  const nlohmann::json& limits = json.at("limits");
  device.limits.maxMemoryAllocationCount = limits.at("maxMemoryAllocationCount").get<std::uint32_t>();
  device.limits.bufferImageGranularity = limits.at("bufferImageGranularity").get<Bytes>();
  device.limits.nonCoherentAtomSize = limits.at("nonCoherentAtomSize").get<Bytes>();
  const nlohmann::json& largest = limits.at("maxMemoryAllocationSize");
  if (!largest.is_null()) device.max_memory_allocation_size = largest.get<Bytes>();
}

// What both depths of reading take of a report, of a run, of a metric.
void read_head(const nlohmann::json& json, Report& head) {
  head.status = status_of(json.at("status"));
  const nlohmann::json& scenario = json.at("scenario");
  head.scenario.name = scenario.at("name").get<std::string>();
  head.scenario.seed = scenario.at("seed").get<std::uint64_t>();
  head.scenario.event_count = scenario.at("event_count").get<std::uint64_t>();
  head.scenario.frame_count = scenario.at("frame_count").get<std::uint64_t>();
  for (const nlohmann::json& pair : scenario.at("substitutions"))
    head.scenario.substitutions.emplace_back(pair.at("asked").get<std::string>(), pair.at("taken").get<std::string>());
  head.device.name = json.at("device").at("name").get<std::string>();
  head.device.simulated = json.at("device").at("simulated").get<bool>();
  for (const nlohmann::json& warning : json.at("quality").at("warnings"))
    head.warnings.emplace_back(warning.at("code").get<std::string>(), warning.at("text").get<std::string>());
  for (const nlohmann::json& truncation : json.at("quality").value("truncations", nlohmann::json::array()))
    head.truncations.push_back(truncation.get<std::string>());
}
template <typename AnyRun>
void read_names(const nlohmann::json& json, AnyRun& run) {
  run.strategy = json.at("strategy").at("name").get<std::string>();
  run.status = status_of(json.at("status"));
  run.clock = json.at("clock").get<std::string>();
  run.replay = json.at("replay").get<std::string>();
  run.rounds = json.value("rounds", 1u);
  if (const auto done = json.find("events_done"); done != json.end())
    run.events_done = done->template get<std::uint64_t>();
}
MetricValue value_of(const nlohmann::json& json) {
  MetricValue metric;
  metric.id = json.at("id").get<std::string>();
  const nlohmann::json& value = json.at("value");
  if (value.is_number_unsigned())
    metric.value = value.get<std::uint64_t>();
  else if (!value.is_null())
    metric.value = value.get<double>();
  metric.reason = json.value("reason", "");
  metric.note = json.value("note", "");
  metric.n = json.at("n").get<std::uint64_t>();
  metric.needs_n = json.value("needs_n", std::uint64_t{0});
  metric.metric_class =
      by_text(json.at("class").get<std::string>(),
              std::array{MetricClass::exact, MetricClass::bounded, MetricClass::noisy}, MetricClass::info);
  if (const auto low = json.find("low"); low != json.end()) metric.low = low->get<double>();
  if (const auto high = json.find("high"); high != json.end()) metric.high = high->get<double>();
  if (const auto scope = json.find("scope"); scope != json.end() && !scope->empty()) {
    metric.scope_kind = scope->begin().key();
    metric.scope = scope->begin()->get<std::string>();
  }
  return metric;
}

StoredMetric metric_of(const nlohmann::json& json) {
  MetricValue value = value_of(json);
  const MetricClass metric_class = *value.metric_class;
  return {std::move(value), json.at("unit").get<std::string>(), metric_class,
          by_text(json.at("better").get<std::string>(), std::array{Better::lower, Better::higher}, Better::neither)};
}

void require_no_less_than_nothing(const StoredMetric& metric) {
  const std::optional<double> value = as_number(metric.value);
  if (metric.unit != "ratio" && value && *value < 0)
    throw Error(fmt::format("{} is {} {}", metric.value.id, *value, metric.unit));
}

void require_each_metric_once(const StoredRun& run) {
  std::vector<MetricKey> keys;
  keys.reserve(run.metrics.size());
  for (const StoredMetric& metric : run.metrics) keys.push_back(key_of(metric));
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice != keys.end())
    throw Error(fmt::format("a run of '{}' lists {}{} twice", run.strategy, twice->id,
                            twice->scope.empty() ? "" : fmt::format(" [{}]", twice->scope)));
}

StoredRun run_of(const nlohmann::json& json) {
  StoredRun run;
  read_names(json, run);
  run.repeat = json.value("repeat", 0u);
  run.parameters = json.at("strategy").at("parameters").dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const nlohmann::json& metrics = json.at("metrics");
  run.metrics.reserve(metrics.size());
  for (const nlohmann::json& metric : metrics) {
    run.metrics.push_back(metric_of(metric));
    require_no_less_than_nothing(run.metrics.back());
  }
  require_each_metric_once(run);
  return run;
}

Run outline_of(const nlohmann::json& json) {
  Run run;
  read_names(json, run);
  for (const nlohmann::json& metric : json.at("metrics")) {
    if (!metric.contains("scope")) run.metrics.push_back(value_of(metric));
  }
  for (const nlohmann::json& event : json.at("events"))
    run.events.push_back({event.at("kind").get<std::string>(), event.at("frame").get<std::uint64_t>(),
                          event.at("text").get<std::string>()});
  run.checks.violations = json.at("checks").at("violations").get<std::vector<std::string>>();
  return run;
}

Report head_of(const nlohmann::json& json) {
  Report head;
  read_head(json, head);
  head.created_utc = json.at("created_utc").get<std::string>();
  const nlohmann::json& tool = json.at("tool");
  head.tool.version = tool.at("version").get<std::string>();
  head.tool.git_sha = tool.at("git_sha").get<std::string>();
  head.tool.build_type = tool.at("build_type").get<std::string>();
  head.tool.compiler = tool.at("compiler").get<std::string>();
  head.tool.flags = tool.at("flags").get<std::string>();
  if (const auto counted = tool.find("counted"); counted != tool.end())
    for (const auto& [part, which] : counted->items()) head.tool.counted.emplace_back(part, which.get<std::string>());
  head.argv = json.at("invocation").at("argv").get<std::vector<std::string>>();
  head.seed = json.at("invocation").at("seed").get<std::uint64_t>();
  head.host.cpu = json.at("host").at("cpu").get<std::string>();
  read_device(json.at("device"), head.device);
  head.requirements_hash = hash_of(json.at("device").at("requirements_hash"));
  const nlohmann::json& scenario = json.at("scenario");
  head.scenario.file_hash = hash_of(scenario.at("file_hash"));
  head.scenario.trace_hash = hash_of(scenario.at("trace_hash"));
  head.scenario.lane_count = scenario.at("lane_count").get<std::uint32_t>();
  return head;
}

void require_each_run_once(const std::vector<StoredRun>& runs) {
  std::set<std::tuple<std::string, std::uint32_t>> seen;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!seen.emplace(runs[i].strategy, runs[i].repeat).second)
      throw Error(
          fmt::format("/runs/{}: strategy '{}', repeat {} is there twice", i, runs[i].strategy, runs[i].repeat));
  }
}

// Whether brackets nest deeper than readers go, so far as the text is JSON.
bool is_too_deep(std::string_view json) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxNesting) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::optional<std::string> stated_schema(const nlohmann::json& document) {
  if (!document.is_object()) return std::nullopt;
  const auto schema = document.find("schema");
  return schema != document.end() && schema->is_string() ? std::optional(schema->get<std::string>()) : std::nullopt;
}

}  // namespace

MetricKey key_of(const StoredMetric& metric) { return {metric.value.id, metric.value.scope_kind, metric.value.scope}; }

const StoredMetric* StoredRun::metric(std::string_view id, std::string_view scope) const {
  const auto found = std::ranges::find_if(
      metrics, [&](const StoredMetric& metric) { return metric.value.id == id && metric.value.scope == scope; });
  return found == metrics.end() ? nullptr : &*found;
}

std::optional<double> StoredRun::number(std::string_view id) const {
  const StoredMetric* found = metric(id);
  return found == nullptr ? std::nullopt : as_number(found->value);
}

nlohmann::json parse_report(const ReportText& text) {
  if (is_too_deep(text.json))
    throw Error(
        fmt::format("{}: is nested deeper than {} levels, and no report is; write it again with "
                    "`vkmembench run`",
                    text.file, kMaxNesting));
  refuse_other_kind(text.json, text.file, schema_name(kReportSchema));
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(text.json);
  } catch (const nlohmann::json::exception& error) {
    const bool has_nan = text.json.find("NaN") != std::string::npos || text.json.find("Infinity") != std::string::npos;
    throw Error(fmt::format("{}: is no JSON{}: {}; write it again with `vkmembench run`", text.file,
                            has_nan ? " (NaN and Infinity are written as null)" : ", or cut short", plain(error)));
  }
  const std::string problem = schema_problem(stated_schema(document), kReportSchema);
  if (!problem.empty()) throw Error(fmt::format("{}: /schema: {}", text.file, problem));
  return document;
}

void with_report(const ReportText& text, const std::function<void(const nlohmann::json&)>& read) {
  const auto damaged = [&](const std::string& why) {
    return Error(fmt::format("{}: is a damaged report: {}; write it again with `vkmembench run`", text.file, why));
  };
  const nlohmann::json json = parse_report(text);
  try {
    read(json);
  } catch (const nlohmann::json::exception& error) {
    throw damaged(plain(error));
  } catch (const Error& error) {
    throw damaged(error.what());
  }
}

StoredReport read_report(const ReportText& text) {
  StoredReport report;
  report.file = text.file;
  report.name = fs::path(text.file).stem().string();
  with_report(text, [&](const nlohmann::json& json) {
    report.head = head_of(json);
    for (const nlohmann::json& run : json.at("runs")) report.runs.push_back(run_of(run));
    if (const auto accepted = json.find("baseline"); accepted != json.end()) {
      for (const nlohmann::json& entry : *accepted)
        report.baseline.push_back({entry.at("accepted_utc").get<std::string>(), entry.at("reason").get<std::string>()});
    }
    require_each_run_once(report.runs);
  });
  return report;
}

Report read_outline(const ReportText& text) {
  Report report;
  with_report(text, [&](const nlohmann::json& json) {
    read_head(json, report);
    for (const nlohmann::json& run : json.at("runs")) report.runs.push_back(outline_of(run));
  });
  return report;
}

namespace {

// The text of a report in a store.
std::string read_compressed(const fs::path& file) {
  TextInput input(file);
  std::string text;
  std::vector<char> piece(std::size_t{1} << 20);
  while (const std::size_t read = input.read(piece.data(), piece.size())) {
    text.append(piece.data(), read);
    if (text.size() > kMostFileBytes)
      throw Error(fmt::format("{}: its text is larger than {} bytes", file.string(), kMostFileBytes));
  }
  return text;
}

}  // namespace

ReportText read_report_text(const fs::path& file) {
  ReportText report{file.string(), file.extension() == ".zst" ? read_compressed(file) : read_file(file)};
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (report.json.starts_with(kByteOrderMark)) report.json.erase(0, kByteOrderMark.size());
  if (report.json.empty())
    throw Error(fmt::format("{}: is empty; write it again with `vkmembench run`", file.string()));
  return report;
}

std::vector<fs::path> report_files(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {path};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json") files.push_back(entry.path());
  }
  if (files.empty())
    throw Error(fmt::format("{}: no report (*.json) below this folder; `vkmembench run SCENARIO -o {}/` writes one",
                            path.string(), path.string()),
                ErrorKind::not_comparable);
  std::ranges::sort(files);
  return files;
}

ReportFolder read_reports(const fs::path& path) {
  ReportFolder found;
  const std::vector<fs::path> files = report_files(path);
  if (files.front() == path) {
    found.reports.push_back(read_report(read_report_text(path)));
    return found;
  }
  for (const fs::path& file : files) {
    try {
      found.reports.push_back(read_report(read_report_text(file)));
      found.reports.back().name = fs::path(file).replace_extension().lexically_relative(path).generic_string();
    } catch (const Error& error) {
      found.problems.emplace_back(error.what());
    }
  }
  return found;
}

}  // namespace vkmembench
