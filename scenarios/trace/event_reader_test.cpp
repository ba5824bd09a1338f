#include "scenarios/trace/event_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/generators/random.h"
#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/trace_hash.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

// Objects that the tables below use: 1 and 2 buffers of 1000 bytes the host maps, 3 an image, 4 a transient buffer,
// 5 a device-local buffer that 6 aliases, 7 host memory, 8 a freed buffer, 9 evictable, 10 multi-sampled, 11
// depth-stencil.
constexpr const char* kSetup[] = {
    R"({"op":"buffer","id":1,"size":1000,"usage":["storage_buffer"],"memory":"upload"})",
    R"({"op":"buffer","id":2,"size":1000,"usage":"vertex_buffer","memory":"readback"})",
    R"({"op":"image","id":3,"format":"R8G8B8A8_UNORM","extent":[8,8,1],"mips":4,"layers":1,"samples":1,"tiling":"optimal","usage":["sampled"],"memory":"device"})",
    R"({"op":"buffer","id":4,"size":1000,"usage":["vertex_buffer"],"memory":"transient"})",
    R"({"op":"buffer","id":5,"size":1000,"usage":["vertex_buffer"],"memory":"device"})",
    R"({"op":"buffer","id":6,"size":900,"usage":["vertex_buffer"],"memory":"device","alias_of":5})",
    R"({"op":"host_alloc","id":7,"size":64,"category":"Renderer::Textures"})",
    R"({"op":"buffer","id":8,"size":1,"usage":["vertex_buffer"],"memory":"device"})",
    R"({"op":"free","id":8})",
    R"({"op":"buffer","id":9,"size":1000,"usage":["vertex_buffer"],"memory":"device","evictable":true})",
    R"({"op":"image","id":10,"format":"R8G8B8A8_UNORM","extent":[8,8,1],"mips":1,"layers":1,"samples":4,"tiling":"optimal","usage":["color_attachment"],"memory":"dynamic"})",
    R"({"op":"image","id":11,"format":["D32_SFLOAT","X8_D24_UNORM_PACK32","D24_UNORM_S8_UINT"],"extent":[8,8,1],"mips":1,"layers":1,"samples":1,"tiling":"optimal","usage":["depth_stencil_attachment"],"memory":"dynamic"})",
};

struct Row {
  std::string event;
  std::string message;  // "no error" for an event that is allowed
};
class Events : public testing::TestWithParam<Row> {};

TEST_P(Events, AreTakenOrRefusedWithTheReason) {
  TraceBuilder builder(2);
  EventReader reader(builder);
  const auto read = [&](const std::string& event) { EXPECT_TRUE(reader.read(event)) << event; };
  for (const char* event : kSetup) ASSERT_EQ(error_of([&] { read(event); }), "no error") << event;
  EXPECT_THAT(error_of([&] { read(GetParam().event); }), HasSubstr(GetParam().message)) << GetParam().event;
}

std::string buffer(std::string_view fields) { return fmt::format(R"({{"op":"buffer",{}}})", fields); }
// A good image but for the fields given, which replace those of the same name.
std::string image(std::string_view name, std::string_view value) {
  std::string text = R"({"op":"image","id":20)";
  const std::pair<std::string_view, std::string_view> fields[] = {{"format", "\"R8G8B8A8_UNORM\""},
                                                                  {"extent", "[16,8,1]"},
                                                                  {"mips", "1"},
                                                                  {"layers", "1"},
                                                                  {"samples", "1"},
                                                                  {"tiling", "\"optimal\""},
                                                                  {"usage", "[\"sampled\"]"},
                                                                  {"memory", "\"device\""}};
  for (const auto& [key, standard] : fields) {
    text += fmt::format(",\"{}\":{}", key, key == name ? value : standard);
  }
  return text + "}";
}
std::string image2(std::string_view name, std::string_view value, std::string_view name2, std::string_view value2) {
  std::string text = image(name, value);
  const std::string key = fmt::format("\"{}\":", name2);
  const std::size_t begin = text.find(key) + key.size();
  const std::size_t end = text.find(",\"", begin);
  return text.replace(begin, (end == std::string::npos ? text.size() - 1 : end) - begin, value2);
}
constexpr std::string_view kRest = R"("usage":["vertex_buffer"],"memory":"device")";

