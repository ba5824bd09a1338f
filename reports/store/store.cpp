#include "reports/store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "allocator/base/error.h"
#include "allocator/base/os/atomic_file.h"
#include "reports/store/sha256.h"
#include "scenarios/json/line_reader.h"
#include "scenarios/json/schema_id.h"
#include "scenarios/trace/output_file.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// But for what the scenario has a say in, and for what differs from node to node.
Json device_json(const Json& device) {
  Json json = device;
  for (const char* key : {"requirements_hash", "extensions_used", "uuid"}) json.erase(key);
  return json;
}

}  // namespace

fs::path store_index(const fs::path& store) { return store / "index.jsonl"; }
fs::path stored_report(const fs::path& store, const std::string& hash) {
  return store / "reports" / hash.substr(0, 2) / (hash + ".json.zst");
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
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    const fs::path folder = file.parent_path();
    for (const fs::path& one : {store_, folder.parent_path(), folder}) {
      if (fs::exists(one, ignored)) continue;
      make_folder(one);
      made_.push_back(one);
    }
    OutputFile output(file);
    output.write(text.json);
    output.commit();
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
                        (at != kKind.end() && known->second[static_cast<std::size_t>(at - kKind.begin())] == value);
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
  const bool is_object = head.is_object();
  const auto schema = is_object ? head.find("schema") : head.end();
  const std::string problem = schema_problem(is_object && schema != head.end() && schema->is_string()
                                                 ? std::optional(schema->get<std::string>())
                                                 : std::nullopt,
                                             kStoreSchema);
  if (!problem.empty()) throw Error(fmt::format("{}:1: {}", file.string(), problem));
  return head;
}

}  // namespace vkmembench
