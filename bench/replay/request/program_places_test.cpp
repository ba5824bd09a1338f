#include "bench/replay/request/program_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/trace/trace_builder.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

// Four events: a buffer, another one, and the free of both.
Trace recorded_trace_of(std::vector<RecordedBlock> blocks) {
  TraceBuilder out(0);
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  const std::uint32_t plain = out.shape(shape);
  const ObjectIndex first = out.buffer(1, 64, plain);
  out.placed(first, 0, 128);
  const ObjectIndex second = out.buffer(2, 64, plain);
  out.free(first);
  out.free(second);
  out.recorded().blocks = std::move(blocks);
  out.recorded().device.emplace();
  out.recorded().device->name = "There";
  out.recorded().device->memory.memoryTypeCount = 1;
  out.recorded().device->memory.memoryHeapCount = 1;
  return out.finish();
}

std::string steps_text(const ProgramPlaces& places) {
  std::string text;
  for (const auto& [block, frees] : places.steps) text += (frees ? "-" : "+") + std::to_string(block);
  return text;
}

TEST(ProgramPlaces, AreOfTheRecordedObjects) {
  const ProgramPlaces places = places_of(recorded_trace_of({{4096, 0, 0, 3}, {1024, 0, 1, 2}, {512, 0, 2}}));
  ASSERT_EQ(places.places.size(), 2u);
  EXPECT_EQ(places.places[0].block, 0u);
  EXPECT_EQ(places.places[0].offset, 128u);
  EXPECT_EQ(places.places[1].block, ProgramPlaces::Place::kNoBlock);
  EXPECT_EQ(places.blocks[1].size, 1024u);
  EXPECT_EQ(steps_text(places), "+0+1-1+2-0");
  EXPECT_EQ(places.places[0].steps_before_create, 1u);
  EXPECT_EQ(places.places[1].steps_before_create, 2u);
  EXPECT_EQ(places.places[0].steps_before_destroy, 4u);
  EXPECT_EQ(places.places[1].steps_before_destroy, 5u);
}

TEST(ProgramPlaces, KeepTheOrderOfOneMoment) {
  // What is freed makes room for what is allocated, unless it is the same.
  EXPECT_EQ(steps_text(places_of(recorded_trace_of({{1, 0, 0, 2}, {1, 0, 2, 2}, {1, 0, 2, 4}}))), "+0-0+1+2-1-2");
}

TEST(ProgramPlaces, KeepTheOrderOfOneMomentThatIsTold) {
  // The second comes before the first goes, and goes before the third comes.
  EXPECT_EQ(steps_text(places_of(recorded_trace_of({{1, 0, 0, 2, 2}, {1, 0, 2, 2, 2}, {1, 0, 2, 4}}))), "+0+1-0-1+2-2");
}

TEST(ProgramPlaces, SayHowTheirBlocksWereAskedFor) {
  Trace trace = recorded_trace_of({{4096, 0, 0}, {64, 0, 0}});
  trace.shapes[trace.objects[0].shape].export_handles = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT;
  trace.shapes[trace.objects[0].shape].priority = 0.75F;
  const ProgramPlaces places = places_of(trace);
  EXPECT_EQ(places.blocks[0].export_handles, VkFlags{VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT});
  EXPECT_EQ(places.blocks[0].priority, 0.75F);
  EXPECT_EQ(places.blocks[1].export_handles, 0u);
}

TEST(ProgramPlaces, EndWithTheTrace) {
  EXPECT_EQ(steps_text(places_of(recorded_trace_of({{1, 0, 0, 9}, {1, 0, 4, 5}, {1, 0, 5}}))), "+0+1");
}

TEST(ProgramPlaces, AreOfTheDevicesMemoryTypesOnly) {
  DeviceInfo device;
  device.name = "Here";
  device.memory = recorded_trace_of({{4096, 0}}).recorded.device->memory;
  EXPECT_EQ(why_no_places(recorded_trace_of({{4096, 0}}), device), "");
  EXPECT_THAT(why_no_places(recorded_trace_of({{4096, 1}}), device), HasSubstr("lacks"));
  EXPECT_THAT(why_no_places(recorded_trace_of({{4096}}), device), HasSubstr("does not tell the memory types"));
  Trace none = recorded_trace_of({{4096, 0}});
  none.recorded.placements.clear();
  EXPECT_THAT(why_no_places(none, device), HasSubstr("does not tell where"));
  Trace untold = recorded_trace_of({{4096, 0}});
  untold.recorded.device.reset();
  EXPECT_THAT(why_no_places(untold, device), HasSubstr("does not tell the memory types"));
  device.memory.memoryTypes[0].propertyFlags = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
  EXPECT_EQ(why_no_places(recorded_trace_of({{4096, 0}}), device),
            "the trace was recorded on There, which has other memory types than Here");
  ++device.memory.memoryTypeCount;
  EXPECT_NE(why_no_places(recorded_trace_of({{4096, 0}}), device), "");
}

}  // namespace
}  // namespace vkmembench