INSTANTIATE_TEST_SUITE_P(
    Fields, Events,
    testing::Values(
        Row{R"({"op":"buffre"})", "unknown op 'buffre' (did you mean 'buffer'?); there are frame, buffer"},
        Row{R"({"id":1})", "'op' is missing"}, Row{R"({"op":7})", "'op' is an integer, not a string"},
        Row{R"({"op":null})", "'op' is null, not a string"},
        Row{R"({"op":"frame","op":"frame"})", "'op' is there twice"},
        Row{R"({"op":"frame","siez":1})", "unknown key 'siez' (did you mean 'size'?)"},
        Row{R"({"op":"frame","":1})", "unknown key ''"},
        Row{R"({"op":"frame","min_uses":1})", "unknown key 'min_uses'"},
        Row{R"({"op":"frame","size":1})",
            "'size' does not belong to 'frame', which takes op, lane, comment; leave it out"},
        Row{buffer(R"("size":1,"usage":["vertex_buffer"],"memory":"device")"), "'id' is missing; 'buffer' needs it"},
        Row{buffer(fmt::format("\"id\":20,{}", kRest)), "'size' is missing"},
        Row{buffer(R"("id":20,"size":1,"memory":"device")"), "'usage' is missing"},
        Row{buffer(R"("id":20,"size":1,"usage":"vertex_buffer")"), "'memory' is missing"},
        Row{buffer(fmt::format("\"id\":-1,\"size\":1,{}", kRest)), "'id' -1 is negative"},
        Row{buffer(fmt::format("\"id\":1.5,\"size\":1,{}", kRest)), "'id' is a number that is no 64-bit integer"},
        Row{buffer(fmt::format("\"id\":18446744073709551616,\"size\":1,{}", kRest)),
            "'id' is a number that is no 64-bit"},
        Row{buffer(fmt::format("\"id\":18446744073709551615,\"size\":1,{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":\"20\",\"size\":1,{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":\"\",\"size\":1,{}", kRest)), "an id is an empty text"},
        Row{buffer(fmt::format("\"id\":\"mesh\",\"size\":0,{}", kRest)), "object mesh: size is 0"},
        Row{buffer(fmt::format("\"id\":20,\"size\":\"4 MiB\",{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":\"4 MB\",{}", kRest)),
            "'size' \"4 MB\" is not an integer or a text such as \"4 MiB\""},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"align\":\"4KiB\",{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"comment\":\"x\",{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"comment\":7,{}", kRest)),
            "'comment' is an integer, not a string"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"memory_type\":6,{}", kRest)),
            "unknown key 'memory_type'; 'buffer' takes op, lane, comment, id, size, usage"},
        Row{R"({"memory_type":6,"op":"buffer"})",
            "unknown key 'memory_type'; the nearest of 50 are memory, priority, type"},
        Row{buffer(fmt::format("\"id\":[20],\"size\":1,{}", kRest)), "'id' is a list, not an integer"},
        Row{buffer(fmt::format("\"id\":20,\"size\":{{}},{}", kRest)), "'size' is an object, not an integer"},
        Row{buffer(R"("id":20,"size":1,"usage":["vertex"],"memory":"device")"),
            "unknown usage 'vertex'; there are transfer_src"},
        Row{R"({"op":"free","id":"mesh"})", "object mesh is not live"},
        Row{buffer(R"("id":20,"size":1,"usage":["vertex_bufer"],"memory":"device")"),
            "(did you mean 'vertex_buffer'?)"},
        Row{buffer(R"("id":20,"size":1,"usage":["sampled"],"memory":"device")"), "usage 'sampled' is not of a buffer"},
        Row{buffer(R"("id":20,"size":1,"usage":[],"memory":"device")"), "usage is empty"},
        Row{buffer(R"("id":20,"size":1,"usage":[true],"memory":"device")"), "'usage' is a list with a boolean"},
        Row{buffer(R"("id":20,"size":1,"usage":[["vertex_buffer"]],"memory":"device")"),
            "'usage' is a list with a list"},
        Row{buffer(R"("id":20,"size":1,"usage":["vertex_buffer"],"memory":"gpu")"),
            "unknown memory 'gpu'; there are device, upload, readback, dynamic, host and transient"},
        Row{buffer(R"("id":20,"size":1,"usage":["vertex_buffer"],"memory":"devise")"), "(did you mean 'device'?)"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"evictable\":1,{}", kRest)),
            "'evictable' is an integer, not true or false"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"lane\":65536,{}", kRest)), "'lane' 65536 is above 65535"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"tag\":3,{}", kRest)), "'tag' is an integer, not a string"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"mips\":1,{}", kRest)), "'mips' does not belong to 'buffer'"},
        Row{R"({"op":"frame"}})", "malformed JSON"}, Row{R"({"op":"frame",})", "malformed JSON"},
        Row{R"({"op":"write","id":1,"offset":0,"size":1e3})", "'size' is a number that is no 64-bit integer"},
        Row{R"({"op":"budget","heap":"device","ratio":NaN})", "malformed JSON"}));

