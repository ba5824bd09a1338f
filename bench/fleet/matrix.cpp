#include "bench/fleet/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <set>

#include "allocator/base/byte_text.h"
#include "allocator/base/suggest.h"
#include "bench/fleet/probe.h"
#include "bench/fleet/values.h"
#include "bench/run/build_info.h"
#include "bench/run/recorded_places.h"
#include "bench/run/run_scenario.h"
#include "bench/run/scenario_files.h"
#include "bench/run/strategy_list.h"
#include "scenarios/json/file_kind.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/schema_id.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostMatrixCells = 1'000'000;
constexpr double kUsualShardSeconds = 10;
constexpr double kStartSeconds = 0.05;  // of a process, and of its report on the disk

constexpr double kCallgrindTimes = 50;  // that callgrind makes a run longer, about

// A scenario with the values of its parameters, as its cells run it.
struct Variant {
  std::string argument;  // of `run`, in the plan's folder
  fs::path file;
  std::optional<std::uint64_t> seed;
  std::vector<std::pair<std::string, std::string>> set;
  JsonValue place;
};

struct MatrixStrategy {
  std::string argument;
  StrategySpec spec;
  JsonValue place;
  bool of_all = false;  // and left out where it does nothing
};

struct MatrixDevice {
  std::string argument;
  std::optional<DeviceChoice> choice;  // none: not on this machine
  std::size_t node_class = 0;
  JsonValue place;
};

// One --flag of `run`, and what a matrix says for it.
std::vector<std::string> flags_of(const JsonValue& json) {
  static constexpr std::array<std::string_view, 9> kKeys = {"clock",         "counter", "repeat",    "replay", "check",
                                                            "host_tracking", "budget",  "snapshots", "series"};
  json.only_keys(kKeys);
  std::vector<std::string> flags;
  const auto choice = [&](std::string_view key, std::initializer_list<std::string_view> choices) {
    const auto value = json.find(key);
    if (!value) return;
    const std::string text = value->text();
    if (std::ranges::find(choices, text) == choices.end())
      value->fail(fmt::format("no '{}' here{}", text, known_words(text, std::vector<std::string_view>(choices))));
    flags.insert(flags.end(), {fmt::format("--{}", key), text});
  };
  const auto flag = [&](std::string_view key, std::string_view name, bool means) {
    if (const auto value = json.find(key); value && value->boolean() == means) flags.emplace_back(name);
  };
  choice("clock", {"auto", "wall", "model", "instructions"});
  choice("counter", {"valgrind", "hardware"});
  if (const auto repeat = json.find("repeat"))
    flags.insert(
        flags.end(),
        {"--repeat", repeat->is_string()
                         ? (repeat->text() == "auto" ? "auto" : (repeat->fail("is neither auto nor a number"), ""))
                         : std::to_string(repeat->integer(1, 1000))});
  choice("replay", {"ordered", "concurrent"});
  flag("check", "--check", true);
  flag("host_tracking", "--host-tracking", true);
  choice("budget", {"fixed", "driver"});
  flag("snapshots", "--no-snapshots", false);
  if (const auto series = json.find("series"))
    flags.insert(flags.end(), {"--series", std::to_string(series->integer(2, 65536))});
  return flags;
}

bool has(const std::vector<std::string>& flags, std::string_view flag, std::string_view value) {
  const auto found = std::ranges::find(flags, flag);
  return found != flags.end() && found + 1 != flags.end() && *(found + 1) == value;
}

RunOptions probe_options(const std::vector<std::string>& flags) {
  RunOptions options;
  options.settings.check = std::ranges::find(flags, "--check") != flags.end();
  options.keep_snapshots = std::ranges::find(flags, "--no-snapshots") == flags.end();
  options.repeat.fixed.reset();
  if (const auto repeat = std::ranges::find(flags, "--repeat"); repeat != flags.end() && *(repeat + 1) != "auto")
    options.repeat.fixed = static_cast<std::uint32_t>(std::stoul(*(repeat + 1)));
  return options;
}

