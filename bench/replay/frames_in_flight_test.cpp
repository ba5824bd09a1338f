#include "bench/replay/frames_in_flight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<int> taken(FramesInFlight<int>& frees) {
  const std::vector<int> due(frees.due().begin(), frees.due().end());
  frees.take(due.size());
  return due;
}

TEST(FramesInFlight, WhatIsFreedInAFrameIsDueSoManyFramesLater) {
  FramesInFlight<int> frees(2);
  EXPECT_TRUE(frees.defers());
  frees.defer(1);  // before the first frame
  frees.begin_frame();
  frees.defer(2);
  frees.defer(3);
  EXPECT_THAT(taken(frees), IsEmpty());
  frees.begin_frame();
  EXPECT_THAT(taken(frees), ElementsAre(1));
  frees.begin_frame();
  frees.defer(4);
  EXPECT_THAT(taken(frees), ElementsAre(2, 3));
  frees.begin_frame();
  EXPECT_THAT(taken(frees), IsEmpty());
  frees.end();
  EXPECT_THAT(taken(frees), ElementsAre(4));
}

TEST(FramesInFlight, WhatIsNotTakenStaysDue) {
  FramesInFlight<int> frees(1);
  for (const int object : {1, 2, 3}) frees.defer(object);
  frees.begin_frame();
  frees.take(1);
  EXPECT_THAT(frees.due(), ElementsAre(2, 3));
  frees.defer(4);
  frees.begin_frame();
  EXPECT_THAT(taken(frees), ElementsAre(2, 3, 4));
}

TEST(FramesInFlight, WithoutFramesNothingIsDeferred) {
  FramesInFlight<int> frees(0);
  EXPECT_FALSE(frees.defers());
  for (int frame = 0; frame < 3; ++frame) frees.begin_frame();
  EXPECT_THAT(taken(frees), IsEmpty());
}

// Long enough for what is done to be forgotten, several times over.
TEST(FramesInFlight, KeepsTheOrderOverManyFrames) {
  constexpr int kFrames = 20'000;
  constexpr int kInFlight = 3;
  FramesInFlight<int> frees(kInFlight);
  for (int frame = 0; frame < kFrames; ++frame) {
    for (int i = 0; i < 3; ++i) frees.defer(3 * frame + i);
    frees.begin_frame();  // `frame` ends, `frame` + 1 begins
    const int due = frame + 1 - kInFlight;
    if (due < 0)
      ASSERT_THAT(taken(frees), IsEmpty());
    else
      ASSERT_THAT(taken(frees), ElementsAre(3 * due, 3 * due + 1, 3 * due + 2));
  }
}

}  // namespace
}  // namespace vkmembench