INSTANTIATE_TEST_SUITE_P(
    Buffers, Events,
    testing::Values(
        Row{buffer(fmt::format("\"id\":1,\"size\":1,{}", kRest)), "object 1 is live already"},
        Row{buffer(fmt::format("\"id\":7,\"size\":1,{}", kRest)), "object 7 is live already"},
        Row{buffer(fmt::format("\"id\":8,\"size\":1,{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":0,{}", kRest)), "object 20: size is 0"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1152921504606846976,{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1152921504606846977,{}", kRest)), "above the bound of 2^60"},
        Row{buffer(fmt::format("\"id\":20,\"size\":18446744073709551615,{}", kRest)), "above the bound of 2^60"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"align\":0,{}", kRest)), "align 0 is not a power of two"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"align\":48,{}", kRest)), "align 48 is not a power of two"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"align\":64,{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"align\":9223372036854775808,{}", kRest)),
            "above the bound of 1 GiB"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"alias_of\":5,{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"alias_of\":8,{}", kRest)), "object 8 is not live"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"alias_of\":20,{}", kRest)), "object 20 is not live"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"alias_of\":6,{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1000,\"alias_of\":6,{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"alias_of\":5,\"alias_offset\":999,{}", kRest)), "no error"},
        Row{buffer(fmt::format("\"id\":20,\"size\":2,\"alias_of\":5,\"alias_offset\":999,{}", kRest)),
            "of 1000 bytes for the 2 bytes of object 20 behind its begin"},
        Row{buffer(fmt::format("\"id\":20,\"size\":2,\"alias_of\":5,\"alias_offset\":18446744073709551615,{}", kRest)),
            "keep within them"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"alias_offset\":1,{}", kRest)),
            "'alias_offset' needs 'alias_of'"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"alias_of\":7,{}", kRest)), "alias_of of host memory"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"alias_of\":9,{}", kRest)), "alias_of an evictable object"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1001,\"alias_of\":5,{}", kRest)),
            "of 1000 bytes for the 1001 bytes"},
        Row{fmt::format(R"({{"op":"batch","ids":[20,21],"sizes":[1,2],{}}})", kRest), "no error"},
        Row{fmt::format(R"({{"op":"batch","ids":[20,21],"sizes":[1],{}}})", kRest), "batch of 2 ids and 1 sizes"},
        Row{fmt::format(R"({{"op":"batch","ids":[],"sizes":[],{}}})", kRest), "batch of no buffers"},
        Row{fmt::format(R"({{"op":"batch","ids":[20,20],"sizes":[1,2],{}}})", kRest), "object 20 is live already"},
        Row{fmt::format(R"({{"op":"batch","ids":[20,21],"sizes":[1,0],{}}})", kRest), "object 21: size is 0"},
        Row{fmt::format(R"({{"op":"batch","ids":20,"sizes":[1],{}}})", kRest), "'ids' is an integer"},
        Row{fmt::format(R"({{"op":"batch","ids":[20],"sizes":[1],"alias_of":5,{}}})", kRest),
            "does not belong to 'batch'"}));

