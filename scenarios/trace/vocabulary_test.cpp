#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/event_reader.h"
#include "scenarios/trace/trace_copy.h"
#include "scenarios/trace/trace_writer.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

Trace trace_of(const std::string& events) {
  TemporaryFolder folder;
  const auto file = folder.write(
      "s.json", fmt::format(R"({{"schema":"vkmembench.scenario/1","name":"s","workload":{{"events":[{}]}}}})", events));
  return expand(load_scenario(file, {}), {});
}

std::string buffer_with(const std::string& fields) {
  return fmt::format(R"({{"op":"buffer","id":1,"size":4096,"usage":"storage_buffer",{}}})", fields);
}
std::string image_with(const std::string& fields) {
  return fmt::format(R"({{"op":"image","id":1,"format":"R8G8B8A8_UNORM","extent":[64,64],"usage":"sampled",{}}})",
                     fields);
}
constexpr const char* kDevice = R"("memory":"device")";
const std::string kSparse =
    R"({"op":"buffer","id":1,"size":200000,"usage":"storage_buffer","memory":"device","flags":"sparse_binding"})";
const std::string kDisjoint =
    R"({"op":"image","id":1,"format":"G8_B8R8_2PLANE_420_UNORM","extent":[64,64],"usage":"sampled","memory":"device","flags":"disjoint"})";

// A depth image of so many texels and all their mips, in one line, to a buffer.
std::string depth_copy(int texels) {
  return fmt::format(
      R"({{"op":"image","id":1,"format":"D16_UNORM","extent":[{},1],"mips":2,"usage":"sampled","memory":"device"}},)"
      R"({{"op":"buffer","id":2,"size":99,"usage":"storage_buffer","memory":"device"}},)"
      R"({{"op":"copy","from":1,"to":2,"size":14}})",
      texels);
}

// What an event says, and what the shape holds of it.
struct Said {
  const char* name;
  std::string event;
  bool (*holds)(const Shape& shape);
};
class Vocabulary : public testing::TestWithParam<Said> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Vocabulary,
    testing::Values(
        Said{
            "usages_of_extensions",
            R"({"op":"buffer","id":1,"size":64,"usage":["acceleration_structure_storage_khr","shader_device_address"],"memory":"device"})",
            [](const Shape& s) {
              return s.usage == (VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_STORAGE_BIT_KHR |
                                 VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT);
            }},
        Said{"usages_without_vendor",
             R"({"op":"buffer","id":1,"size":64,"usage":"shader_binding_table","memory":"device"})",
             [](const Shape& s) { return s.usage == VK_BUFFER_USAGE_SHADER_BINDING_TABLE_BIT_KHR; }},
        Said{"usages_by_number",
             R"({"op":"buffer","id":1,"size":64,"usage":[131072,"storage_buffer"],"memory":"device"})",
             [](const Shape& s) {
               return s.usage == (VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
             }},
        Said{"usages_without_a_name", R"({"op":"buffer","id":1,"size":64,"usage":1073741856,"memory":"device"})",
             [](const Shape& s) { return s.usage == (1u << 30 | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT); }},
        Said{
            "properties",
            buffer_with(
                R"("memory":{"required":["host_visible","host_cached"],"preferred":"host_coherent","avoid":["device_local"]})"),
            [](const Shape& s) {
              return s.memory.use == MemoryUse::custom &&
                     s.memory.required == (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT) &&
                     s.memory.preferred == VK_MEMORY_PROPERTY_HOST_COHERENT_BIT &&
                     s.memory.unwanted == VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT && is_mappable(s.memory);
            }},
        Said{"recorded_type", buffer_with(R"("memory":{"type":6})"),
             [](const Shape& s) { return s.memory.recorded_type == 6 && !is_mappable(s.memory); }},
        Said{"dedicated", buffer_with(R"("memory":"device","dedicated":true)"),
             [](const Shape& s) { return s.dedicated; }},
        Said{"priority", buffer_with(R"("memory":"device","priority":1)"),
             [](const Shape& s) { return s.priority == 1.0F; }},
        Said{"handles", image_with(R"("memory":"device","export_handles":["opaque_fd","dma_buf_ext"])"),
             [](const Shape& s) {
               return s.export_handles ==
                      (VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT | VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT);
             }},
        Said{"device_mask", buffer_with(R"("memory":"device","device_mask":3)"),
             [](const Shape& s) { return s.device_mask == 3; }},
        Said{
            "cube",
            image_with(
                R"("memory":"device","layers":6,"flags":["cube_compatible","mutable_format"],"view_formats":["R8G8B8A8_UNORM","R8G8B8A8_SRGB"])"),
            [](const Shape& s) {
              return s.flags == (VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT | VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT) &&
                     s.view_formats.size() == 2;
            }},
        Said{"protected_buffer", buffer_with(R"("memory":"device","flags":"protected")"),
             [](const Shape& s) { return s.flags == VK_BUFFER_CREATE_PROTECTED_BIT; }},
        Said{
            "dimensions",
            R"({"op":"image","id":1,"format":"R8_UNORM","extent":[64,1],"type":"2d","usage":"sampled","memory":"device"})",
            [](const Shape& s) { return s.type == ImageDimensions::two; }},
        Said{
            "planes",
            R"({"op":"image","id":1,"format":"G8_B8R8_2PLANE_420_UNORM","extent":[1280,720],"usage":"sampled","memory":"device"})",
            [](const Shape& s) { return s.format.front() == VK_FORMAT_G8_B8R8_2PLANE_420_UNORM; }},
        Said{"linear_modifier", image_with(R"("memory":"device","drm_modifier":0)"),
             [](const Shape& s) { return s.drm_modifier == 0 && s.tiling == VK_IMAGE_TILING_LINEAR; }},
        Said{"tiled_modifier", image_with(R"("memory":"device","drm_modifier":144115188075858948)"),
             [](const Shape& s) {
               return s.drm_modifier == 144115188075858948u && s.tiling == VK_IMAGE_TILING_OPTIMAL;
             }},
        Said{"refusals", buffer_with(R"("memory":"device","on_refusal":["halve","halve","host"])"),
             [](const Shape& s) { return s.on_refusal.size() == 3 && s.on_refusal[2] == RefusalStep::host; }}),
    [](const auto& row) { return row.param.name; });

