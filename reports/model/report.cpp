#include "reports/model/report.h"

namespace vkmembench {

std::string_view to_text(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::incomplete:
      return "incomplete";
    case Status::interrupted:
      return "interrupted";
    case Status::timeout:
      return "timeout";
    case Status::failed:
      return "failed";
  }
  return "failed";
}

MetricClass class_of(const MetricValue& metric) {
  return metric.metric_class ? *metric.metric_class : traits_of(metric.id).metric_class;
}

const MetricValue* Run::metric(const std::string& id, const std::string& scope) const {
  for (const MetricValue& value : metrics) {
    if (value.id == id && value.scope == scope) return &value;
  }
  return nullptr;
}

std::optional<double> as_number(const MetricValue& metric) {
  if (const auto* integer = std::get_if<std::uint64_t>(&metric.value)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&metric.value)) return *real;
  return std::nullopt;
}

}  // namespace vkmembench