INSTANTIATE_TEST_SUITE_P(
    Images, Events,
    testing::Values(
        Row{image("", ""), "no error"}, Row{image("extent", "[0,8,1]"), "extent 0x8x1 is empty"},
        Row{image("extent", "[0,0,1]"), "extent 0x0x1 is empty"}, Row{image("extent", "[8,8]"), "no error"},
        Row{image("extent", "[8]"), "extent is not [width, height] or [width"},
        Row{R"({"op":"image","id":20,"format":"R8_UNORM","extent":[8,8],"usage":"sampled","memory":"device"})",
            "no error"},
        Row{image("usage", R"(["vertex_bufer"])"), "unknown usage 'vertex_bufer'; there are transfer_src"},
        Row{image("extent", "[8,8,1,1]"), "extent is not [width"}, Row{image("extent", "8"), "'extent' is an integer"},
        Row{image("extent", "[4294967296,8,1]"), "'extent' 4294967296 is above 4294967295"},
        Row{image("extent", "[4294967295,8,1]"), "above the bound of 1048576"}, Row{image("mips", "5"), "no error"},
        Row{image("mips", "6"), "mips 6 is not from 1 to 5, the full chain of 16x8x1"},
        Row{image("mips", "0"), "mips 0 is not from 1 to 5"}, Row{image("layers", "0"), "layers is 0"},
        Row{image("layers", "4294967295"), "no error"}, Row{image("samples", "0"), "samples 0 is not a power of two"},
        Row{image("samples", "3"), "samples 3 is not a power of two"},
        Row{image("samples", "128"), "samples 128 is not a power of two from 1 to 64"},
        Row{image("samples", "64"), "no error"},
        Row{image("tiling", "\"square\""), "unknown tiling 'square'; there are optimal and linear"},
        Row{image("format", "\"R8G8B8A8\""), "unknown format 'R8G8B8A8'; the nearest of"},
        Row{image("format", "\"R8G8B8A8_UNROM\""), "(did you mean 'R8G8B8A8_UNORM'?); the nearest of "},
        Row{image("format", "[]"), "an image without a format"},
        Row{image("format", R"(["R8G8B8A8_UNORM","B8G8R8A8_UNORM"])"), "no error"},
        Row{image("format", R"(["R8G8B8A8_UNORM","R8_UNORM"])"), "differ in block size"},
        Row{image("format", R"(["BC7_UNORM_BLOCK","R32G32B32A32_UINT"])"), "differ in block size"},
        Row{image("usage", R"(["vertex_buffer"])"), "usage 'vertex_buffer' is not of an image"},
        Row{image("usage", R"(["transient_attachment","color_attachment"])"), "needs memory 'transient'"},
        Row{image("usage", R"(["transient_attachment","sampled"])"), "goes with attachment usages"},
        Row{image2("usage", R"(["transient_attachment","color_attachment"])", "memory", "\"transient\""), "no error"},
        Row{image2("mips", "2", "samples", "4"), "a multi-sampled image has 1 mip"},
        Row{image2("mips", "2", "tiling", "\"linear\""), "linear tiling has 1 mip"},
        Row{image2("samples", "2", "tiling", "\"linear\""), "linear tiling has 1 mip and 1 sample"},
        Row{image2("extent", "[4,4,4]", "layers", "2"), "depth above 1 has 1 layer"},
        Row{image2("extent", "[4,4,4]", "samples", "2"), "a multi-sampled image has depth 1"},
        Row{image2("extent", "[1048576,1048576,1]", "layers", "1000000"), "above the bound of 2^60"},
        Row{image2("extent", "[1048576,1048576,1048576]", "layers", "1"), "above the bound of 2^60"}));