TEST_P(Vocabulary, IsReadAndWrittenAlike) {
  const Trace trace = trace_of(GetParam().event);
  EXPECT_TRUE(GetParam().holds(trace.shapes.front()));
  TemporaryFolder folder;
  const auto file = folder.path() / "t.jsonl";
  write_trace(trace, file);
  const Trace again = expand(load_scenario(file, {}), {});
  EXPECT_EQ(again.hash, trace.hash) << file_text(file);
  EXPECT_TRUE(GetParam().holds(again.shapes.front())) << file_text(file);
}

TEST_P(Vocabulary, EntersTheHash) {
  const bool image = GetParam().event.find("\"image\"") != std::string::npos;
  EXPECT_NE(trace_of(GetParam().event).hash, trace_of(image ? image_with(kDevice) : buffer_with(kDevice)).hash);
}

// In a chunk that goes first, as programs do that divide memory themselves.
std::string chunk_with(const std::string& offset) {
  const std::string rest = R"("usage":"storage_buffer","memory":"device")";
  return fmt::format(
      R"({{"op":"buffer","id":1,"size":4096,{0}}},{{"op":"buffer","id":2,"size":512,"alias_of":1{1},{0}}},)"
      R"({{"op":"free","id":1}},{{"op":"buffer","id":1,"size":64,"alias_of":2,"alias_offset":"1 KiB",{0}}})",
      rest, offset);
}

TEST(AliasOffsets, GoThroughAFileAndIntoTheHash) {
  const Trace trace = trace_of(chunk_with(R"(,"alias_offset":1024)"));
  EXPECT_EQ(trace.alias_offset(trace.events[1]), 1024u);
  EXPECT_EQ(trace.alias_offset(trace.events[3]), 1024u);
  EXPECT_EQ(trace.events[3].alias(), 1u);
  TemporaryFolder folder;
  const auto file = folder.path() / "t.jsonl";
  write_trace(trace, file);
  EXPECT_EQ(expand(load_scenario(file, {}), {}).hash, trace.hash) << file_text(file);
  EXPECT_EQ(repaired(trace).alias_offsets, trace.alias_offsets);

  const std::uint64_t at_begin = trace_of(chunk_with("")).hash;
  EXPECT_EQ(trace_of(chunk_with(R"(,"alias_offset":0)")).hash, at_begin);
  EXPECT_NE(trace.hash, at_begin);
  EXPECT_NE(trace_of(chunk_with(R"(,"alias_offset":2048)")).hash, trace.hash);
}

