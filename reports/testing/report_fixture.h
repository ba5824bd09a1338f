#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cmake/source_dir.h"
#include "reports/json/report_reader.h"

namespace vkmembench {

// A report of the samples by its name below reports/samples/, without .json. For tests.
inline ReportText sample_text(const std::string& name) {
  return read_report_text(source_dir() + "/reports/samples/" + name + ".json");
}
inline StoredReport sample(const std::string& name) { return read_report(sample_text(name)); }

// The sample after `change` was made to its JSON.
template <typename Change>
ReportText changed_text(const std::string& name, Change change) {
  ReportText text = sample_text(name);
  auto json = nlohmann::ordered_json::parse(text.json);
  change(json);
  text.json = json.dump();
  return text;
}
template <typename Change>
StoredReport changed(const std::string& name, Change change) {
  return read_report(changed_text(name, change));
}

// The first metric of a run that has this id.
inline nlohmann::ordered_json& metric_in(nlohmann::ordered_json& report, const std::string& id, std::size_t run = 0) {
  for (auto& metric : report["runs"][run]["metrics"]) {
    if (metric["id"] == id) return metric;
  }
  return report["runs"][run]["metrics"][id];  // of an array: throws
}

// Makes the first run one that failed so many checks. Requires a report without.
inline void add_violations(nlohmann::ordered_json& report, int count) {
  const nlohmann::ordered_json metric = {{"id", "check.violation_count"},
                                         {"value", count},
                                         {"unit", "count"},
                                         {"class", "exact"},
                                         {"better", "lower"},
                                         {"n", 0}};
  report["runs"][0]["metrics"].push_back(metric);
}

}  // namespace vkmembench