INSTANTIATE_TEST_SUITE_P(
    Uses, Events,
    testing::Values(
        Row{R"({"op":"frame","lane":1})", "frame on lane 1"}, Row{R"({"op":"barrier","lane":1})", "no error"},
        Row{R"({"op":"free","id":8})", "object 8 is not live"},
        Row{R"({"op":"free","id":99})", "object 99 is not live"},
        Row{R"({"op":"free"})", "takes 'id' or 'ids', and has neither"},
        Row{R"({"op":"free","id":1,"ids":[2]})", "takes 'id' or 'ids', not both"},
        Row{R"({"op":"free","ids":[]})", "'ids' is empty"}, Row{R"({"op":"free","ids":[1,2]})", "no error"},
        Row{R"({"op":"free","ids":[1,1]})", "object 1 is not live"},
        Row{R"({"op":"free","id":7})", "free of host memory"}, Row{R"({"op":"free","id":5})", "no error"},
        Row{R"({"op":"free","ids":[5,6]})", "no error"}, Row{R"({"op":"free","ids":[6,5]})", "no error"},
        Row{R"({"op":"write","id":1,"offset":0,"size":1000})", "no error"},
        Row{R"({"op":"write","id":1,"offset":1,"size":1000})",
            "write of 1000 bytes at 1 reaches beyond its 1000 bytes"},
        Row{R"({"op":"write","id":1,"offset":18446744073709551615,"size":2})", "reaches beyond"},
        Row{R"({"op":"write","id":1,"offset":0,"size":0})", "write of 0 bytes"},
        Row{R"({"op":"write","id":5,"offset":0,"size":1})", "write to 'device' memory"},
        Row{R"({"op":"write","id":4,"offset":0,"size":1})", "write to 'transient' memory"},
        Row{R"({"op":"read","id":2,"offset":10,"size":990})", "no error"},
        Row{R"({"op":"read","id":2,"offset":1001,"size":1})", "reaches beyond"},
        Row{R"({"op":"read","id":3,"offset":0,"size":1})", "read of 'device' memory"},
        Row{R"({"op":"read","id":4,"offset":0,"size":1})", "read of 'transient' memory"},
        Row{R"({"op":"upload","id":5,"size":1000})", "no error"},
        Row{R"({"op":"upload","id":5,"size":1001})", "upload of 1001 bytes at 0 reaches beyond"},
        Row{R"({"op":"upload","id":3,"size":340})", "no error"},
        Row{R"({"op":"upload","id":3,"size":341})", "beyond its 340 bytes"},
        Row{R"({"op":"upload","id":4,"size":1})", "upload to 'transient' memory"},
        Row{R"({"op":"upload","id":7,"size":1})", "upload of host memory"},
        Row{R"({"op":"upload","id":10,"size":1})", "upload to a multi-sampled image"},
        Row{R"({"op":"upload","id":11,"size":1})", "upload to a combined depth-stencil image"},
        Row{R"({"op":"write","id":10,"offset":0,"size":1})", "write to a multi-sampled image"},
        Row{R"({"op":"write","id":11,"offset":0,"size":1})", "write to a combined depth-stencil image"},
        Row{R"({"op":"copy","from":1,"to":2,"size":1000})", "no error"},
        Row{R"({"op":"copy","from":1,"to":6,"size":901})", "copy of 901 bytes at 0 reaches beyond its 900 bytes"},
        Row{R"({"op":"copy","from":6,"to":1,"size":901})", "copy of 901 bytes at 0 reaches beyond its 900 bytes"},
        Row{R"({"op":"copy","from":1,"to":3,"size":1})", "no error"},
        Row{R"({"op":"copy","from":3,"to":1,"size":340})", "no error"},
        Row{R"({"op":"copy","from":3,"to":1,"size":341})", "copy of 341 bytes at 0 reaches beyond its 340 bytes"},
        Row{R"({"op":"copy","from":3,"to":10,"size":1})", "copy with a multi-sampled image"},
        Row{R"({"op":"copy","from":11,"to":1,"size":1})", "copy with a combined depth-stencil image"},
        Row{R"({"op":"copy","from":1,"to":1,"size":1})", "copy onto itself"},
        Row{R"({"op":"copy","from":1,"to":4,"size":1})", "copy with 'transient' memory"},
        Row{R"({"op":"copy","from":8,"to":1,"size":1})", "object 8 is not live"},
        Row{R"({"op":"touch","id":1})", "no error"}, Row{R"({"op":"touch","ids":[1,8]})", "object 8 is not live"},
        Row{R"({"op":"mark","ids":[1,2,3]})", "no error"}, Row{R"({"op":"mark","id":7})", "mark of host memory"},
        Row{R"({"op":"resize","id":1,"size":2000})", "no error"},
        Row{R"({"op":"resize","id":1,"size":0})", "size is 0"},
        Row{R"({"op":"resize","id":3,"size":2000})", "resize of an image"},
        Row{R"({"op":"resize","id":6,"size":10})", "resize of an alias"},
        Row{R"({"op":"resize","id":5,"size":10})", "resize while another object aliases it"},
        Row{R"({"op":"bind","id":1})", "no error"},
        Row{R"({"op":"bind","id":2})", "needs a buffer with 'storage_buffer'"},
        Row{R"({"op":"bind","id":3})", "needs a buffer with 'storage_buffer'"},
        Row{R"({"op":"unbind","id":1})", "unbind of what is not bound"}));

