#include "scenarios/trace/packing_problem.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/base/error.h"
#include "scenarios/importers/formats/import_testing.h"
#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {
namespace {

Shape storage() {
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  return shape;
}

std::string problem_of(const Trace& trace) {
  const TemporaryFolder folder;
  static_cast<void>(write_packing_problem(trace, folder.path() / "p.csv"));
  return file_text(folder.path() / "p.csv");
}

TEST(PackingProblem, EndsALifeWhereItsFreeCompletes) {
  TraceBuilder out(1);
  const std::uint32_t shape = out.shape(storage());
  out.frame();
  const ObjectIndex first = out.buffer(7, 64, shape);
  out.free(first);
  out.frame();  // completes it, at 1
  const ObjectIndex second = out.buffer(7, 32, shape);
  out.resize(second, 48);  // at 2, for the first size began at 1
  out.frame();
  out.free(out.buffer(8, 16, shape));
  EXPECT_EQ(problem_of(out.finish()), "id,lower,upper,size\n7,0,1,64\n7.1,1,2,32\n7.2,2,4,48\n8,3,4,16\n");
}

TEST(PackingProblem, LeavesOutWhatTakesNoMemoryOfItsOwn) {
  TraceBuilder out(0);
  const std::uint32_t shape = out.shape(storage());
  const ObjectIndex owner = out.buffer(1, 64, shape);
  const ObjectIndex alias = out.buffer(2, 32, shape, owner);
  static_cast<void>(out.host_alloc(3, 8, "A"));
  out.free(alias);
  out.free(owner);
  const TemporaryFolder folder;
  const PackingSummary summary = write_packing_problem(out.finish(), folder.path() / "p.csv");
  EXPECT_EQ(summary.buffers, 1u);
  EXPECT_EQ(summary.left_out, 2u);
  EXPECT_EQ(summary.peak_bytes, 64u);
  TraceBuilder empty(0);
  static_cast<void>(empty.host_alloc(3, 8, "A"));
  EXPECT_THROW(static_cast<void>(write_packing_problem(empty.finish(), folder.path() / "q.csv")), Error);
}

TEST(PackingProblem, MemoryStaysForTheAliasesOfItsOwner) {
  TraceBuilder out(0);
  const std::uint32_t shape = out.shape(storage());
  const ObjectIndex owner = out.buffer(1, 64, shape);
  const ObjectIndex alias = out.buffer(2, 32, shape, {owner, 32});
  out.free(owner);
  const ObjectIndex after = out.buffer(3, 16, shape);
  out.free(alias);
  out.free(after);
  const TemporaryFolder folder;
  const PackingSummary summary = write_packing_problem(out.finish(), folder.path() / "p.csv");
  EXPECT_EQ(summary.peak_bytes, 80u);
}

// The problem of a problem's trace is the problem, but for names of times.
TEST(PackingProblem, IsImportedToTheSameTrace) {
  std::string text = "id,lower,upper,size\n";
  std::uint64_t state = 1;
  for (int id = 1; id <= 500; ++id) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const std::uint64_t lower = (state >> 40) % 300;
    text += fmt::format("{},{},{},{}\n", id, lower, lower + 1 + (state >> 50) % 50, 1 + (state >> 33) % 4096);
  }
  const Trace trace = testing::import_text(text).trace;
  const std::string problem = problem_of(trace);
  const Trace again = testing::import_text(problem).trace;
  EXPECT_EQ(again.hash, trace.hash);
  EXPECT_EQ(problem_of(again), problem);
}

// Packed by what is live, every trace has the peak that its holdings have.
TEST(PackingProblem, HasThePeakOfRandomTraces) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Trace trace = random_trace(seed);
    const TemporaryFolder folder;
    const PackingSummary summary = write_packing_problem(trace, folder.path() / "p.csv");
    EXPECT_EQ(summary.peak_bytes, testing::summarize(trace).held_peak_bytes) << seed;
    const Trace packed = testing::import_text(file_text(folder.path() / "p.csv")).trace;
    EXPECT_EQ(testing::summarize(packed).live_peak_bytes, summary.peak_bytes) << seed;
  }
}

}  // namespace
}  // namespace vkmembench
