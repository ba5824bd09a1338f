#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/model/report.h"

namespace vkmembench {

// What a report says to someone who has to choose a strategy for its scenario.
struct Advice {
  // One that no other beats: which is not worse in any of reserve, driver time, worst create and frame p99, and better
  // in one.
  struct Choice {
    std::string strategy;
    std::vector<std::string> alike;  // strategies with the same figures in all four
    std::string text;                // what it gives and costs against `base`
    double reserved_bytes = 0;
    double driver_ns = 0;
  };
  struct Rejected {
    std::string strategy;
    std::string by;   // who beats it
    std::string why;  // or why it is not compared
  };
  std::string base;           // the strategy that sentences compare with; empty where there is none
  std::vector<Choice> front;  // the least reserve first
  std::vector<Rejected> rejected;
  std::vector<std::string> questions;  // that decide between the choices, and that only the scenario's user can answer
};

// One strategy beats another only where their intervals do not overlap. nullopt where the times of the runs rank nobody
// (no intervals, checks, a wall clock without a driver), and of fewer than two strategies that served everything.
[[nodiscard]] std::optional<Advice> advise(const Report& report, bool utf8 = true);

}  // namespace vkmembench
