// Every planted fault is found by random traces and shrunk to a few events.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "allocator/testing/planted_faults_fixture.h"
#include "bench/replay/testing/replay_fixture.h"
#include "bench/stress/shrink.h"
#include "scenarios/random/random_trace.h"

namespace vkmembench {
namespace {

constexpr std::uint64_t kMostTrials = 60;
constexpr std::size_t kFewEvents = 20;

// In a process of its own, as `stress` does it: some toys crash on other traces than those they are known by.
bool shows(const Trace& trace, const PlantedFault& fault) {
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(0);
    Stage stage(planted_profile());
    const Recording recording = stage.play(trace, [&](const Device& device) { return make_toy(device, fault.bug); });
    _exit(recording.violation_counts.contains(std::string(violation_name(fault.kind))) ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

class ShrunkFaults : public testing::TestWithParam<PlantedFault> {};
INSTANTIATE_TEST_SUITE_P(Table, ShrunkFaults, testing::ValuesIn(planted_faults().begin(), planted_faults().end()),
                         [](const auto& row) { return std::string(row.param.name); });
TEST_P(ShrunkFaults, AreFoundAndTakeFewEvents) {
  Trace failing;
  for (std::uint64_t seed = 1; seed <= kMostTrials && failing.events.empty(); ++seed) {
    Trace trace = random_trace({.seed = seed, .events = 600, .max_live_bytes = 16 * kMiB});
    if (shows(trace, GetParam())) failing = std::move(trace);
  }
  ASSERT_FALSE(failing.events.empty()) << "not found in " << kMostTrials << " traces";
  int replays = 0;
  const Shrunk shrunk = shrink(
      failing,
      [&](const Trace& trace) {
        ++replays;
        return shows(trace, GetParam());
      },
      [] { return false; });
  EXPECT_TRUE(shrunk.whole);
  EXPECT_TRUE(shows(shrunk.trace, GetParam()));
  EXPECT_LE(shrunk.trace.events.size(), kFewEvents);
  RecordProperty("events", static_cast<int>(shrunk.trace.events.size()));
  RecordProperty("replays", replays);
}

}  // namespace
}  // namespace vkmembench
