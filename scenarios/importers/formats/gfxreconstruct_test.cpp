#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/importers/formats/import_testing.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(GfxReconstruct, SaysWhatTheSampleDoes) {
  const Imported imported = import_sample("gfxreconstruct.jsonl");
  const Trace& trace = imported.trace;
  const TraceSummary summary = summarize(trace);
  EXPECT_EQ(trace.frame_count, 4u);  // one of a submit, two of presents
  EXPECT_EQ(summary.count(Op::buffer), 3u);
  EXPECT_EQ(summary.count(Op::image), 1u);
  EXPECT_EQ(summary.count(Op::free), 4u);
  EXPECT_EQ(trace.events.size(), 12u);
  constexpr Bytes kImage = 128 * 64 * 4 * 2;
  EXPECT_EQ(summary.live_peak_bytes, 65536u + 4096 + kImage);
  EXPECT_EQ(summary.end.bytes, 0u);
  EXPECT_EQ(trace.lane_count, 2u);
  const MemoryChoice& local = trace.shape_of(0).memory;
  EXPECT_EQ(local.recorded_type, 0);
  EXPECT_FALSE(is_mappable(local));
  const MemoryChoice& mapped = trace.shape_of(1).memory;  // of type 1: host-visible (2), coherent (4)
  EXPECT_EQ(mapped.recorded_type, 1);
  EXPECT_EQ(mapped.required, 2u);
  EXPECT_EQ(mapped.preferred, 4u);
  EXPECT_EQ(mapped.unwanted, 1u | 8u);
  EXPECT_EQ(trace.shape_of(2).memory.recorded_type, 0);
  EXPECT_EQ(trace.objects[2].size, kImage);
  const Event& alias = trace.events[trace.objects[3].create_event];
  EXPECT_EQ(alias.alias(), 0u) << "in the memory of the first";
  EXPECT_EQ(trace.alias_offset(alias), 16384u);

  std::vector<Offset> offsets;
  for (const RecordedPlacement& placement : trace.recorded.placements) offsets.push_back(placement.offset);
  EXPECT_THAT(offsets, ElementsAre(0, 256, 131072, 16384));
  ASSERT_EQ(trace.recorded.blocks.size(), 2u);
  EXPECT_EQ(trace.recorded.blocks[0].from_event, 1u);
  EXPECT_EQ(trace.recorded.blocks[0].until_event, 12u);
  EXPECT_EQ(trace.recorded.blocks[1].from_event, 1u);
  EXPECT_EQ(trace.recorded.blocks[1].until_event, RecordedBlock::kToTheEnd);
  EXPECT_EQ(trace.recorded.device->name, "A GPU, by hand");
  EXPECT_EQ(trace.recorded.device->memory.memoryTypes[1].propertyFlags, 6u);
  EXPECT_EQ(trace.recorded.device->memory.memoryHeaps[1].size, 17179869184u);
  EXPECT_THAT(left_out_of(imported), ::testing::UnorderedElementsAre(std::pair("resources that were never bound", 1u),
                                                                     std::pair("calls that failed", 1u)));
}

constexpr std::string_view kHeader = R"({"header":{"gfxrecon-version":"1.0.4"}})";

std::string listing(const std::string& lines) { return fmt::format("{}\n{}", kHeader, lines); }

std::string gfxr_call(const std::string& name, const std::string& args) {
  return fmt::format("{{\"index\":1,\"function\":{{\"name\":\"{}\",\"thread\":1,\"args\":{{{}}}}}}}\n", name, args);
}

TEST(GfxReconstruct, ReadsExpandedFlags) {
  const Trace trace =
      import_text(
          listing(
              gfxr_call(
                  "vkCreateBuffer",
                  R"("pCreateInfo":{"size":64,"usage":"VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT"},"pBuffer":3)") +
              gfxr_call("vkAllocateMemory",
                        R"("pAllocateInfo":{"allocationSize":64,"memoryTypeIndex":0},"pMemory":4)") +
              gfxr_call("vkBindBufferMemory", R"("buffer":3,"memory":4,"memoryOffset":0)")))
          .trace;
  EXPECT_EQ(trace.shape_of(0).usage,
            std::uint32_t{VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT});
}

