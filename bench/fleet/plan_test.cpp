#include "bench/fleet/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "allocator/base/error.h"
#include "bench/fleet/run_shard.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

// Cells of these seconds, each third of the second class of nodes when there are two.
Plan plan_of(const std::vector<double>& seconds, std::size_t classes = 1) {
  Plan plan;
  plan.classes.resize(classes);
  for (const double each : seconds) {
    PlanCell& cell = plan.cells.emplace_back();
    cell.number = static_cast<std::uint32_t>(plan.cells.size());
    cell.node_class = cell.number % 3 == 0 ? classes - 1 : 0;
    cell.seconds = each;
  }
  return plan;
}

TEST(PlanShards, HoldEachCellOnceInTheOrderOfNumbers) {
  std::vector<double> seconds;
  for (int i = 0; i < 100; ++i) seconds.push_back(1 + i * 7 % 13);
  const Plan plan = plan_of(seconds, 2);
  for (const std::uint32_t count : {1u, 2u, 3u, 7u, 100u, 150u}) {
    std::set<std::uint32_t> seen;
    for (const Shard& shard : shards_of(plan, count)) {
      EXPECT_TRUE(std::ranges::is_sorted(shard.cells, {}, [](const PlanCell* cell) { return cell->number; }));
      for (const PlanCell* cell : shard.cells) {
        EXPECT_TRUE(seen.insert(cell->number).second);
        EXPECT_TRUE(count == 1 || cell->node_class == shard.node_class);
      }
    }
    EXPECT_EQ(seen.size(), plan.cells.size()) << count;
  }
}

TEST(PlanShards, AreOfAboutEqualLength) {
  std::vector<double> seconds(60, 1.0);
  seconds[7] = 10;
  seconds[33] = 9;
  const std::vector<Shard> shards = shards_of(plan_of(seconds), 7);
  const auto [least, most] = std::ranges::minmax(shards, {}, &Shard::seconds);
  EXPECT_LE(most.seconds - least.seconds, 1.0);
}

std::string refusal(const std::string& typed, const std::map<std::string, std::string>& variables) {
  try {
    static_cast<void>(choose_shard(typed, [&](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    }));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ShardChoiceTest, TellsWhichVariablesSayNoShard) {
  EXPECT_EQ(refusal("3/12", {}), "");
  EXPECT_EQ(refusal("", {}), "");
  EXPECT_THAT(refusal("13/12", {}), HasSubstr("--shard '13/12'"));
  EXPECT_THAT(refusal("", {{"SLURM_ARRAY_TASK_ID", "3"}}), HasSubstr("SLURM_ARRAY_TASK_ID=3"));
  EXPECT_THAT(refusal("", {{"CI_NODE_INDEX", "x"}, {"CI_NODE_TOTAL", "3"}}), HasSubstr("CI_NODE_INDEX=x"));
}

}  // namespace
}  // namespace vkmembench
