#include "bench/fleet/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "allocator/base/error.h"
#include "allocator/base/os/atomic_file.h"
#include "reports/store/sha256.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/schema_id.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMostCells = 1'000'000;
constexpr double kMostCellSeconds = 1e9;

Json class_json(const NodeClass& nodes) {
  Json json = Json::object();
  if (!nodes.constraint.empty()) json["constraint"] = nodes.constraint;
  if (!nodes.gres.empty()) json["gres"] = nodes.gres;
  if (!nodes.runs_on.empty()) json["runs_on"] = nodes.runs_on;
  return json;
}

Json cell_json(const PlanCell& cell) {
  Json json = {{"number", cell.number}, {"name", cell.name}, {"class", cell.node_class}, {"scenario", cell.scenario}};
  if (cell.seed) json["seed"] = *cell.seed;
  Json set = Json::object();
  for (const auto& [key, value] : cell.set) set[key] = value;
  json["set"] = std::move(set);
  json["strategy"] = cell.strategy;
  json["device"] = cell.device;
  json["repeat"] = cell.repeat;
  json["seconds"] = std::round(cell.seconds * 1000) / 1000;
  return json;
}

// One cell a line.
std::string plan_text(const Plan& plan) {
  Json classes = Json::array();
  for (const NodeClass& nodes : plan.classes) classes.push_back(class_json(nodes));
  std::string text = fmt::format(
      "{{\n\"schema\": \"{}\",\n\"id\": \"{}\",\n\"tool\": {},\n\"classes\": {},\n\"flags\": {},\n\"shards\": "
      "{},\n\"cells\": [\n",
      kPlanSchema, plan.id, Json(plan.tool).dump(), classes.dump(), Json(plan.flags).dump(), plan.shards);
  for (const PlanCell& cell : plan.cells) {
    text += cell_json(cell).dump();
    text += &cell == &plan.cells.back() ? "\n" : ",\n";
  }
  return text + "]\n}\n";
}

std::string text_of(const JsonValue& object, std::string_view key) {
  const auto value = object.find(key);
  return value ? value->text() : "";
}

NodeClass read_class(const JsonValue& json) {
  return {text_of(json, "constraint"), text_of(json, "gres"), text_of(json, "runs_on")};
}

PlanCell read_cell(const JsonValue& json, std::size_t classes) {
  PlanCell cell;
  cell.number = static_cast<std::uint32_t>(json.at("number").integer(1, kMostCells));
  cell.name = json.at("name").text();
  if (cell.name.empty() || cell.name.find('/') != std::string::npos) json.at("name").fail("is no name of a report");
  cell.node_class = json.at("class").integer(0, classes - 1);
  cell.scenario = json.at("scenario").text();
  if (const auto seed = json.find("seed")) cell.seed = seed->integer(0, UINT64_MAX);
  for (const auto& [key, value] : json.at("set").members()) cell.set.emplace_back(key, value.text());
  cell.strategy = json.at("strategy").text();
  cell.device = json.at("device").text();
  cell.repeat = static_cast<std::uint32_t>(json.at("repeat").integer(1, kMostCells));
  cell.seconds = json.at("seconds").number(0, kMostCellSeconds);
  return cell;
}

bool is_empty_or_new(const fs::path& folder) {
  std::error_code ignored;
  return !fs::exists(folder, ignored) || (fs::is_directory(folder, ignored) && fs::is_empty(folder, ignored));
}

// How many shards each class gets: at least one, and the rest by how long its cells take.
std::vector<std::uint32_t> share_out(const std::vector<double>& seconds, std::uint32_t count) {
  std::vector<std::uint32_t> shares(seconds.size(), 1);
  for (auto left = count - static_cast<std::uint32_t>(seconds.size()); left > 0; --left) {
    std::size_t longest = 0;
    for (std::size_t i = 1; i < seconds.size(); ++i) {
      if (seconds[i] / shares[i] > seconds[longest] / shares[longest]) longest = i;
    }
    ++shares[longest];
  }
  return shares;
}

