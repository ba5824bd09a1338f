#include "scenarios/trace/recorded_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/trace_builder.h"
#include "scenarios/trace/trace_reader.h"
#include "scenarios/trace/trace_writer.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

Trace recorded_trace(std::size_t batches = 1) {
  TraceBuilder out(0);
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  const std::uint32_t storage = out.shape(shape);
  out.frame();
  std::uint64_t id = 1;
  for (std::size_t i = 0; i < batches; ++i) {
    const std::uint64_t ids[] = {id, id + 1, id + 2};
    const Bytes sizes[] = {16, 32, 64};
    const ObjectIndex first = out.batch(ids, sizes, storage);
    for (ObjectIndex n = 0; n < 3; ++n) out.placed(first + n, static_cast<std::uint32_t>(i % 2), 128 * n);
    id += 3;
  }
  out.touch(1);
  out.placed(1, 1, 4096);  // it was moved
  Recorded& recorded = out.recorded();
  recorded.blocks = {{1 << 20, 3, 1, 4, 2}, {1 << 16}};
  recorded.left_out = {{"resources that were \"never\" bound", 3}, {"imports", 1}};
  recorded.recorder = "a \"recorder\" 1.0";
  RecordedDevice device;
  device.name = "A GPU";
  device.api_version = "1.3.277";
  device.vendor_id = 4318;
  device.memory.memoryHeapCount = 1;
  device.memory.memoryHeaps[0] = {1ull << 33, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT};
  device.memory.memoryTypeCount = 2;
  device.memory.memoryTypes[1] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0};
  device.limits = {1024, 0, 1ull << 32, 64};
  recorded.device = device;
  return out.finish();
}

TEST(RecordedJson, GoesThroughAFile) {
  const TemporaryFolder folder;
  for (const std::size_t batches : {std::size_t{1}, std::size_t{5000}}) {  // several lines of placements
    const Trace trace = recorded_trace(batches);
    for (const char* name : {"t.jsonl", "t.jsonl.zst"}) {
      write_trace(trace, folder.path() / name);
      const Trace again = read_trace(folder.path() / name, 0);
      EXPECT_EQ(again.hash, trace.hash);
      EXPECT_EQ(again.recorded.recorder, trace.recorded.recorder);
      ASSERT_EQ(again.recorded.placements.size(), trace.recorded.placements.size());
      for (std::size_t i = 0; i < trace.recorded.placements.size(); ++i) {
        const RecordedPlacement& left = trace.recorded.placements[i];
        const RecordedPlacement& right = again.recorded.placements[i];
        ASSERT_TRUE(left.event == right.event && left.object == right.object && left.block == right.block &&
                    left.offset == right.offset)
            << i;
      }
      ASSERT_EQ(again.recorded.blocks.size(), 2u);
      EXPECT_EQ(again.recorded.blocks[0].type, 3u);
      EXPECT_EQ(again.recorded.blocks[0].from_event, 1u);
      EXPECT_EQ(again.recorded.blocks[0].until_event, 4u);
      EXPECT_EQ(again.recorded.blocks[0].until_blocks, 2u);
      EXPECT_EQ(again.recorded.blocks[1].until_blocks, RecordedBlock::kNotTold);
      EXPECT_EQ(again.recorded.blocks[1].type, RecordedBlock::kNoType);
      EXPECT_EQ(again.recorded.blocks[1].until_event, RecordedBlock::kToTheEnd);
      ASSERT_EQ(again.recorded.left_out.size(), 2u);
      EXPECT_EQ(again.recorded.left_out[0].what, trace.recorded.left_out[0].what);
      EXPECT_EQ(again.recorded.left_out[0].count, 3u);
      const RecordedDevice& device = again.recorded.device.value();
      EXPECT_EQ(device.name, "A GPU");
      EXPECT_EQ(device.api_version, "1.3.277");
      EXPECT_EQ(device.vendor_id, 4318u);
      EXPECT_EQ(device.memory.memoryHeaps[0].size, 1ull << 33);
      EXPECT_EQ(device.memory.memoryTypes[1].propertyFlags, trace.recorded.device->memory.memoryTypes[1].propertyFlags);
      EXPECT_EQ(device.limits, trace.recorded.device->limits);
    }
  }
}