// Escapes, signs and fractions stand in arguments that are passed over.
TEST(GfxReconstruct, ReadsLinesThatAreNotPlain) {
  const auto imported = [](const std::string& other) {
    return import_text(listing(
        gfxr_call("vkAllocateMemory", R"("pAllocateInfo":{"allocationSize":64,"memoryTypeIndex":0},"pMemory":4)") +
        gfxr_call("vkCreateBuffer",
                  R"("pCreateInfo":{"size":64,"pNext":{)" + other + R"("flags":7},"usage":16},"pBuffer":3)") +
        gfxr_call("vkBindBufferMemory", R"("buffer":3,"memory":4,"memoryOffset":0)")));
  };
  const std::uint64_t hash = imported("").trace.hash;
  EXPECT_EQ(imported(R"("pName":"a \"name\" \u00e9","x":[-1,1.5e3,{"size":8}],)").trace.hash, hash);
  EXPECT_EQ(imported("\"pName\":\"\xc3\xa9\",").trace.hash, hash);
  EXPECT_THAT(error_of([&] { static_cast<void>(imported("\"pName\":\"\xff\",")); }),
              HasSubstr("recording:3: malformed JSON"));
}

// One buffer spans a chunk, others lie in it, over each other, and outlive it.
TEST(GfxReconstruct, FindsAliasesWhereTheyLie) {
  const auto buffer = [](int handle, int size) {
    return gfxr_call("vkCreateBuffer",
                     fmt::format(R"("pCreateInfo":{{"size":{},"usage":32}},"pBuffer":{})", size, handle));
  };
  const auto bind = [](int handle, int offset) {
    return gfxr_call("vkBindBufferMemory", fmt::format(R"("buffer":{},"memory":4,"memoryOffset":{})", handle, offset));
  };
  const auto destroy = [](int handle) { return gfxr_call("vkDestroyBuffer", fmt::format(R"("buffer":{})", handle)); };
  std::string lines =
      gfxr_call("vkAllocateMemory", R"("pAllocateInfo":{"allocationSize":8192,"memoryTypeIndex":0},"pMemory":4)");
  lines += buffer(10, 4096) + bind(10, 1024) + buffer(11, 512) + bind(11, 2048) + destroy(10);
  lines += buffer(12, 512) + bind(12, 2304);   // reaches out of 11, and stays in what 10 had
  lines += buffer(13, 4096) + bind(13, 2304);  // reaches out of that
  const Imported imported = import_text(listing(lines));
  const Trace& trace = imported.trace;
  const auto created = [&](ObjectIndex object) { return trace.events[trace.objects[object].create_event]; };
  EXPECT_EQ(trace.alias_offset(created(1)), 1024u);
  EXPECT_EQ(created(2).alias(), 1u);
  EXPECT_EQ(trace.alias_offset(created(2)), 256u);
  EXPECT_FALSE(trace.is_alias(3));
  EXPECT_EQ(left_out_of(imported).size(), 1u);
}

TEST(GfxReconstruct, RefusesWhatIsNoListing) {
  const auto said = [](const std::string& lines) {
    return error_of([&] { static_cast<void>(import_text(listing(lines))); });
  };
  EXPECT_THAT(said("{\"index\":1,\"function\":{\"name\":\"vkCreateB"),
              HasSubstr("recording:2: is no whole JSON object"));
  EXPECT_THAT(said(gfxr_call("vkDestroyBuffer", "\"x\":" + std::string(70, '['))),
              HasSubstr("recording:2: JSON nested deeper than 64"));
  EXPECT_THAT(said("[1]\n"), HasSubstr("recording:2: is no whole JSON object"));
  EXPECT_THAT(said("{\"function\":{\"name\":\"vkDestroyBuffer\",}}\n"), HasSubstr("recording:2: malformed JSON"));
  EXPECT_THAT(said(gfxr_call("vkCreateBuffer", R"("pCreateInfo":{"size":-1,"usage":1},"pBuffer":3)")),
              HasSubstr("'size' is not a whole number"));
  EXPECT_THAT(said(gfxr_call("vkBindBufferMemory", R"("buffer":3,"memory":4,"memoryOffset":0)")),
              HasSubstr("bind of object 0x3, which nothing created"));
  EXPECT_THAT(said(gfxr_call("vkDestroyBuffer", R"("buffer":3)")), HasSubstr("free of object 0x3"));
  EXPECT_THAT(said(gfxr_call("vkCreateImage", R"("pCreateInfo":{"format":"VK_FORMAT_NONE"},"pImage":3)")),
              HasSubstr("format 'VK_FORMAT_NONE' of an image is unknown"));
}

}  // namespace
}  // namespace vkmembench::testing
