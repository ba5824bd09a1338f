#include "bench/fleet/merge.h"

#include <fmt/format.h>

#include <map>

#include "allocator/base/error.h"
#include "bench/fleet/attempt.h"
#include "reports/text/units.h"
#include "scenarios/json/json_reader.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What must be the same of cells that share a key, with the first cell that told.
class Agreement {
 public:
  Agreement(std::string_view what, std::string_view remedy) : what_(what), remedy_(remedy) {}

  void expect(const std::string& key, const std::string& value, const PlanCell& cell) {
    const auto [first, is_new] = told_.try_emplace(key, &cell, value);
    if (is_new || first->second.second == value) return;
    throw Error(fmt::format("{} differ: {} in {}, {} in {}; {}", what_, first->second.second, first->second.first->name,
                            value, cell.name, remedy_),
                ErrorKind::not_comparable);
  }

 private:
  std::string_view what_;
  std::string_view remedy_;
  std::map<std::string, std::pair<const PlanCell*, std::string>> told_;
};

constexpr std::string_view kRunAgain = "remove the reports of one and run the plan again";

// Whether reports can stand side by side as those of one plan.
class Comparability {
 public:
  void check(const PlanCell& cell, const StoredReport& report, const Json& json) {
    const DeviceInfo& device = report.head.device;
    std::string scenario = cell.scenario + (cell.seed ? fmt::format(" seed {}", *cell.seed) : "");
    for (const auto& [key, value] : cell.set) scenario += fmt::format(" {}={}", key, value);
    tools_.expect("", tool_name(json.at("tool")), cell);
    // Each system counts its own instructions.
    check_counted(cell, json.at("tool").value("counted", Json::object()));
    traces_.expect(scenario, format_hash(report.head.scenario.trace_hash), cell);
    devices_.expect(cell.device, fmt::format("{} ({} {})", device.name, device.driver_name, device.driver_info), cell);
    answers_.expect(cell.device + " " + scenario, format_hash(report.head.requirements_hash), cell);
  }

 private:
  void check_counted(const PlanCell& cell, const Json& counted) {
    const auto expect = [&](const std::string& part, const std::string& which) {
      counted_.expect(part, fmt::format("{} {}", part, which), cell);
    };
    expect("target", counted.value("target", "not counted"));
    expect("counter", counted.value("counter", "valgrind"));
    std::string parts;
    for (const auto& [part, which] : counted.items()) {
      expect(part, which.get<std::string>());
      parts += " " + part;
    }
    expect("parts", parts);
  }

  Agreement tools_{"the tools", kRunAgain};
  Agreement counted_{"what counts of instructions depend on (tool.counted)", "run the plan on nodes of one system"};
  Agreement traces_{"the traces of a scenario", kRunAgain};
  Agreement devices_{"the devices of a selector", "name each by name:GLOB in the matrix and plan it anew"};
  Agreement answers_{"a device's answers to a scenario", kRunAgain};
};

// Throws Error when the folder is none for this plan's store. The store that is there, if any.
Json require_own_store(const fs::path& store, const Plan& plan) {
  std::error_code ignored;
  if (fs::exists(store_index(store), ignored)) {
    Json head = read_store_head(store);
    if (head.at("plan") != plan.id)
      throw Error(fmt::format("{}: holds the store of another plan; name another folder", store.string()));
    return head;
  }
  if (!fs::exists(store, ignored)) return {};
  if (!fs::is_directory(store, ignored))
    throw Error(fmt::format("{}: is no folder; name one for the store", store.string()));
  for (const fs::directory_entry& entry : fs::directory_iterator(store)) {
    if (entry.path().filename() != "reports" || fs::exists(plan_file(store)))
      throw Error(fmt::format("{}: holds other files and no store; name a new folder", store.string()));
  }
  return {};
}

StoredReport read_cell_report(const PlanCell& cell, const ReportText& text) {
  StoredReport report = read_report(text);
  const bool whole = report.head.status == Status::ok && report.runs.size() == 1;
  const bool own = cell.strategy.ends_with(".json") || (whole && report.runs.front().strategy == cell.strategy);
  if (!whole || !own)
    throw Error(fmt::format("{}: is no report of its cell, {} on {} by {}; remove it and run the plan again", text.file,
                            cell.scenario, cell.device, cell.strategy));
  return report;
}

}  // namespace

MergeResult merge_plan(const Plan& plan, const fs::path& folder, const fs::path& store, const ShowMerge& show) {
  const Json before = require_own_store(store, plan);
  MergeResult result;
  Comparability comparability;
  StoreWriter writer(store);
  for (const PlanCell& cell : plan.cells) {
    show(result.merged + result.missing.size());
    const fs::path file = report_file(folder, cell);
    const std::optional<Attempt> attempt = read_attempt(folder, cell);
    if (std::error_code ignored; !fs::is_regular_file(file, ignored)) {
      result.missing.push_back({cell.number, cell.name, why_missing(folder, cell)});
      continue;
    }
    const ReportText text = read_report_text(file);
    const StoredReport report = read_cell_report(cell, text);
    // What else is missing in it.
    const auto undamaged = [&](const auto& use) {
      try {
        return use();
      } catch (const Json::exception& error) {
        throw Error(
            fmt::format("{}: is damaged ({}); remove it and run the plan again", text.file, json_error_text(error)));
      }
    };
    const Json json = undamaged([&] { return Json::parse(text.json); });
    undamaged([&] { comparability.check(cell, report, json); });
    if (!before.is_null() && tool_name(before.at("tool")) != tool_name(json.at("tool")))
      throw Error(fmt::format("{}: holds a store made by {}, and {} was run by {}; name another folder", store.string(),
                              tool_name(before.at("tool")), cell.name, tool_name(json.at("tool"))));
    StoreCell stored{cell.number, cell.name, cell.set, cell.device, cell.repeat, {}, {}};
    if (attempt && attempt->exit && *attempt->exit != 0) {
      stored.exit = attempt->exit;
      stored.line = attempt->line;
      result.told.emplace_back(cell.name, fmt::format("exit {}: {}", *attempt->exit, attempt->line));
    }
    undamaged([&] { writer.add(stored, text, json); });
    ++result.merged;
  }
  if (result.merged == 0)
    throw Error(fmt::format("{}: none of its {} cells has a report yet, {} is {}; run it by `vkmembench run --plan {}`",
                            folder.string(), plan.cells.size(), plan.cells.front().name, result.missing.front().why,
                            folder.string()),
                ErrorKind::not_comparable);
  writer.finish(plan.id, plan.cells.size(), result.missing);
  return result;
}

}  // namespace vkmembench
