#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/importers/formats/import_testing.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench::testing {
namespace {

using ::testing::HasSubstr;

// 256 x 256 texels of 4 bytes with 9 mips.
constexpr Bytes kRock = 4 * (65536 + 16384 + 4096 + 1024 + 256 + 64 + 16 + 4 + 1);

TEST(VmaReplay, SaysWhatTheSampleDoes) {
  const Imported imported = import_sample("vma-replay.csv");
  const Trace& trace = imported.trace;
  const TraceSummary summary = summarize(trace);
  EXPECT_EQ(trace.frames_in_flight, 0u);
  EXPECT_EQ(summary.count(Op::frame), 4u);
  EXPECT_EQ(summary.count(Op::image), 1u);
  EXPECT_EQ(summary.count(Op::buffer), 6u);
  EXPECT_EQ(summary.count(Op::free), 7u);
  EXPECT_EQ(trace.events.size(), 22u);
  EXPECT_EQ(summary.live_peak_bytes, kRock + 65536 + 1024 + 2048 + 2 * 65536);
  EXPECT_EQ(summary.end.bytes, 0u);
  EXPECT_EQ(summary.uploaded_bytes, 4096u);  // of the flush of all
  EXPECT_EQ(trace.lane_count, 2u);

  const auto memory = [&](ObjectIndex object) { return trace.shape_of(object).memory; };
  EXPECT_EQ(tag_of(trace, 0), "rock, wet");
  EXPECT_EQ(trace.shape_of(0).mips, 9u);
  EXPECT_EQ(memory(0), MemoryUse::device);
  EXPECT_EQ(memory(1), MemoryUse::upload);
  EXPECT_EQ(memory(3).recorded_type, 2) << "that of the pool: host-visible (2), coherent (4), cached (8)";
  EXPECT_EQ(memory(3).required, 2u);
  EXPECT_EQ(memory(3).preferred, 4u | 8u);
  EXPECT_EQ(memory(3).unwanted, 1u);
  ASSERT_EQ(trace.pools.size(), 1u);
  EXPECT_EQ(trace.shape_of(3).pool, trace.pools[0].name);
  EXPECT_EQ(trace.shape_of(4).pool, 0u);
  EXPECT_EQ(memory(4), MemoryUse::dynamic);
  EXPECT_EQ(trace.shape_of(4).alignment, 256u);
  EXPECT_EQ(trace.shape_of(2).usage,
            std::uint32_t{VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT});

  EXPECT_THAT(left_out_of(imported),
              ::testing::UnorderedElementsAre(std::pair("flag CAN_BECOME_LOST, which no longer exists", 1u),
                                              std::pair("vmaCreateLostAllocation, which no longer exists", 1u),
                                              std::pair("vmaMapMemory", 1u), std::pair("vmaUnmapMemory", 1u),
                                              std::pair("frames without a call", 2u)));
}

TEST(VmaReplay, KeepsTheDevice) {
  const Trace trace = import_sample("vma-replay.csv").trace;
  EXPECT_EQ(trace.recorded.recorder, "VmaReplay format 1.8");
  const RecordedDevice& device = trace.recorded.device.value();
  EXPECT_EQ(device.name, "A GPU, by hand");
  EXPECT_EQ(device.api_version, "1.2.0");
  EXPECT_EQ(device.vendor_id, 4098u);
  ASSERT_EQ(device.memory.memoryTypeCount, 3u);
  EXPECT_EQ(device.memory.memoryTypes[2].propertyFlags, 14u);
  EXPECT_EQ(device.memory.memoryHeaps[1].size, 17179869184u);
  EXPECT_THAT(device.limits, ::testing::ElementsAre(1, 4096, 0, 128));
}

std::string recording(const std::string& calls, const std::string& version = "1,0") {
  return "Vulkan Memory Allocator,Calls recording\n" + version + "\n" + calls;
}

// usage, requiredFlags and preferredFlags.
TEST(VmaReplay, KeepsTheFlagsThatComeBesideUsages) {
  const std::string asked[] = {"0,0,0", "0,2,9", "1,0,0", "2,2,4", "2,6,1", "3,0,2"};
  std::string calls;
  for (int i = 0; i < 6; ++i)
    calls += fmt::format("1,0.0,{0},vmaCreateBuffer,0,64,16,0,0,{1},0,0,{0:X},\n", i + 1, asked[i]);
  const Trace trace = import_text(recording(calls)).trace;
  const auto memory = [&](ObjectIndex object) { return trace.shape_of(object).memory; };
  EXPECT_EQ(memory(0), MemoryUse::device);
  EXPECT_EQ(memory(1).required, 2u);
  EXPECT_EQ(memory(1).preferred, 9u);
  EXPECT_EQ(memory(1).unwanted, 0u);
  EXPECT_EQ(memory(2), MemoryUse::device);
  EXPECT_EQ(memory(3), MemoryUse::upload) << "which prefers that anyway";
  EXPECT_EQ(memory(4).required, 6u);
  EXPECT_EQ(memory(4).unwanted & 1u, 0u) << "what is preferred is not avoided";
  EXPECT_EQ(memory(5), MemoryUse::dynamic) << "which requires that anyway";
}

// memoryTypeBits that leave one type; several, none, and one that the device does not have, choose nothing.
TEST(VmaReplay, KeepsTheOnlyTypeThatMayServe) {
  std::string calls =
      "Config,Begin\nPhysicalDeviceMemory,HeapCount,1\nPhysicalDeviceMemory,Heap,0,size,1024\n"
      "PhysicalDeviceMemory,TypeCount,2\nPhysicalDeviceMemory,Type,0,propertyFlags,1\n"
      "PhysicalDeviceMemory,Type,1,propertyFlags,7\nConfig,End\n";
  const std::uint32_t bits[] = {1, 2, 3, 0, 4};
  for (std::uint32_t i = 0; i < 5; ++i)
    calls += fmt::format("1,0.0,{0},vmaCreateBuffer,0,64,16,0,0,2,0,0,{1},0,{0:X},\n", i + 1, bits[i]);
  const Trace trace = import_text(recording(calls)).trace;
  const auto memory = [&](ObjectIndex object) { return trace.shape_of(object).memory; };
  EXPECT_EQ(memory(0).recorded_type, 0);
  EXPECT_EQ(memory(1).recorded_type, 1);
  EXPECT_EQ(memory(1).required, 2u);
  EXPECT_EQ(memory(1).preferred, 1u | 4u);
  EXPECT_EQ(memory(1).unwanted, 8u);
  for (const ObjectIndex object : {2u, 3u, 4u}) EXPECT_EQ(memory(object), MemoryUse::upload) << object;
}

TEST(VmaReplay, DeclaresPools) {
  const std::string calls =
      "1,0.0,0,vmaCreatePool,0,4,1048576,1,4,0,A0\n1,0.0,0,vmaCreatePool,0,0,1024,0,0,0,A1\n"
      "1,0.0,0,vmaCreateBuffer,0,64,16,0,0,1,0,0,0,A0,1,\n1,0.0,0,vmaCreateBuffer,0,64,16,0,0,1,0,0,0,A1,2,\n";
  const Imported imported = import_text(recording(calls));
  const Trace& trace = imported.trace;
  ASSERT_EQ(trace.pools.size(), 1u);
  EXPECT_EQ(trace.pools[0].block_bytes, kMiB);
  EXPECT_EQ(trace.pools[0].min_blocks, 1u);
  EXPECT_EQ(trace.pools[0].max_blocks, 4u);
  EXPECT_EQ(trace.pools[0].order, PoolOrder::ring);
  EXPECT_EQ(trace.strings[trace.shape_of(0).pool], "pool 1");
  EXPECT_EQ(trace.shape_of(1).pool, 0u);
  EXPECT_EQ(left_out_of(imported).size(), 1u) << "blocks of 1 KiB";
}

struct BadCall {
  const char* call;
  const char* message;
};
class BadCalls : public ::testing::TestWithParam<BadCall> {};

TEST_P(BadCalls, AreRefusedWithTheirLine) {
  const std::string said = error_of([] { static_cast<void>(import_text(recording(GetParam().call))); });
  EXPECT_THAT(said, HasSubstr("recording:3: "));
  EXPECT_THAT(said, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BadCalls,
    ::testing::Values(
        BadCall{"1,0.0,0,vmaCreateBufer,0\n", "function 'vmaCreateBufer' is none that VMA recorded"},
        BadCall{"x,0.0,0,vmaCreateAllocator\n", "thread 'x' is not a whole number"},
        BadCall{"1,0.0,-1,vmaCreateAllocator\n", "frame '-1' is not a whole number up to 4294967295"},
        BadCall{"1,0.0,0\n", "the line ends before the column of function"},
        BadCall{"1,0.0,0,vmaCreateBuffer,x,64,16,0,0,1,0,0,0,0,1,\n", "flags 'x' is not a whole number"},
        BadCall{"1,0.0,0,vmaCreateBuffer,0,64,16,0,0,1,0,0,0,0", "ends before the column of allocation; the file ends"},
        BadCall{"1,0.0,0,vmaCreateBuffer,0,-64,16,0,0,1,0,0,0,0,1,\n", "size '-64'"},
        BadCall{"1,0.0,0,vmaCreateBuffer,0,64,16,0,0,1,0,0,0,0,xyz,\n",
                "allocation 'xyz' is not a hexadecimal pointer"},
        BadCall{"1,0.0,0,vmaCreateBuffer,0,0,16,0,0,1,0,0,0,0,1,\n", "size is 0"},
        BadCall{"1,0.0,0,vmaCreateImage,0,1,99999,8,8,1,1,1,1,0,6,0,0,0,1,0,0,0,0,1,\n", "format 99999 is unknown"},
        BadCall{"1,0.0,0,vmaDestroyBuffer,7\n", "free of object 0x7, which nothing created"}));

TEST(VmaReplayVersions, NewerOnesAreRefused) {
  const std::string call = "1,0.0,0,vmaCreateBuffer,0,64,16,0,0,1,0,0,0,0,1,\n";
  EXPECT_EQ(import_text(recording(call, "1,8")).trace.objects.size(), 1u);
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(recording(call, "1,9"))); }), HasSubstr("version 1.9"));
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(recording(call, "2,0"))); }), HasSubstr("version 2.0"));
}

}  // namespace
}  // namespace vkmembench::testing