TEST(RecordedJson, IsNotHashed) {
  Trace trace = recorded_trace();
  const TemporaryFolder folder;
  trace.recorded = {};
  write_trace(trace, folder.path() / "t.jsonl");
  EXPECT_EQ(read_trace(folder.path() / "t.jsonl", 0).hash, recorded_trace().hash);
  EXPECT_EQ(file_text(folder.path() / "t.jsonl").find("placements"), std::string::npos);
}

TEST(RecordedJson, EndsWhereTheTraceIsCut) {
  TraceBuilder out(0);
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  out.recorded().blocks = {{1024, 0}};
  for (std::uint64_t id = 1; id <= 3; ++id) {
    out.frame();
    out.placed(out.buffer(id, 16, out.shape(shape)), 0, id);
  }
  const TemporaryFolder folder;
  write_trace(out.finish(), folder.path() / "t.jsonl");
  ScenarioOverrides overrides;
  overrides.frames = {0, 1};
  EXPECT_EQ(expand(load_scenario(folder.path() / "t.jsonl", {}), overrides).recorded.placements.size(), 2u);
}

struct BadRecorded {
  const char* device;      // or empty
  const char* placements;  // a line, or empty
  const char* message;
};
class BadRecordings : public testing::TestWithParam<BadRecorded> {};

TEST_P(BadRecordings, AreRefusedWithTheirPlace) {
  const TemporaryFolder folder;
  const std::string device = *GetParam().device == '\0' ? "" : fmt::format(",\"device\":{}", GetParam().device);
  const auto file = folder.write(
      "t.jsonl", fmt::format("{{\"schema\":\"vkmembench.trace/1\"{}}}\n{}\n{{\"op\":\"frame\"}}\n"
                             R"({{"op":"buffer","id":1,"size":16,"usage":"index_buffer","memory":"device"}})"
                             "\n",
                             device, GetParam().placements));
  EXPECT_THAT(error_of([&] { static_cast<void>(read_trace(file, 2)); }), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadRecordings,
    testing::Values(
        BadRecorded{"{}", "", "t.jsonl:1: /device: 'name' is missing"},
        BadRecorded{R"({"name":"x","heap":1})", "", "did you mean 'heaps'"},
        BadRecorded{R"({"name":"x","heaps":[]})", "", "'types' is missing"},
        BadRecorded{R"({"name":"x","heaps":[],"types":[{"heap":0,"flags":[]}]})", "", "no heap 0; there are 0"},
        BadRecorded{R"({"name":"x","heaps":[{"size_bytes":1,"flags":["device_locl"]}],"types":[]})", "",
                    "did you mean 'device_local'"},
        BadRecorded{R"({"name":"x","limits":{"nonCoherentAtomSize":0}})", "", "/device/limits/nonCoherentAtomSize"},
        BadRecorded{"", R"({"placements":[[1,0,0]],"blocks":[[64,0]]})", "no error"},
        BadRecorded{"", R"({"placements":[[0,0,0]],"blocks":[[64]]})", "event 0, which names no object 0"},
        BadRecorded{"", R"({"placements":[[9,0,0]],"blocks":[[64]]})", "event 9, which names no object 0"},
        BadRecorded{"", R"({"placements":[[1,0,0,1]],"blocks":[[64]]})", "event 1, which names no object 1"},
        BadRecorded{"", R"({"placements":[[1,1,0]],"blocks":[[64]]})", "in block 1 of 1"},
        BadRecorded{"", R"({"placements":[[1,0]],"blocks":[[64]]})", "t.jsonl:2: /placements/0: is not [event, block"},
        BadRecorded{"", R"({"placements":[],"blocks":[[]]})", "is not [size], [size, type] or"},
        BadRecorded{"", R"({"placements":[],"blocks":[[64,0]],"freed":[[1,9]]})", "no block 1; 1 are listed"},
        BadRecorded{"", R"({"placements":[],"freed":[[1]]})", "is not [block, event] or"},
        BadRecorded{"", R"({"placements":[],"left_out":{"x":0}})", "/left_out/x"},
        BadRecorded{"", R"({"placements":[[1,0,-1]]})", "t.jsonl:2: /placements/0/2"},
        BadRecorded{"", R"({"placements":[[1,0,0]],"block":1})", "did you mean 'blocks'"}));

}  // namespace
}  // namespace vkmembench
