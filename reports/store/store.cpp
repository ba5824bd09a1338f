#include "reports/store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "allocator/base/error.h"
#include "allocator/base/os/atomic_file.h"
#include "reports/store/sha256.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/line_reader.h"
#include "scenarios/json/schema_id.h"
#include "scenarios/trace/output_file.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What tells a tool from another.
constexpr std::array<const char*, 5> kToolKeys = {"version", "git_sha", "build_type", "compiler", "flags"};

std::string compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// But for what the scenario has a say in, and for what differs from node to node.
Json device_json(const Json& device) {
  Json json = device;
  for (const char* key : {"requirements_hash", "extensions_used", "uuid"}) json.erase(key);
  return json;
}

// Whether the file is there and can be read to its end: one that a machine wrote when it crashed may be cut.
bool is_whole(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return false;
  try {
    return !read_report_text(file).json.empty();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

fs::path store_index(const fs::path& store) { return store / "index.jsonl"; }
fs::path stored_report(const fs::path& store, const std::string& hash) {
  return store / "reports" / hash.substr(0, 2) / (hash + ".json.zst");
}

std::string tool_name(const Json& tool) {
  std::array<std::string, kToolKeys.size()> said;
  for (std::size_t i = 0; i < said.size(); ++i) said[i] = tool.at(kToolKeys[i]).get<std::string>();
  return fmt::format("{} (git {}, {}, {}, {})", said[0], said[1], said[2], said[3], said[4]);
}

std::string report_hash(const Json& report) {
  return sha256(compact({{"scenario", report.at("scenario")}, {"runs", report.at("runs")}}));
}

StoreWriter::~StoreWriter() {
  std::error_code ignored;
  while (!made_.empty()) {
    fs::remove(made_.back(), ignored);
    made_.pop_back();
  }
}

void StoreWriter::add(const StoreCell& cell, const ReportText& text, const Json& report) {
  const Json& run = report.at("runs").at(0);
  const Json& scenario = report.at("scenario");
  if (tool_.is_null()) tool_ = report.at("tool");
  if (!devices_.contains(cell.device)) devices_[cell.device] = device_json(report.at("device"));
  const std::string hash = report_hash(report);
  const fs::path file = stored_report(store_, hash);
  if (!is_whole(file)) {
    std::error_code ignored;
    const fs::path folder = file.parent_path();
    for (const fs::path& one : {store_, folder.parent_path(), folder}) {
      if (fs::exists(one, ignored)) continue;
      make_folder(one);
      made_.push_back(one);
    }
    OutputFile output(file);
    output.write(text.json);
    output.commit_unflushed();
    made_.push_back(file);
  }
  Json set = Json::object();
  for (const auto& [key, value] : cell.set) set[key] = value;
  Json line = {{"cell", cell.number},
               {"name", cell.name},
               {"report", hash},
               {"scenario", scenario},
               {"set", std::move(set)},
               {"device", cell.device},
               {"requirements_hash", report.at("device").at("requirements_hash")},
               {"strategy", run.at("strategy")},
               {"repeat", cell.repeat},
               {"rounds", run.at("rounds")},
               {"clock", run.at("clock")},
               {"replay", run.at("replay")}};
  if (cell.exit) {
    line["exit"] = *cell.exit;
    line["line"] = cell.line;
  }
  line["warnings"] = report.at("quality").at("warnings");
  line["metrics"] = metrics_of(run);
  lines_ += compact(line) + '\n';
}

Json StoreWriter::metrics_of(const Json& run) {
  static constexpr std::array<const char*, 3> kKind = {"unit", "class", "better"};
  Json metrics = Json::object();
  for (const Json& metric : run.at("metrics")) {
    if (metric.contains("scope")) continue;
    const std::string id = metric.at("id").get<std::string>();
    std::array<std::string, 3> kind;
    for (std::size_t i = 0; i < kind.size(); ++i) kind[i] = metric.at(kKind[i]).get<std::string>();
    const auto [known, is_new] = kinds_.try_emplace(id, kind);
    if (is_new) metrics_[id] = {{kKind[0], kind[0]}, {kKind[1], kind[1]}, {kKind[2], kind[2]}};
    Json told = {{"value", metric.at("value")}};
    for (const auto& [key, value] : metric.items()) {
      const auto at = std::ranges::find(kKind, key);
      const bool said = key == "id" || key == "value" || (key == "n" && value == 0) ||
                        (at != kKind.end() &&
                         value.get<std::string>() == known->second[static_cast<std::size_t>(at - kKind.begin())]);
      if (!said) told[key] = value;
    }
    metrics[id] = told.size() == 1 ? told.at("value") : std::move(told);
  }
  return metrics;
}

void StoreWriter::finish(const std::string& plan, std::size_t cells, const std::vector<MissingCell>& missing) {
  Json list = Json::array();
  for (const MissingCell& cell : missing)
    list.push_back({{"cell", cell.number}, {"name", cell.name}, {"why", cell.why}});
  const Json head = {{"schema", kStoreSchema}, {"plan", plan},        {"tool", tool_},      {"cells", cells},
                     {"missing", list},        {"devices", devices_}, {"metrics", metrics_}};
  flush_disk(store_);
  write_file(store_index(store_), compact(head) + '\n' + lines_);
  made_.clear();
}

Json read_store_head(const fs::path& store) {
  const fs::path file = store_index(store);
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored))
    throw Error(fmt::format("{}: is no store of reports; `vkmembench merge PLAN -o {}` makes one", store.string(),
                            store.string()));
  LineReader reader(file);
  std::string_view line;
  Json head;
  if (reader.next(line)) head = Json::parse(line, nullptr, false);
  if (!head.is_object()) throw Error(fmt::format("{}:1: is no line of JSON; merge the plan again", file.string()));
  const auto schema = head.find("schema");
  const std::string problem = schema_problem(
      schema != head.end() && schema->is_string() ? std::optional(schema->get<std::string>()) : std::nullopt,
      kStoreSchema);
  if (!problem.empty()) throw Error(fmt::format("{}:1: {}", file.string(), problem));
  try {
    static_cast<void>(head.at("plan").get<std::string>());
    for (const char* key : kToolKeys) static_cast<void>(head.at("tool").at(key).get<std::string>());
  } catch (const Json::exception& error) {
    throw Error(fmt::format("{}:1: {}; merge the plan again", file.string(), json_error_text(error)));
  }
  return head;
}

void for_each_cell(const fs::path& store, const std::function<void(Json& cell)>& visit) {
  LineReader reader(store_index(store));
  std::string_view line;
  for (bool head = true; reader.next(line); head = false) {
    if (head) continue;
    Json cell = Json::parse(line, nullptr, false);
    try {
      static_cast<void>(cell.at("metrics").items());
      visit(cell);
    } catch (const Json::exception&) {
      throw Error(fmt::format("{}:{}: is no cell of a store; merge the plan again", store_index(store).string(),
                              reader.line_number()));
    }
  }
}

std::vector<fs::path> stores_of(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_regular_file(store_index(path), ignored)) return {path};
  std::vector<fs::path> stores;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored)) {
    if (fs::is_regular_file(store_index(entry.path()), ignored)) stores.push_back(entry.path());
  }
  std::ranges::sort(stores);
  return stores;
}

}  // namespace vkmembench
