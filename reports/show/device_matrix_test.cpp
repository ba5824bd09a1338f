#include "reports/show/device_matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reports/model/summary.h"

namespace vkmembench {
namespace {

Run run_of(const std::string& strategy, Bytes reserved, double driver_ns) {
  Run run;
  run.strategy = strategy;
  run.status = Status::ok;
  add_metric(run, "mem.reserved_peak_bytes", reserved);
  add_metric(run, "time.driver_ns", driver_ns);
  return run;
}

Report report_of(const std::string& device, std::vector<Run> runs, const std::string& scenario = "churn") {
  Report report;
  report.device.name = device;
  report.scenario.name = scenario;
  report.runs = std::move(runs);
  return report;
}

TEST(DeviceMatrix, HasARowADeviceWithRatiosToItsOwnVma) {
  const Report fast =
      report_of("Fast", {run_of("null", 0, 0), run_of("dedicated", 50 * kMiB, 4e6), run_of("vma", 100 * kMiB, 1e6)});
  vkmembench::Run failed = run_of("dedicated", 10 * kMiB, 1e6);
  failed.status = Status::failed;
  const Report slow = report_of("Slow", {failed, run_of("vma", 200 * kMiB, 5e6), run_of("mine", 100 * kMiB, 1e7)});
  const std::vector<const Report*> both = {&fast, &slow};
  EXPECT_EQ(device_matrix(both),
            "churn on 2 devices: memory reserved and time in the driver, against each device's own vma\n\n"
            "  device               vma   dedicated        mine\n"
            "  Fast    100 MiB, 1.00 ms  0.50, 4.00        -, -\n"
            "  Slow    200 MiB, 5.00 ms        -, -  0.50, 2.00\n");
}

TEST(DeviceMatrix, NeedsSeveralDevicesAndStrategies) {
  const Report one = report_of("Fast", {run_of("vma", kMiB, 1), run_of("mine", kMiB, 1)});
  const Report other = report_of("Slow", {run_of("vma", kMiB, 1)}, "bimodal");
  const Report alone = report_of("Slow", {run_of("vma", kMiB, 1)}, "bimodal");
  EXPECT_EQ(device_matrix(std::vector<const Report*>{&one}), "");
  EXPECT_EQ(device_matrix(std::vector<const Report*>{&one, &other}), "") << "one device each";
  EXPECT_EQ(device_matrix(std::vector<const Report*>{&other, &alone}), "") << "one strategy";
}

}  // namespace
}  // namespace vkmembench
