#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "allocator/device/device_type.h"
#include "bench/cli/commands.h"
#include "bench/run/devices.h"
#include "bench/run/exit_code.h"
#include "bench/run/scenario_files.h"
#include "bench/run/strategy_list.h"
#include "reports/json/metric_json.h"
#include "reports/model/metric_table.h"
#include "reports/show/metric_page.h"
#include "reports/text/printable.h"
#include "reports/text/units.h"
#include "scenarios/generators/generators.h"
#include "scenarios/importers/importers.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

// A listing as rows of named texts; JSON prints them as they are, text aligns the columns.
using Rows = std::vector<std::vector<std::pair<std::string, std::string>>>;

void print(const Rows& rows, bool json) {
  if (json) {
    Json array = Json::array();
    for (const auto& row : rows) {
      Json object;
      for (const auto& [key, value] : row) object[key] = value;
      array.push_back(std::move(object));
    }
    fmt::print("{}\n", array.dump(2));
    return;
  }
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].second.size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 == row.size() ? row[i].second : fmt::format("{:<{}}  ", row[i].second, widths[i]);
    fmt::print("{}\n", line);
  }
}

std::string heaps_text(const VkPhysicalDeviceMemoryProperties& memory) {
  std::vector<std::string> heaps;
  for (std::uint32_t heap = 0; heap < memory.memoryHeapCount; ++heap) {
    const bool local = (memory.memoryHeaps[heap].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0;
    heaps.push_back(format_bytes(static_cast<double>(memory.memoryHeaps[heap].size)) + (local ? " device" : " host"));
  }
  return fmt::format("{}", fmt::join(heaps, ", "));
}

void print_names(const std::vector<std::string>& names) {
  for (const std::string& name : names) fmt::print("{}\n", printable(name));
}

void list_devices(const CommandContext& context) {
  Rows rows;
  for (const DeviceBackend& backend : device_backends()) {
    std::string why_none;
    for (const DeviceChoice& choice : backend.list(why_none))
      rows.push_back({{"selector", choice.selector},
                      {"name", choice.info.name},
                      {"type", std::string(device_type_name(choice.info.type))},
                      {"heaps", heaps_text(choice.info.memory)}});
    if (!why_none.empty()) fmt::print(stderr, "no {} device: {}\n", backend.name, why_none);
  }
  print(rows, context.json);
}

// Breaks between words, so that no line with its indent is wider than a listing; one word may be.
std::string wrapped(std::string_view text, std::size_t indent) {
  constexpr std::size_t kWidth = 110;
  std::string out;
  for (std::size_t room = kWidth - indent; !text.empty();) {
    std::size_t end = text.size() <= room ? text.size() : text.rfind(' ', room);
    if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
    out.append(indent, ' ').append(text.substr(0, end)).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void print_parameters(std::span<const Parameter> parameters) {
  for (const Parameter& parameter : parameters) {
    const std::string begin = fmt::format("    {:<24}{:<11}", parameter.name, to_text(default_of(parameter)));
    std::string text(parameter.description);
    if (!parameter.choices.empty()) text += fmt::format(" ({})", fmt::join(parameter.choices, ", "));
    fmt::print("{}", wrapped(text, begin.size()).replace(0, begin.size(), begin));
  }
}

void list_strategies(const CommandContext& context) {
  if (context.json) {
    Json array = Json::array();
    for (const StrategyPreset& preset : strategy_presets()) array.push_back(strategy_json(preset));
    fmt::print("{}\n", array.dump(2));
    return;
  }
  if (!context.verbose) {
    Rows rows;
    for (const StrategyPreset& preset : strategy_presets())
      rows.push_back({{"name", std::string(preset.name)}, {"description", std::string(preset.description)}});
    print(rows, false);
    fmt::print("\n`vkmembench list strategies -v` prints every parameter.\n");
    return;
  }
  const StrategyFamily* family = nullptr;
  for (const StrategyPreset& preset : strategy_presets()) {
    fmt::print("{}: {}\n{}\n", preset.name, preset.description, strategy_json(preset).dump(2));
    if (preset.family != family) {
      family = preset.family;
      print_parameters(family->parameters);
    }
    fmt::print("\n");
  }
}

// The first sentence, or what comes before its first colon or semicolon.
std::string first_sentence(const std::string& text) {
  if (text.empty()) return text;
  std::size_t end = text.size();
  for (const char* mark : {". ", ": ", "; "}) end = std::min(end, text.find(mark));
  return text.substr(0, text[end - 1] == '.' ? end - 1 : end);
}

// The scenario's description, or why the file is none.
std::pair<std::string, std::string> describe(const std::filesystem::path& file) {
  try {
    return {load_scenario(file, {}).description, ""};
  } catch (const Error& error) {
    return {"", error.what()};
  }
}

void list_scenarios(const CommandContext& context) {
  Rows rows;
  for (const NamedScenario& scenario : named_scenarios()) {
    const auto [text, problem] = describe(scenario.file);
    rows.push_back(
        {{"name", scenario.name}, {"file", scenario.file.string()}, {"description", text}, {"problem", problem}});
    if (context.json) continue;
    const std::string shown = context.verbose || !problem.empty() ? text : first_sentence(text);
    fmt::print("{}{}\n{}", printable(scenario.name), context.verbose ? "  " + printable(scenario.file.string()) : "",
               wrapped(printable(problem.empty() ? shown : "not valid: " + problem), 2));
  }
  if (rows.empty()) throw Error("no scenarios folder is near; run from the source tree or name a file");
  if (context.json) print(rows, true);
}

void list_generators(const CommandContext& context) {
  if (!context.json) {
    for (const Generator& generator : generators()) {
      fmt::print("{}\n{}", generator.name, wrapped(generator.description, 2));
      print_parameters(generator.parameters);
      fmt::print("\n");
    }
    fmt::print("every generator\n");
    return print_parameters(common_generator_parameters());
  }
  Rows rows;
  for (const Generator& generator : generators()) {
    rows.push_back({{"generator", std::string(generator.name)},
                    {"parameter", ""},
                    {"default", ""},
                    {"description", std::string(generator.description)}});
    for (const auto parameters : {generator.parameters, common_generator_parameters()}) {
      for (const Parameter& parameter : parameters)
        rows.push_back({{"generator", std::string(generator.name)},
                        {"parameter", std::string(parameter.name)},
                        {"default", to_text(default_of(parameter))},
                        {"description", std::string(parameter.description)}});
    }
  }
  print(rows, true);
}

void list_metrics(const CommandContext& context) {
  if (!context.json) {
    for (const MetricInfo& info : metric_table()) {
      fmt::print("{}\n    {}, {}, {} is better", info.id, info.unit, to_text(info.metric_class), to_text(info.better));
      if (!info.scope.empty()) fmt::print(", scope {}", info.scope);
      if (!info.stats.empty()) fmt::print(", also {}", info.stats);
      fmt::print("\n    {}\n", info.definition);
      if (!info.formula.empty()) fmt::print("    = {}\n", info.formula);
    }
    fmt::print(
        "\nWhat stands behind = is in the symbols of METRICS.md; `vkmembench list metrics --markdown` prints them.\n");
    return;
  }
  fmt::print("{}\n", metric_json(metric_table(), 2));
}

void list_importers(const CommandContext& context) {
  Rows rows;
  for (const Importer& importer : importers())
    rows.push_back({{"name", std::string(importer.name)},
                    {"description", std::string(importer.description)},
                    {"command", importing_command(importer, "FILE")}});
  print(rows, context.json);
}

// The names of rows that have a member `name`.
template <typename Row>
std::vector<std::string> names_in(std::span<const Row> rows) {
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const Row& row : rows) names.emplace_back(row.name);
  return names;
}

std::vector<std::string> device_names() {
  std::vector<std::string> names;
  for (const DeviceBackend& backend : device_backends()) {
    std::string why_none;
    for (const DeviceChoice& choice : backend.list(why_none)) names.push_back(choice.selector);
  }
  return names;
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const NamedScenario& scenario : named_scenarios()) names.push_back(scenario.name);
  return names;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const MetricInfo& info : metric_table()) names.emplace_back(info.id);
  return names;
}