TEST(Parts, AreReadAndWrittenAlike) {
  const Trace trace =
      trace_of(kSparse + R"(,{"op":"sparse_bind","id":"a","of":1,"offset":131072,"size":68928},)" +
               R"({"op":"free","id":1},)" + kDisjoint + R"(,{"op":"bind_plane","id":"b","of":1,"plane":1})");
  TemporaryFolder folder;
  const auto file = folder.path() / "t.jsonl";
  write_trace(trace, file);
  const Trace again = expand(load_scenario(file, {}), {});
  EXPECT_EQ(again.hash, trace.hash) << file_text(file);
  const Event& pages = again.events[1];
  EXPECT_EQ(pages.page_offset(), 131072u);
  EXPECT_EQ(pages.size(), 68928u);
  EXPECT_EQ(pages.target(), 0u);
  EXPECT_EQ(again.shape_of(pages.object).flags, VK_BUFFER_CREATE_SPARSE_BINDING_BIT);
  EXPECT_EQ(again.objects.back().size, 32u * 32 * 2);  // of chroma
  EXPECT_EQ(again.events.back().plane(), 1u);
}

TEST(ImageCopies, AreReadAndWrittenAlike) {
  const Trace trace = trace_of(image_with(kDevice) +
                               R"(,{"op":"image","id":2,"format":"R8G8B8A8_UNORM","extent":[64,64],"usage":"storage",)"
                               R"("memory":"readback","tiling":"linear"},{"op":"copy","from":1,"to":2,"size":16384})");
  TemporaryFolder folder;
  const auto file = folder.path() / "t.jsonl";
  write_trace(trace, file);
  const Trace again = expand(load_scenario(file, {}), {});
  EXPECT_EQ(again.hash, trace.hash) << file_text(file);
  EXPECT_EQ(again.events.back().op, Op::copy);
  EXPECT_EQ(again.events.back().target(), 1u);
  EXPECT_EQ(repaired(trace).events.size(), 3u);
}

// Mips begin where Vulkan takes them: after 6 texels of 2 bytes; whatever is not copied may begin elsewhere.
TEST(ImageCopies, LookAtThePlacesOfWhatTheyCopy) {
  EXPECT_EQ(trace_of(depth_copy(6)).events.size(), 3u);
  EXPECT_EQ(trace_of(depth_copy(7)).events.size(), 3u);
}

TEST(Parts, EnterTheHash) {
  const auto hash = [](const char* offset, const char* size) {
    return trace_of(kSparse + R"(,{"op":"sparse_bind","id":2,"of":1,"offset":)" + offset + R"(,"size":)" + size + "}")
        .hash;
  };
  EXPECT_NE(hash("0", "65536"), hash("65536", "65536"));
  EXPECT_NE(hash("0", "65536"), hash("0", "131072"));
}

TEST(Parts, MakeRoomWhenTheyAreFreed) {
  const std::string bind = R"(,{"op":"sparse_bind","id":2,"of":1,"offset":0,"size":65536})";
  EXPECT_EQ(trace_of(kSparse + bind + R"(,{"op":"free","id":2})" + bind).events.size(), 4u);
}

TEST(Pools, AreDeclaredOnceWithTheirBounds) {
  const Trace trace = trace_of(R"({"op":"pool","pool":"mine","block_size":"1 MiB","max_blocks":2,"order":"ring"})");
  ASSERT_EQ(trace.pools.size(), 1u);
  EXPECT_EQ(trace.strings[trace.pools.front().name], "mine");
  EXPECT_EQ(trace.pools.front().block_bytes, kMiB);
  EXPECT_EQ(trace.pools.front().max_blocks, 2u);
  EXPECT_EQ(trace.pools.front().order, PoolOrder::ring);
}

TEST(PackedBytes, OfPlanesAreTheirSum) {
  const Trace trace = trace_of(
      R"({"op":"image","id":1,"format":"G8_B8R8_2PLANE_420_UNORM","extent":[1280,720],"usage":"sampled","memory":"device"})");
  EXPECT_EQ(trace.objects.front().size, 1280u * 720 * 3 / 2);
}

