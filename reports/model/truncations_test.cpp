#include "reports/model/truncations.h"

#include <gmock/gmock.h>

namespace vkmembench {
namespace {

TEST(Truncations, NothingIsSaidOfWholeRuns) {
  vkmembench::Run run;
  run.snapshots.resize(2);
  EXPECT_TRUE(truncations_of({run, run}).empty());
}

TEST(Truncations, AreALineAKindOverAllRuns) {
  vkmembench::Run first;
  first.strategy = "dedicated";
  first.snapshots.resize(2);
  first.snapshots[0].blocks_dropped = 1000;
  first.snapshots[1].blocks_dropped = 24;
  first.snapshots[1].spans_dropped = 5;
  first.leaks_dropped = 1;
  vkmembench::Run second;
  second.strategy = "vma";
  second.snapshots.resize(1);
  second.snapshots[0].spans_dropped = 7;
  second.events_dropped = 3;
  EXPECT_THAT(truncations_of({first, second}),
              testing::ElementsAre("snapshots leave out 1,024 blocks, of dedicated",
                                   "snapshots leave out 12 allocations, most of vma (7)",
                                   "the list of events leaves out 3 events, of vma",
                                   "the list of leaks leaves out 1 leaks, of dedicated"));
}

}  // namespace
}  // namespace vkmembench
