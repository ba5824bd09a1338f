#include "bench/replay/counting/instruction_counts.h"

#include <gtest/gtest.h>

#include <sstream>

#include "allocator/base/error.h"
#include "bench/replay/counting/callgrind.h"
#include "bench/replay/testing/replay_fixture.h"

namespace vkmembench {
namespace {

InstructionCount of(const InstructionCounts& counts, InstructionClass which) {
  return counts[static_cast<std::size_t>(which)];
}
InstructionCounts read(const std::string& text) {
  std::istringstream file(text);
  return read_callgrind(file);
}

TEST(InstructionCounts, AreOfTheCallsOfOurFunctions) {
  const InstructionCounts counts = read(
      "# callgrind format\nversion: 1\npositions: line\nevents: Ir\n\n"
      "fn=vkmembench::count_as(...)\n12 100\n"
      "cob=/usr/bin/vkmembench\ncfi=somewhere.cpp\ncfn=vkmembench_counted_create\ncalls=10 28 \n14 5000\n"
      "cfn=vkmembench_counted_destroy\ncalls=4 28\n14 800\n"
      "cfn=something_else\ncalls=7 1\n14 123456\n"
      "fn=another\ncfn=vkmembench_counted_create\ncalls=1 28\n+3 70\n");
  EXPECT_EQ(of(counts, InstructionClass::create).operations, 11u);
  EXPECT_EQ(of(counts, InstructionClass::create).instructions, 5070u);
  EXPECT_EQ(of(counts, InstructionClass::destroy).operations, 4u);
  EXPECT_EQ(of(counts, InstructionClass::destroy).instructions, 800u);
  EXPECT_EQ(of(counts, InstructionClass::batch).operations, 0u);
}

TEST(InstructionCounts, AreOfNothingElse) {
  for (const char* text : {"", "events: Ir\n", "# callgrind format\ncfn=vkmembench_counted_frame\ncalls=x 1\n1 2\n",
                           "# callgrind format\ncfn=vkmembench_counted_frame\ncalls=1 1\n1 \n"})
    EXPECT_THROW((void)read(text), Error) << text;
}

// What is around a strategy changes nothing that it does, whether or not callgrind runs the program.
TEST(InstructionCounts, LeaveAReplayAsItIs) {
  Story story(2);
  story.frame();
  for (int i = 0; i < 20; ++i) story.use(Op::write, {story.make(1000, MemoryUse::upload), 500});
  story.make_batch({10, 20, 30});
  story.frame();
  const Trace trace = story.finish();
  std::vector<std::uint64_t> calls;
  for (const bool counted : {false, true}) {
    Stage stage(replay_profile());
    ReplayOptions options = replay_options();
    options.settings.count_instructions = counted;
    const Recording recording = stage.play(trace, "core-default", options);
    expect_clean(recording, stage);
    calls.push_back(count_of(stage.summary(trace, recording), "api.create_buffer_count"));
  }
  EXPECT_EQ(calls[0], calls[1]);
}

TEST(InstructionCounts, AreNotThereWithoutCallgrind) { EXPECT_TRUE(callgrind_output().empty()); }

}  // namespace
}  // namespace vkmembench