INSTANTIATE_TEST_SUITE_P(
    Others, Events,
    testing::Values(
        Row{R"({"op":"defragment"})", "no error"}, Row{R"({"op":"defragment","select":"marked"})", "no error"},
        Row{R"({"op":"defragment","select":"rules"})", "unknown select 'rules'"},
        Row{R"({"op":"defragment","select":7})", "'select' is an integer, not 'all', 'marked' or an object"},
        Row{R"({"op":"defragment","select":{"idle_frames":3,"min_uses":1,"min_size":9}})", "no error"},
        Row{R"({"op":"defragment","select":{"idle_frame":3}})",
            "unknown key 'idle_frame' (did you mean 'idle_frames'?)"},
        Row{R"({"op":"defragment","select":{"size":3}})", "unknown key 'size'"},
        Row{R"({"op":"defragment","select":{"min_uses":"3"}})", "'min_uses' is a string"},
        Row{R"({"op":"defragment","algorithm":"balance"})", "unknown algorithm 'balance' (did you mean 'balanced'?)"},
        Row{R"({"op":"defragment","max_moves_per_pass":0})", "max_moves_per_pass is 0, so nothing would move"},
        Row{R"({"op":"defragment","max_bytes_per_pass":0})", "max_bytes_per_pass is 0, so nothing would move"},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"pool\":\"vertexes\",{}", kRest)),
            "unknown pool 'vertexes' (did you mean 'vertex'?); there are "},
        Row{buffer(fmt::format("\"id\":20,\"size\":1,\"kind\":\"vertexes\",{}", kRest)), "unknown kind 'vertexes'"},
        Row{R"({"op":"defragment","passes_per_frame":0})", "passes_per_frame is 0"},
        Row{R"({"op":"defragment","max_moves_per_pass":4294967296})", "is above 4294967295"},
        Row{R"({"op":"budget","heap":"device","bytes":5})", "no error"},
        Row{R"({"op":"budget","heap":0,"ratio":1})", "no error"},
        Row{R"({"op":"budget","heap":"gpu","bytes":5})", "heap 'gpu' is neither"},
        Row{R"({"op":"budget","heap":16,"bytes":5})", "heap '16' is neither"},
        Row{R"({"op":"budget","heap":-1,"bytes":5})", "'heap' is a negative integer"},
        Row{R"({"op":"budget","heap":"01","bytes":5})", "heap '01' is neither"},
        Row{R"({"op":"budget","heap":"device"})", "takes 'bytes' or 'ratio', and has neither"},
        Row{R"({"op":"budget","heap":"device","bytes":1,"ratio":0.5})", "not both"},
        Row{R"({"op":"budget","heap":"device","bytes":0})", "budget of 0 bytes"},
        Row{R"({"op":"budget","heap":"device","ratio":0})", "budget ratio 0 is not above 0"},
        Row{R"({"op":"budget","heap":"device","ratio":-1})", "budget ratio -1 is not above 0"},
        Row{R"({"op":"budget","heap":"device","ratio":1.5})", "budget ratio 1.5 is not above 0 and at most 1"},
        Row{R"({"op":"budget","heap":"device","ratio":1e999})", "number overflow"},
        Row{R"({"op":"host_alloc","id":20,"size":0,"category":"A"})", "size is 0"},
        Row{R"({"op":"host_alloc","id":20,"size":1,"category":""})", "host_alloc without a category"},
        Row{R"({"op":"host_alloc","id":7,"size":1,"category":"A"})", "object 7 is live already"},
        Row{R"({"op":"host_free","id":7})", "no error"}, Row{R"({"op":"host_free","id":1})", "use free"},
        Row{R"({"op":"snapshot","label":"peak"})", "no error"},
        Row{R"({"op":"snapshot","label":""})", "without a label"}, Row{R"({"op":"snapshot"})", "'label' is missing"}));