struct Listing {
  const char* name;
  void (*print)(const CommandContext& context);
  std::vector<std::string> (*names)();
};
constexpr std::array kListings = std::to_array<Listing>({
    {"devices", list_devices, device_names},
    {"strategies", list_strategies, [] { return names_in(strategy_presets()); }},
    {"scenarios", list_scenarios, scenario_names},
    {"generators", list_generators, [] { return names_in(generators()); }},
    {"metrics", list_metrics, metric_names},
    {"importers", list_importers, [] { return names_in(importers()); }},
});

}  // namespace

void add_list(Options& options) {
  const auto what = std::make_shared<std::string>();
  std::vector<std::string> names;
  names.reserve(kListings.size());
  for (const Listing& listing : kListings) names.emplace_back(listing.name);
  options.choice("WHAT", "what to print", *what, std::move(names));
  const auto markdown = std::make_shared<bool>(false);
  options.flag("--markdown", "metrics as the page METRICS.md", *markdown);
  const auto bare = std::make_shared<bool>(false);
  options.flag("--names", "names alone, one a line", *bare);
  options.action([what, markdown, bare](const CommandContext& context) {
    if (*markdown) {
      if (*what != "metrics") throw Error(fmt::format("--markdown: {} are not written so, only metrics are", *what));
      fmt::print("{}", metric_page());
      return ExitCode::done;
    }
    for (const Listing& listing : kListings) {
      if (*what != listing.name) continue;
      if (*bare)
        print_names(listing.names());
      else
        listing.print(context);
    }
    return ExitCode::done;
  });
}

}  // namespace vkmembench