struct Wrong {
  const char* name;
  std::string event;
  const char* says;
};
class WrongWords : public testing::TestWithParam<Wrong> {};
INSTANTIATE_TEST_SUITE_P(
    Table, WrongWords,
    testing::Values(
        Wrong{"usage", R"({"op":"buffer","id":1,"size":64,"usage":"aceleration_structure_storage","memory":"device"})",
              "did you mean 'acceleration_structure_storage"},
        Wrong{"usage_of_images", R"({"op":"buffer","id":1,"size":64,"usage":"sampled","memory":"device"})",
              "usage 'sampled' is not of a buffer"},
        Wrong{"property", buffer_with(R"("memory":{"required":["host_visble"]})"), "did you mean 'host_visible'"},
        Wrong{"key_of_memory", buffer_with(R"("memory":{"require":["host_visible"]})"),
              "unknown key 'require' of 'memory' (did you mean 'required'?)"},
        Wrong{"no_property", buffer_with(R"("memory":{})"), "names no property"},
        Wrong{"contradiction", buffer_with(R"("memory":{"required":"device_local","avoid":"device_local"})"),
              "both asks for and avoids device_local"},
        Wrong{"type", buffer_with(R"("memory":{"type":32})"), "memory type 32 is above 31"},
        Wrong{"priority", buffer_with(R"("memory":"device","priority":1.5)"), "'priority' 1.5 is not from 0 to 1"},
        Wrong{"handle", buffer_with(R"("memory":"device","export_handles":"opaque")"), "unknown handle type 'opaque'"},
        Wrong{"flag", image_with(R"("memory":"device","flags":"cube")"), "unknown flag 'cube'"},
        Wrong{"cube_of_four", image_with(R"("memory":"device","layers":4,"flags":"cube_compatible")"),
              "a cube has 6 layers or more"},
        Wrong{"formats_without_flag", image_with(R"("memory":"device","view_formats":"R8G8B8A8_SRGB")"),
              "need the flag 'mutable_format'"},
        Wrong{
            "odd_planes",
            R"({"op":"image","id":1,"format":"G8_B8R8_2PLANE_420_UNORM","extent":[127,64],"usage":"sampled","memory":"device"})",
            "is odd"},
        Wrong{"protected_upload",
              buffer_with(R"("memory":"device","flags":"protected")") + R"(,{"op":"upload","id":1,"size":16})",
              "upload to protected memory"},
        Wrong{
            "upload_of_planes_apart",
            R"({"op":"image","id":1,"format":"G8_B8R8_2PLANE_420_UNORM","extent":[64,64],"usage":"sampled","memory":"device","flags":"disjoint"},{"op":"upload","id":1,"size":16})",
            "no memory as a whole"},
        Wrong{"copy_to_planes_apart",
              kDisjoint + R"(,{"op":"buffer","id":2,"size":9999,"usage":"storage_buffer","memory":"device"})" +
                  R"(,{"op":"copy","from":2,"to":1,"size":16})",
              "copy of a disjoint object"},
        Wrong{"copy_to_a_small_buffer",
              image_with(kDevice) +
                  R"(,{"op":"buffer","id":2,"size":16383,"usage":"storage_buffer","memory":"device"})" +
                  R"(,{"op":"copy","from":1,"to":2,"size":16})",
              "copy of the first mip, of 16384 bytes, with a buffer of 16383"},
        Wrong{
            "copy_of_unlike_images",
            image_with(kDevice) +
                R"(,{"op":"image","id":2,"format":"R8G8B8A8_UNORM","extent":[64,64],"mips":2,"usage":"sampled","memory":"device"})" +
                R"(,{"op":"copy","from":1,"to":2,"size":16})",
            "copy between images of different format, type, extent, mips or layers"},
        Wrong{"copy_of_odd_depth", depth_copy(5),
              "D16_UNORM, whose mip 1 of layer 0 begins at byte 10, no multiple of 4"},
        Wrong{
            "copy_of_odd_planes",
            R"({"op":"image","id":1,"format":"G8_B8R8_2PLANE_444_UNORM","extent":[3,3],"usage":"sampled","memory":"device"},{"op":"buffer","id":2,"size":99,"usage":"storage_buffer","memory":"device"},{"op":"copy","from":2,"to":1,"size":27})",
            "whose plane 1 of layer 0 begins at byte 9, no multiple of 2"},
        Wrong{
            "copy_of_transient_images",
            R"({"op":"image","id":1,"format":"R8_UNORM","extent":[4,4],"usage":"color_attachment","memory":"transient"})"
            R"(,{"op":"buffer","id":2,"size":99,"usage":"storage_buffer","memory":"device"},{"op":"copy","from":1,"to":2,"size":16})",
            "copy with 'transient' memory"},
        Wrong{"halved_image", image_with(R"("memory":"device","on_refusal":"halve")"), "'halve' is of buffers"},
        Wrong{"refusal_step", buffer_with(R"("memory":"device","on_refusal":"double")"), "unknown on_refusal 'double'"},
        Wrong{"unmappable_refuge", buffer_with(R"("memory":"upload","on_refusal":"device")"),
              "memory that no host maps"},
        Wrong{"two_pools", R"({"op":"pool","pool":"a"},{"op":"pool","pool":"a"})", "pool 'a' is there already"},
        Wrong{"their_pool", R"({"op":"pool","pool":"ring"})", "choose another name"},
        Wrong{"pool_bounds", R"({"op":"pool","pool":"a","min_blocks":3,"max_blocks":2})",
              "keeps 3 blocks of at most 2"},
        Wrong{"range_of_an_image", image_with(kDevice) + R"(,{"op":"range","id":1,"offset":0,"size":16})",
              "range of an image"},
        Wrong{"range_beyond", buffer_with(kDevice) + R"(,{"op":"range","id":1,"offset":4000,"size":128})", "4096"},
        Wrong{"alias_of_exported",
              buffer_with(R"("memory":"device","export_handles":"opaque_fd")") +
                  R"(,{"op":"buffer","id":2,"size":16,"usage":"storage_buffer","memory":"device","alias_of":1})",
              "other 'export_handles'"},
        Wrong{"pages_of_a_whole_buffer",
              buffer_with(kDevice) + R"(,{"op":"sparse_bind","id":2,"of":1,"offset":0,"size":4096})",
              "without the flag 'sparse_binding'"},
        Wrong{"pages_between", kSparse + R"(,{"op":"sparse_bind","id":2,"of":1,"offset":4096,"size":65536})",
              "give a multiple of 65536"},
        Wrong{"pages_beyond", kSparse + R"(,{"op":"sparse_bind","id":2,"of":1,"offset":131072,"size":131072})",
              "reaches beyond its 200000 bytes"},
        Wrong{"half_a_page", kSparse + R"(,{"op":"sparse_bind","id":2,"of":1,"offset":0,"size":4096})",
              "or what is left"},
        Wrong{"pages_twice",
              kSparse + R"(,{"op":"sparse_bind","id":2,"of":1,"offset":0,"size":131072})" +
                  R"(,{"op":"sparse_bind","id":3,"of":1,"offset":65536,"size":65536})",
              "of what is bound already"},
        Wrong{"upload_to_pages", kSparse + R"(,{"op":"upload","id":1,"size":16})", "no memory as a whole"},
        Wrong{
            "upload_to_a_part",
            kSparse + R"(,{"op":"sparse_bind","id":2,"of":1,"offset":0,"size":65536},{"op":"upload","id":2,"size":16})",
            "upload of memory for a part"},
        Wrong{"alias_of_pages",
              kSparse + R"(,{"op":"buffer","id":2,"size":16,"usage":"storage_buffer","memory":"device","alias_of":1})",
              "alias_of of a sparse object"},
        Wrong{"evictable_pages", buffer_with(R"("memory":"device","flags":"sparse_binding","evictable":true)"),
              "is bound as a whole"},
        Wrong{"residency_alone", buffer_with(R"("memory":"device","flags":"sparse_residency")"),
              "need 'sparse_binding'"},
        Wrong{"no_such_plane", kDisjoint + R"(,{"op":"bind_plane","id":2,"of":1,"plane":2})", "it has planes 0 to 1"},
        Wrong{"plane_twice",
              kDisjoint + R"(,{"op":"bind_plane","id":2,"of":1,"plane":0},{"op":"free","id":2})" +
                  R"(,{"op":"bind_plane","id":2,"of":1,"plane":0})",
              "which Vulkan does once"},
        Wrong{"plane_of_a_whole_image", image_with(kDevice) + R"(,{"op":"bind_plane","id":2,"of":1,"plane":0})",
              "without the flag 'disjoint'"},
        Wrong{"modifier", image_with(R"("memory":"device","tiling":"optimal","drm_modifier":0)"),
              "drm_modifier 0 needs linear tiling"}),
    [](const auto& row) { return row.param.name; });
TEST_P(WrongWords, AreRefusedWithTheReason) {
  EXPECT_THAT(error_of([] { (void)trace_of(GetParam().event); }), HasSubstr(GetParam().says));
}

}  // namespace
}  // namespace vkmembench