// The longest cell first, each to the shard that is the shortest then.
void deal_out(std::vector<const PlanCell*> cells, std::span<Shard> shards) {
  std::ranges::stable_sort(cells, std::ranges::greater(), [](const PlanCell* cell) { return cell->seconds; });
  using Entry = std::pair<double, std::size_t>;
  std::vector<Entry> heap;
  for (std::size_t i = 0; i < shards.size(); ++i) heap.emplace_back(0, i);
  for (const PlanCell* cell : cells) {
    std::ranges::pop_heap(heap, std::ranges::greater());
    auto& [seconds, shard] = heap.back();
    shards[shard].cells.push_back(cell);
    shards[shard].seconds = seconds += cell->seconds;
    std::ranges::push_heap(heap, std::ranges::greater());
  }
  for (Shard& shard : shards) std::ranges::sort(shard.cells, {}, [](const PlanCell* cell) { return cell->number; });
}

}  // namespace

std::vector<std::string> arguments_of(const Plan& plan, const PlanCell& cell) {
  std::vector<std::string> arguments = {"run", cell.scenario, "--strategy", cell.strategy, "--device", cell.device};
  if (cell.seed) arguments.insert(arguments.end(), {"--seed", std::to_string(*cell.seed)});
  for (const auto& [key, value] : cell.set) arguments.insert(arguments.end(), {"--set", key + "=" + value});
  arguments.insert(arguments.end(), plan.flags.begin(), plan.flags.end());
  return arguments;
}

std::string plan_id(const Plan& plan) {
  std::string all;
  for (const PlanCell& cell : plan.cells) {
    Json line = arguments_of(plan, cell);
    line.push_back(cell.name);
    line.push_back(class_json(plan.classes[cell.node_class]));
    all += line.dump() + '\n';
  }
  return sha256(all);
}

std::vector<Shard> shards_of(const Plan& plan, std::uint32_t count) {
  std::vector<Shard> shards(count);
  const bool apart = count >= plan.classes.size();
  const std::size_t classes = apart ? plan.classes.size() : 1;
  std::vector<std::vector<const PlanCell*>> cells(classes);
  std::vector<double> seconds(classes);
  for (const PlanCell& cell : plan.cells) {
    cells[apart ? cell.node_class : 0].push_back(&cell);
    seconds[apart ? cell.node_class : 0] += cell.seconds;
  }
  const std::vector<std::uint32_t> shares = share_out(seconds, count);
  std::size_t first = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    const std::span<Shard> own(shards.data() + first, shares[i]);
    for (Shard& shard : own) shard.node_class = i;
    deal_out(std::move(cells[i]), own);
    first += shares[i];
  }
  return shards;
}

fs::path plan_file(const fs::path& folder) { return folder / "plan.json"; }
fs::path report_file(const fs::path& folder, const PlanCell& cell) {
  return folder / "reports" / (cell.name + ".json");
}

Plan read_plan(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_regular_file(plan_file(folder), ignored))
    throw Error(fmt::format("{}: holds no plan; `vkmembench plan MATRIX.json -o {}` makes one", folder.string(),
                            folder.string()));
  return read_plan_file(plan_file(folder));
}

Plan read_plan_file(const fs::path& file) {
  const JsonDocument document = JsonDocument::read(file);
  const JsonValue root = document.root();
  check_schema(root, kPlanSchema);
  Plan plan;
  plan.id = root.at("id").text();
  plan.tool = root.at("tool").text();
  for (const JsonValue& json : root.at("classes").items()) plan.classes.push_back(read_class(json));
  if (plan.classes.empty()) root.at("classes").fail("is empty; make the plan anew");
  for (const JsonValue& json : root.at("flags").items()) plan.flags.push_back(json.text());
  plan.shards = static_cast<std::uint32_t>(root.at("shards").integer(1, kMostCells));
  for (const JsonValue& json : root.at("cells").items()) plan.cells.push_back(read_cell(json, plan.classes.size()));
  if (plan.cells.empty() || plan_id(plan) != plan.id)
    root.at("id").fail("is not that of the cells: the file was changed; make the plan anew in another folder");
  return plan;
}

Plan keep_plan(const Plan& plan, const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(plan_file(folder), ignored)) {
    Plan there = read_plan(folder);
    if (there.id == plan.id) return there;
    throw Error(fmt::format("{}: holds another plan, of {} cells; name another folder, or remove this one",
                            folder.string(), there.cells.size()));
  }
  if (!is_empty_or_new(folder))
    throw Error(fmt::format("{}: holds other files and no plan; name a new folder", folder.string()));
  make_folder(folder);
  write_file(plan_file(folder), plan_text(plan));
  return plan;
}

}  // namespace vkmembench