// What has a say in counts of instructions.
RunOptions counted_options(const std::vector<std::string>& flags) {
  RunOptions options = probe_options(flags);
  options.settings.host_tracking = std::ranges::find(flags, "--host-tracking") != flags.end();
  if (has(flags, "--counter", "hardware")) options.counter = InstructionCounter::hardware;
  return options;
}

// An array's items; a value alone is one.
std::vector<JsonValue> items_of(const JsonValue& json) {
  std::vector<JsonValue> items = json.is_array() ? json.items() : std::vector<JsonValue>{json};
  if (items.empty()) json.fail("is empty: the plan has no cell; name at least one");
  return items;
}

class MatrixReader {
 public:
  MatrixReader(const fs::path& file, const fs::path& folder, const ShowPlanning& show)
      : base_(fs::absolute(file).parent_path()), folder_(fs::weakly_canonical(fs::absolute(folder))), show_(show) {}

  ExpandedMatrix read(const JsonValue& root, std::uint32_t shards) {
    check_schema(root, kMatrixSchema);
    root.only_keys(
        {"$schema", "schema", "comment", "scenarios", "strategies", "devices", "repeats", "shard_seconds", "run"});
    read_comment(root);
    Plan& plan = made_.plan;
    plan.tool = fmt::format("{} (git {})", build_info().version, build_info().git_sha);
    if (const auto run = root.find("run")) plan.flags = flags_of(*run);
    const bool counts = has(plan.flags, "--clock", "instructions");
    if (counts) at_place(root.at("run"), [&] { require_undisturbed_counts(counted_options(plan.flags)); });
    if (has(plan.flags, "--counter", "hardware") && !counts)
      root.at("run").fail("a counter counts instructions; add \"clock\": \"instructions\"");
    is_modelled_ = has(plan.flags, "--clock", "model") || counts;
    if (is_modelled_ && has(plan.flags, "--replay", "concurrent"))
      root.at("run").fail("this clock needs the trace's order; leave out \"replay\": \"concurrent\"");
    const auto repeats = root.find("repeats");
    repeats_ = repeats ? static_cast<std::uint32_t>(repeats->integer(1, 100'000)) : 1;
    for (const JsonValue& item : items_of(root.at("strategies"))) add_strategies(item);
    for (const JsonValue& item : items_of(root.at("devices"))) add_devices(item);
    for (const JsonValue& item : items_of(root.at("scenarios"))) add_variants(item);
    Probe probe(probe_options(plan.flags));
    make_cells(probe);
    if (plan.cells.empty())
      root.fail("the plan has no cell: no strategy does anything with these scenarios here; name others");
    take_times(probe);
    const auto seconds = root.find("shard_seconds");
    plan.shards = shards != 0 ? shards : shard_count(seconds ? seconds->number(0.001, 1e6) : kUsualShardSeconds);
    plan.id = plan_id(plan);
    return std::move(made_);
  }

 private:
  // A path of the matrix as the plan's folder has it.
  [[nodiscard]] std::string from_plan(const fs::path& path) const {
    return fs::weakly_canonical(path).lexically_relative(folder_).generic_string();
  }
  // Where the text is a path: beside the matrix.
  [[nodiscard]] std::optional<fs::path> as_path(const std::string& text) const {
    std::error_code ignored;
    const fs::path path = base_ / text;
    if (fs::path(text).has_parent_path() || fs::is_regular_file(path, ignored)) return path;
    return std::nullopt;
  }

  void add_strategies(const JsonValue& item) {
    if (item.is_string() && item.text() == "all") {
      for (const StrategyPreset& preset : strategy_presets())
        add_strategy({std::string(preset.name), parse_strategy(preset.name), item, true});
      return;
    }
    if (item.is_string()) return add_strategy(strategy_of(item.text(), item));
    item.only_keys({"strategy", "parameters", "comment"});
    read_comment(item);
    const std::string name = item.at("strategy").text();
    const auto parameters = item.find("parameters");
    if (!parameters) return add_strategy(strategy_of(name, item));
    if (name.find('{') != std::string::npos || as_path(name) || name.ends_with(".json"))
      item.at("strategy").fail("'parameters' goes with the name of a preset alone; write them all there");
    std::vector<std::string> combined = {""};
    for (const auto& [key, value] : parameters->members()) {
      const std::vector<std::string> values = read_values(value);
      std::vector<std::string> longer;
      for (const std::string& text : combined) {
        for (const std::string& one : values)
          longer.push_back(fmt::format("{}{}{}={}", text, text.empty() ? "" : ",", key, one));
      }
      if (longer.size() > kMostMatrixCells) parameters->fail("makes too many combinations; take fewer values");
      combined = std::move(longer);
    }
    for (const std::string& overrides : combined)
      add_strategy(strategy_of(overrides.empty() ? name : fmt::format("{}{{{}}}", name, overrides), *parameters));
  }
  MatrixStrategy strategy_of(const std::string& text, const JsonValue& place) const {
    const std::optional<fs::path> path = text.find('{') == std::string::npos ? as_path(text) : std::nullopt;
    StrategySpec spec = at_place(place, [&] {
      std::vector<StrategySpec> specs = parse_strategies(path ? path->string() : text);
      if (specs.size() != 1) throw Error("names several strategies; make them items of the list");
      return std::move(specs.front());
    });
    return {path ? from_plan(*path) : text, std::move(spec), place, false};
  }
  void add_strategy(MatrixStrategy strategy) {
    if (std::ranges::find(strategies_, strategy.spec.name, [](const MatrixStrategy& one) { return one.spec.name; }) !=
        strategies_.end())
      strategy.place.fail(
          fmt::format("strategy '{}' is there already; leave it out, 'repeats' runs it again", strategy.spec.name));
    strategies_.push_back(std::move(strategy));
  }

  void add_devices(const JsonValue& item) {
    NodeClass nodes;
    if (!item.is_string()) {
      item.only_keys({"device", "constraint", "gres", "runs_on", "comment"});
      read_comment(item);
      for (const auto& [key, member] :
           {std::pair<std::string_view, std::string NodeClass::*>{"constraint", &NodeClass::constraint},
            {"gres", &NodeClass::gres},
            {"runs_on", &NodeClass::runs_on}}) {
        if (const auto value = item.find(key)) nodes.*member = requirement(*value);
      }
    }
    const JsonValue place = item.is_string() ? item : item.at("device");
    std::vector<NodeClass>& classes = made_.plan.classes;
    const std::size_t node_class = static_cast<std::size_t>(std::ranges::find(classes, nodes) - classes.begin());
    if (node_class == classes.size()) classes.push_back(nodes);
    constexpr std::string_view kSim = "sim:";
    const std::string typed = place.text();
    const std::optional<fs::path> path = typed.starts_with(kSim) ? as_path(typed.substr(kSim.size())) : std::nullopt;
    const std::string selector = path ? fmt::format("sim:{}", path->string()) : typed;
    try {
      std::vector<DeviceChoice> choices = select_devices(selector);
      const bool alone = choices.size() == 1;
      for (DeviceChoice& choice : choices) {
        std::string argument = path ? fmt::format("sim:{}", from_plan(*path)) : alone ? typed : choice.selector;
        if (!choice.info.simulated && is_modelled_)
          throw Error("the clock of 'run' needs a simulated device; leave it out, or the device");
        add_device({std::move(argument), std::move(choice), node_class, place});
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::bad_input) place.fail(error.what());
      if (error.kind() != ErrorKind::no_device) throw;
      made_.notes.push_back(fmt::format("no device '{}' here: its cells need a node that has one", typed));
      add_device({typed, std::nullopt, node_class, place});
    }
  }
  // What goes into scripts as it is.
  static std::string requirement(const JsonValue& json) {
    constexpr std::string_view kTaken = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:,&|*[]";
    std::string text = json.text();
    if (text.empty() || text.find_first_not_of(kTaken) != std::string::npos)
      json.fail(fmt::format("'{}' is no constraint: letters, digits and {} are taken", text, kTaken.substr(62)));
    return text;
  }
  void add_device(MatrixDevice device) {
    if (std::ranges::find(devices_, device.argument, &MatrixDevice::argument) != devices_.end())
      device.place.fail(
          fmt::format("device '{}' is there already; leave it out, 'repeats' runs it again", device.argument));
    devices_.push_back(std::move(device));
  }

  void add_variants(const JsonValue& item) {
    if (item.is_string() && item.text() == "all") {
      for (const NamedScenario& scenario : named_scenarios()) {
        if (scenario.ships) variants_.push_back({scenario.name, scenario.file, {}, {}, item});
      }
      return;
    }
    const JsonValue place = item.is_string() ? item : item.at("scenario");
    const std::string name = place.text();
    Variant variant{name, {}, {}, {}, place};
    if (const std::optional<fs::path> path = as_path(name)) {
      variant.file = *path;
      variant.argument = from_plan(*path);
    } else {
      variant.file = at_place(place, [&] { return find_scenario(name); });
      const auto named = std::ranges::find(named_scenarios_, name, &NamedScenario::name);
      if (named == named_scenarios_.end() || !named->ships) variant.argument = from_plan(variant.file);
    }
    std::vector<Variant> variants = {variant};
    if (!item.is_string()) {
      item.only_keys({"scenario", "set", "seeds", "comment"});
      read_comment(item);
      if (const auto set = item.find("set")) {
        for (const auto& [key, values] : set->members()) {
          std::vector<Variant> longer;
          for (const std::string& value : read_values(values)) {
            for (Variant one : variants) {
              one.set.emplace_back(key, value);
              one.place = values;
              longer.push_back(std::move(one));
            }
          }
          if (longer.size() > kMostMatrixCells) set->fail("makes too many combinations; take fewer values");
          variants = std::move(longer);
        }
      }
      if (const auto seeds = item.find("seeds")) {
        std::vector<Variant> longer;
        for (const std::string& value : read_values(*seeds)) {
          const std::optional<std::uint64_t> seed = parse_digits(value);
          if (!seed) seeds->fail(fmt::format("'{}' is no seed: a whole number from 0 to 2^64 - 1 is one", value));
          for (Variant one : variants) {
            one.seed = seed;
            longer.push_back(std::move(one));
          }
        }
        variants = std::move(longer);
      }
    }
    variants_.insert(variants_.end(), variants.begin(), variants.end());
  }

  // Each variant is expanded once, for what its cells need to know of its trace.
  void make_cells(Probe& probe) {
    std::set<std::vector<std::string>> seen;
    for (const Variant& variant : variants_) {
      show_(fmt::format("expanding {}", variant.argument));
      const double start = now();
      const LoadedScenario loaded = at_place(variant.place, [&] { return load(variant); });
      const double expansion = now() - start;
      probe.offer(loaded);
      for (const MatrixDevice& device : devices_) {
        if (device.choice) at_place(variant.place, [&] { check_budgets(loaded.trace, device.choice->info); });
        for (const MatrixStrategy& strategy : strategies_) {
          if (!serves(strategy, loaded.trace, device)) continue;
          for (std::uint32_t repeat = 1; repeat <= repeats_; ++repeat) {
            if (made_.plan.cells.size() == kMostMatrixCells)
              variant.place.fail(fmt::format("the matrix has more than {} cells; split it", kMostMatrixCells));
            PlanCell& cell = made_.plan.cells.emplace_back();
            cell.number = static_cast<std::uint32_t>(made_.plan.cells.size());
            cell.name = name_of(cell.number, loaded.scenario.name, strategy, device);
            cell.node_class = device.node_class;
            cell.scenario = variant.argument;
            cell.seed = variant.seed;
            cell.set = variant.set;
            cell.strategy = strategy.argument;
            cell.device = device.argument;
            cell.repeat = repeat;
            cell.seconds = kStartSeconds + expansion;
            if (repeat == 1 && !seen.insert(arguments_of(made_.plan, cell)).second)
              variant.place.fail(fmt::format(
                  "scenario '{}' is there already with these settings; leave it out, 'repeats' runs it again",
                  variant.argument));
            sizes_.push_back({loaded.trace.events.size(), &strategy, &device});
          }
        }
      }
    }
  }
  [[nodiscard]] static LoadedScenario load(const Variant& variant) {
    const ScenarioOverrides overrides{variant.seed, variant.set, {}};
    LoadedScenario loaded;
    loaded.scenario = load_scenario(variant.file, overrides);
    check_expectations_known(loaded.scenario);
    loaded.trace = expand(loaded.scenario, overrides);
    return loaded;
  }
  [[nodiscard]] static bool serves(const MatrixStrategy& strategy, const Trace& trace, const MatrixDevice& device) {
    if (!strategy.spec.family->needs_places) return true;
    std::vector<StrategySpec> specs = {strategy.spec};
    const DeviceInfo unknown;
    const DeviceInfo& info = device.choice ? device.choice->info : unknown;
    if (!strategy.of_all && device.choice) at_place(strategy.place, [&] { require_places(specs, trace, info); });
    static_cast<void>(leave_out_without_places(specs, trace, info));
    return !specs.empty();
  }
  // "00012-churn-core-default-amd-rx-6600", of letters that every file system and shell takes.
  static std::string name_of(std::uint32_t number, const std::string& scenario, const MatrixStrategy& strategy,
                             const MatrixDevice& device) {
    constexpr std::size_t kMostLetters = 40;
    std::string name = fmt::format("{:05}", number);
    const std::string folder = device.choice ? device.choice->folder : device.argument;
    for (const std::string& part : {scenario, strategy.spec.preset, folder}) {
      name += '-';
      for (const char c : part.substr(0, kMostLetters)) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        name += plain ? c : '-';
      }
    }
    return name;
  }

  void take_times(Probe& probe) {
    // What is not here takes as long as a device that is.
    const auto here =
        std::ranges::find_if(devices_, [](const MatrixDevice& device) { return device.choice.has_value(); });
    const DeviceChoice stand_in = here != devices_.end() ? *here->choice : select_devices("sim:all").front();
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      const auto& [events, strategy, device] = sizes_[i];
      const DeviceChoice& choice = device->choice ? *device->choice : stand_in;
      const bool measured = !(device->choice && choice.info.simulated) || has(made_.plan.flags, "--clock", "wall");
      if (i == 0 || sizes_[i - 1].strategy != strategy) show_(fmt::format("timing {}", strategy->spec.preset));
      const bool by_callgrind =
          has(made_.plan.flags, "--clock", "instructions") && !has(made_.plan.flags, "--counter", "hardware");
      const double slower = by_callgrind ? kCallgrindTimes : 1;
      made_.plan.cells[i].seconds += slower * probe.seconds(events, strategy->spec, choice, measured);
    }
  }
  [[nodiscard]] std::uint32_t shard_count(double seconds) const {
    double all = 0;
    for (const PlanCell& cell : made_.plan.cells) all += cell.seconds;
    const double count = std::max(std::ceil(all / seconds), static_cast<double>(made_.plan.classes.size()));
    return static_cast<std::uint32_t>(std::min(count, static_cast<double>(made_.plan.cells.size())));
  }

  [[nodiscard]] static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  struct Size {
    std::size_t events;
    const MatrixStrategy* strategy;
    const MatrixDevice* device;
  };

  fs::path base_;
  fs::path folder_;
  const ShowPlanning& show_;
  std::vector<NamedScenario> named_scenarios_ = named_scenarios();
  ExpandedMatrix made_;
  std::uint32_t repeats_ = 1;
  bool is_modelled_ = false;  // time is not measured
  std::vector<Variant> variants_;
  std::vector<MatrixStrategy> strategies_;
  std::vector<MatrixDevice> devices_;
  std::vector<Size> sizes_;  // of the cells
};

}  // namespace

ExpandedMatrix expand_matrix(const fs::path& file, const fs::path& folder, std::uint32_t shards,
                             const ShowPlanning& show) {
  const std::string text = read_text_file(file);
  refuse_other_kind(text, file.string(), "vkmembench.matrix");
  const JsonDocument document = JsonDocument::parse(text, file.string());
  return MatrixReader(file, folder, show).read(document.root(), shards);
}

}  // namespace vkmembench
