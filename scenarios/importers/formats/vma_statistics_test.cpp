#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/importers/formats/import_testing.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string memory_name(const MemoryChoice& choice) {
  return fmt::format("{}type {}", is_mappable(choice) ? "mapped " : "", choice.recorded_type);
}

// Of each object: size, memory, name, block, offset.
std::vector<std::string> lying_in(const Trace& trace) {
  std::vector<std::string> objects;
  for (const RecordedPlacement& placement : trace.recorded.placements) {
    const ObjectIndex object = placement.object;
    EXPECT_EQ(trace.events[placement.event].object, object);
    objects.push_back(fmt::format("{} {} {} at {}:{}", trace.objects[object].size,
                                  memory_name(trace.shape_of(object).memory), tag_of(trace, object), placement.block,
                                  placement.offset));
  }
  return objects;
}

std::vector<std::pair<Bytes, std::uint32_t>> blocks_of(const Trace& trace) {
  std::vector<std::pair<Bytes, std::uint32_t>> blocks;
  for (const RecordedBlock& block : trace.recorded.blocks) blocks.emplace_back(block.size, block.type);
  return blocks;
}

TEST(VmaStatistics, CreateWhatLives) {
  const Imported imported = import_sample("vma-statistics.json");
  const Trace& trace = imported.trace;
  EXPECT_THAT(lying_in(trace), ElementsAre("4096 type 0 mesh at 0:0", "262144 type 0  at 0:65536",
                                           "65536 type 0  at 1:0", "256 mapped type 1  at 2:256"));
  EXPECT_THAT(blocks_of(trace), ElementsAre(std::pair(1048576u, 0u), std::pair(65536u, 0u), std::pair(65536u, 1u)));
  EXPECT_EQ(summarize(trace).live_peak_bytes, 4096u + 262144 + 65536 + 256);
  EXPECT_EQ(trace.events.size(), 5u);
  EXPECT_EQ(trace.shape_of(0).usage, 130u);
  EXPECT_EQ(left_out_of(imported).at("extents of images, which are not in it (they become buffers)"), 1u);
  const RecordedDevice& device = trace.recorded.device.value();
  EXPECT_EQ(device.name, "A GPU, by hand");
  EXPECT_EQ(device.memory.memoryHeaps[1].size, 17179869184u);
  EXPECT_EQ(device.memory.memoryTypes[1].propertyFlags, 6u);
  EXPECT_THAT(device.limits, ElementsAre(1024, 4096, 0, 64));
}

TEST(VmaStatistics, OfVersion2AreReadToo) {
  const Imported imported = import_sample("vma-statistics-2.json");
  const Trace& trace = imported.trace;
  EXPECT_THAT(lying_in(trace), ElementsAre("256 mapped type 1  at 0:0", "4096 type 0 mesh at 1:0",
                                           "8192 type 0  at 1:57344", "1024 mapped type 1  at 2:0"));
  EXPECT_THAT(blocks_of(trace), ElementsAre(std::pair(256u, 1u), std::pair(65536u, 0u), std::pair(1024u, 1u)));
  EXPECT_EQ(summarize(trace).live_peak_bytes, 256u + 4096 + 8192 + 1024);
}

constexpr std::string_view kTotal = R"({"Total": {"BlockBytes": 1, "UnusedRangeCount": 0}, )";

struct BadStatistics {
  const char* rest;
  const char* message;
};
class BadVmaStatistics : public ::testing::TestWithParam<BadStatistics> {};

TEST_P(BadVmaStatistics, AreRefused) {
  const std::string text = fmt::format("{}{}", kTotal, GetParam().rest);
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(text)); }), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadVmaStatistics,
    ::testing::Values(
        BadStatistics{R"("MemoryInfo": {}})", "no map of what lives; call vmaBuildStatsString() with VK_TRUE"},
        BadStatistics{R"("DefaultPools": {"Type 0": {)", "recording:1: malformed JSON"},
        BadStatistics{R"("DefaultPools": {"Type 99": {"Blocks": {"0": {"Suballocations": []}}}}})",
                      "'Type 99' is beyond Vulkan's 32"},
        BadStatistics{R"("DefaultPools": {"Type 0": {"Blocks": {"0": {"TotalBytes": 1.5}}}}})",
                      "'TotalBytes' is not a whole number"},
        BadStatistics{R"("DefaultPools": {"Type 0": {"DedicatedAllocations": [{"Type": "BUFFER", "Size": -4}]}}})",
                      "'Size' is not a whole number"},
        BadStatistics{R"("DefaultPools": {"Type 0": {"DedicatedAllocations": [{"Type": "BUFFER"}]}}})", "size is 0"}));

TEST(VmaStatisticsNesting, IsBounded) {
  const std::string text = fmt::format("{}\"x\": {}", kTotal, std::string(100, '['));
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(text)); }), HasSubstr("nested deeper than 64"));
}

}  // namespace
}  // namespace vkmembench::testing
