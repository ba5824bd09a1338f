#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vkmembench {

// A gate's policy as plain data (vkmembench.gate/1); reports/judge/gate_policy_reader.h reads its file.

// What follows from something that is neither a pass nor a regression.
enum class Reaction : std::uint8_t { ignore, notice, warn, fail };

// One part of a limit.
struct LimitTerm {
  enum class Kind : std::uint8_t {
    worse_by,        // "+N": at most so much worse than the base, in the metric's unit
    worse_by_share,  // "+N%" or "N%": at most this share of the base worse
    most,            // "max N"
    least,           // "min N"
  };
  Kind kind = Kind::worse_by;
  double value = 0;  // a share for worse_by_share
};

struct GateRule {
  std::string scenario = "*";  // globs
  std::string device = "*";
  std::string strategy = "*";
  std::string metric;
  bool ignore = false;           // "limit": "ignore"
  std::vector<LimitTerm> terms;  // all must hold
  std::string limit;             // as written
  std::optional<double> margin;  // of a min_effect rule, which `ab` alone reads
  std::vector<std::size_t> looks = {12, 20, 32};
};

struct GatePolicy {
  std::string file;
  std::vector<GateRule> rules;
  Reaction on_inconclusive = Reaction::warn;
  Reaction on_missing = Reaction::fail;
  Reaction on_improved_exact = Reaction::notice;
};

// What a rule is asked about.
struct GateSubject {
  std::string_view scenario;  // its name
  std::string_view path;      // StoredReport::name
  std::string_view device;
  std::string_view strategy;
  std::string_view metric;
};
// Whether a rule's metric means this one, "id" or "id.stat".
[[nodiscard]] bool matches_metric(std::string_view pattern, std::string_view id);
// What to say of a rule's metric that no metric of this tool matches, with a suggestion; empty for a known one.
[[nodiscard]] std::string unknown_metric(std::string_view pattern);
// A rule's metric without a stat matches headlines only, "*" matches every metric.
[[nodiscard]] bool matches(const GateRule& rule, const GateSubject& subject);

// The terms of "+0.01 | max 0.35". Throws Error for text that is no limit.
[[nodiscard]] std::vector<LimitTerm> parse_limit(const std::string& text);
// "5%" as 0.05. Throws Error for text that is no share between 0 and 1.
[[nodiscard]] double parse_share(const std::string& text);

}  // namespace vkmembench
