#include "reports/judge/gate_policy_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "scenarios/json/file_kind.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/json/schema_id.h"

namespace vkmembench {
namespace {

constexpr std::size_t kMaxPairs = 1000;

struct NamedReaction {
  std::string_view name;
  Reaction reaction;
};
constexpr auto kIgnore = NamedReaction{"ignore", Reaction::ignore};
constexpr auto kNotice = NamedReaction{"notice", Reaction::notice};
constexpr auto kWarn = NamedReaction{"warn", Reaction::warn};
constexpr auto kFail = NamedReaction{"fail", Reaction::fail};
constexpr std::array kOnInconclusive = {kIgnore, kWarn, kFail};
constexpr std::array kOnMissing = {kWarn, kFail};
constexpr std::array kOnImproved = {kIgnore, kNotice, kWarn};

Reaction read_reaction(const JsonValue& root, std::string_view key, std::span<const NamedReaction> choices,
                       Reaction otherwise) {
  const auto value = root.find(key);
  if (!value) return otherwise;
  const std::string text = value->text();
  std::vector<std::string_view> names;
  for (const NamedReaction& choice : choices) {
    if (choice.name == text) return choice.reaction;
    names.push_back(choice.name);
  }
  value->fail(fmt::format("is '{}'{}", text, known_words(text, names)));
}

std::vector<std::size_t> read_looks(const JsonValue& json) {
  std::vector<std::size_t> looks;
  for (const JsonValue& item : json.items()) {
    looks.push_back(item.integer(6, kMaxPairs));
    if (looks.size() > 1 && looks.back() <= looks[looks.size() - 2]) item.fail("is no more than the look before it");
  }
  if (looks.empty()) json.fail("is empty; name the numbers of pairs to look at, such as [12, 20, 32]");
  return looks;
}

GateRule read_rule(const JsonValue& json) {
  static constexpr std::array<std::string_view, 7> kKeys = {"scenario", "device",     "strategy", "metric",
                                                            "limit",    "min_effect", "pairs"};
  json.only_keys(kKeys);
  GateRule rule;
  rule.metric = json.at("metric").text();
  if (const auto scenario = json.find("scenario")) rule.scenario = scenario->text();
  if (const auto device = json.find("device")) rule.device = device->text();
  if (const auto strategy = json.find("strategy")) rule.strategy = strategy->text();
  const auto limit = json.find("limit");
  const auto effect = json.find("min_effect");
  const auto pairs = json.find("pairs");
  if (limit.has_value() == effect.has_value())
    json.fail("needs either a `limit`, which `gate` reads, or a `min_effect`, which `ab` reads");
  if (limit) {
    if (pairs) pairs->fail("belongs to a rule with `min_effect`");
    rule.limit = limit->text();
    rule.ignore = rule.limit == "ignore";
    if (!rule.ignore) rule.terms = at_place(*limit, [&] { return parse_limit(rule.limit); });
  } else {
    rule.margin = at_place(*effect, [&] { return parse_share(effect->text()); });
    if (pairs) rule.looks = read_looks(*pairs);
  }
  return rule;
}

}  // namespace

GatePolicy read_gate_policy(const std::filesystem::path& file) {
  const std::string text = read_text_file(file);
  refuse_other_kind(text, file.string(), schema_name(kGateSchema));
  const JsonDocument document = JsonDocument::parse(text, file.string());
  const JsonValue root = document.root();
  static constexpr std::array<std::string_view, 6> kKeys = {"$schema",         "schema",     "rules",
                                                            "on_inconclusive", "on_missing", "on_improved_exact"};
  if (!root.is_object()) root.fail("is no policy; `vkmembench schema gate` describes one");
  check_schema(root, kGateSchema);
  root.only_keys(kKeys);
  GatePolicy policy;
  policy.file = file.string();
  const JsonValue rules = root.at("rules");
  for (const JsonValue& rule : rules.items()) policy.rules.push_back(read_rule(rule));
  if (policy.rules.empty())
    rules.fail("is empty: nothing would be gated; add {\"metric\": \"mem.*\", \"limit\": \"+0\"}");
  policy.on_inconclusive = read_reaction(root, "on_inconclusive", kOnInconclusive, policy.on_inconclusive);
  policy.on_missing = read_reaction(root, "on_missing", kOnMissing, policy.on_missing);
  policy.on_improved_exact = read_reaction(root, "on_improved_exact", kOnImproved, policy.on_improved_exact);
  return policy;
}

GatePolicy default_ab_policy() {
  GatePolicy policy;
  for (const char* metric : {"time.create_buffer_ns.p50", "time.destroy_ns.p50", "throughput.ops_per_s"}) {
    GateRule& rule = policy.rules.emplace_back();
    rule.metric = metric;
    rule.margin = 0.05;
  }
  return policy;
}

}  // namespace vkmembench