// Escapes, fractions and characters beyond ASCII make no other event, and what came before them is read once.
TEST(EventReader, ReadsTheSameHoweverATextIsSpelled) {
  const auto hash_of = [](std::string_view id, std::string_view priority) {
    TraceBuilder builder(2);
    EventReader reader(builder);
    const std::string event = buffer(
        fmt::format(R"("id":{},"size":64,"usage":["vertex_buffer"],"memory":"device","priority":{})", id, priority));
    EXPECT_TRUE(reader.read(event)) << event;
    EXPECT_EQ(error_of([&] { static_cast<void>(reader.read(event)); }),
              fmt::format("object {} is live already; free it before its id is used again",
                          id_text(builder.trace(), builder.trace().objects.front().id)));
    return hash_trace(builder.trace());
  };
  EXPECT_EQ(hash_of(R"("a")", "1"), hash_of(R"("\u0061")", "1"));
  EXPECT_EQ(hash_of(R"("a")", "1"), hash_of(R"("a")", "1.0"));
  EXPECT_EQ(hash_of("\"\xc3\xa9\"", "0.5"), hash_of(R"("\u00e9")", "5e-1"));
}

TEST(EventReader, IdsOfSeveralObjectsAreAnEventEach) {
  TraceBuilder builder(2);
  EventReader reader(builder);
  for (const char* event : kSetup) ASSERT_TRUE(reader.read(event));
  const std::size_t before = builder.trace().events.size();
  ASSERT_TRUE(reader.read(R"({"op":"touch","ids":[1,2,3],"lane":2})"));
  ASSERT_EQ(builder.trace().events.size(), before + 3);
  EXPECT_EQ(builder.trace().events[before + 2].object, 2u);
  EXPECT_EQ(builder.trace().events[before + 2].lane, 2u);
  ASSERT_TRUE(reader.read(R"({"op":"barrier"})"));
  EXPECT_EQ(builder.trace().events.back().lane, 0u) << "a lane is of its event alone";
}

TEST(IdMap, FindsTheLiveObjectOfAnIdWhateverCameBefore) {
  TraceBuilder builder(0);
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  const std::uint32_t index = builder.shape(shape);
  IdMap map(builder);
  std::unordered_map<std::uint64_t, ObjectIndex> expected;
  Random random(11);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t id = random.chance(0.5) ? random.below(500) : random.below(64) << 58;
    ASSERT_EQ(map.find(id), expected.contains(id) ? expected[id] : kNoObject);
    if (!expected.contains(id)) {
      expected[id] = builder.buffer(id, 1, index);
      ASSERT_TRUE(map.insert(expected[id]));
    } else if (random.chance(0.1)) {
      ASSERT_FALSE(map.insert(builder.buffer(id, 1, index)));
    } else {
      builder.free(expected[id]);
      expected.erase(id);
    }
  }
}

}  // namespace
}  // namespace vkmembench
