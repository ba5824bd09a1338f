#include "scenarios/profiles/profile_reader.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "cmake/source_dir.h"

namespace vkmembench {
namespace {

using nlohmann::ordered_json;

ordered_json valid() { return ordered_json::parse(shipped_profiles().front().text); }

std::string error_of(const std::string& text) {
  try {
    static_cast<void>(parse_profile(text, "p.json"));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.what();
  }
  return "";
}

TEST(ParseProfile, ReadsWhatTheFileSays) {
  for (const EmbeddedFile& file : shipped_profiles()) {
    if (file.name != "nvidia-rtx-3090.json") continue;
    const DeviceProfile profile = parse_profile(file.text, std::string(file.name));
    EXPECT_EQ(profile.type, VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU);
    EXPECT_EQ(profile.vendor_id, 0x10deu);
    EXPECT_EQ(profile.api_version, VK_MAKE_API_VERSION(0, 1, 3, 277));
    EXPECT_EQ(profile.memory.memoryTypeCount, 6u);
    EXPECT_EQ(profile.memory.memoryTypes[5].heapIndex, 2u);
    EXPECT_EQ(profile.budgets[0], 23349624832u);
    EXPECT_EQ(profile.limits.maxMemoryAllocationCount, 4294967295u);
    EXPECT_EQ(profile.max_memory_allocation_size, 4292870144u);
    EXPECT_EQ(profile.costs[static_cast<std::size_t>(EntryPoint::allocate_memory)].ns({.bytes = 16 * kMiB}),
              220000u + 16 * 13200u);
    return;
  }
  FAIL() << "not shipped";
}

TEST(ParseProfile, CostsMayBeCurvesByMemoryType) {
  ordered_json profile = valid();
  profile["costs"]["allocate_memory"] = ordered_json::parse(
      R"({"curves":[{"memory_types":[1,2],"points":[[0,100,90,130],[1048576,300]]},{"points":[[0,7]]}]})");
  profile["limits"]["maxBufferSize"] = 1 << 30;
  const DeviceProfile read = parse_profile(profile.dump(), "p.json");
  const CallCost& cost = read.costs[static_cast<std::size_t>(EntryPoint::allocate_memory)];
  EXPECT_EQ(cost.ns({.bytes = kMiB / 2, .memory_type = 2}), 200u);
  EXPECT_EQ(cost.ns({.bytes = kMiB / 2, .memory_type = 0}), 7u);
  EXPECT_EQ(cost.curves[0].points[0].low_ns, 90u);
  EXPECT_EQ(cost.curves[0].points[0].high_ns, 130u);
  EXPECT_EQ(read.max_buffer_size, kGiB);
}

TEST(ParseProfile, AHeapWithoutABudgetHasItsSize) {
  ordered_json profile = valid();
  profile["heaps"][0].erase("budget_bytes");
  const DeviceProfile read = parse_profile(profile.dump(), "p.json");
  EXPECT_EQ(read.budgets[0], read.memory.memoryHeaps[0].size);
}

// Drivers report 0, and more than any heap.
TEST(ParseProfile, KeepsEveryBudgetThatADriverMayReport) {
  for (const std::uint64_t budget :
       {std::uint64_t{0}, (std::uint64_t{1} << 53) + 1, std::uint64_t{18446744073271062528u}, ~std::uint64_t{0}}) {
    ordered_json profile = valid();
    profile["heaps"][0]["budget_bytes"] = budget;
    EXPECT_EQ(parse_profile(profile.dump(), "p.json").budgets[0], budget);
  }
}

TEST(ParseProfile, SampleCountsOfUsagesMayBeLeftOut) {
  ordered_json profile = valid();
  profile["limits"]["storageImageSampleCounts"] = {1, 2, 8};
  EXPECT_EQ(parse_profile(profile.dump(), "p.json").limits.storageImageSampleCounts, 11u);
  profile["limits"].erase("storageImageSampleCounts");
  EXPECT_EQ(parse_profile(profile.dump(), "p.json").limits.storageImageSampleCounts, 0u);
  profile["limits"]["storageImageSampleCounts"] = {3};
  EXPECT_THAT(error_of(profile.dump()), testing::HasSubstr("no sample count"));
}

// As public reports of both vendors list them; a captured device says it itself.
TEST(ShippedProfiles, HaveMultisampledStorageImagesWhereTheVendorHas) {
  for (const EmbeddedFile& file : shipped_profiles()) {
    const DeviceProfile profile = parse_profile(file.text, std::string(file.name));
    const auto limits = std::ranges::find(profile.provenance, "limits", &Provenance::group);
    if (limits->kind == "captured") continue;
    const bool has = profile.vendor_id == 0x10de || profile.vendor_id == 0x1002;
    EXPECT_EQ(profile.limits.storageImageSampleCounts, has ? 15u : 1u) << file.name;
  }
}

TEST(ParseProfile, UpdateAfterBindMayBeLeftOut) {
  ordered_json profile = valid();
  ASSERT_TRUE(parse_profile(profile.dump(), "p.json").has_update_after_bind);
  profile["features"].erase("update_after_bind");
  profile["limits"].erase("maxPerStageDescriptorUpdateAfterBindStorageBuffers");
  profile["limits"].erase("maxDescriptorSetUpdateAfterBindStorageBuffers");
  const DeviceProfile read = parse_profile(profile.dump(), "p.json");
  EXPECT_FALSE(read.has_update_after_bind);
  EXPECT_EQ(read.max_set_update_after_bind_storage_buffers, 0u);
}

// A change to a valid profile, as a JSON patch, and what the message says, with the place.
struct Broken {
  const char* name;
  const char* patch;
  const char* message;
};
void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }
// clang-format off
const Broken kBroken[] = {
    {"other_schema", R"([{"op":"replace","path":"/schema","value":"vkmembench.device/2"}])", "/schema: schema 'vkmembench.device/2'"},
    {"unknown_key", R"([{"op":"add","path":"/heap","value":1}])", "did you mean 'heaps'"},
    {"missing_key", R"([{"op":"remove","path":"/heaps"}])", "'heaps' is missing"},
    {"unknown_type", R"([{"op":"replace","path":"/type","value":"discreet"}])", "did you mean 'discrete'"},
    {"bad_version", R"([{"op":"replace","path":"/api_version","value":"1.3"}])", "/api_version: '1.3' is no Vulkan version"},
    {"version_2", R"([{"op":"replace","path":"/api_version","value":"2.0.0"}])", "/api_version"},
    {"bad_uuid", R"([{"op":"replace","path":"/uuid","value":"12"}])", "/uuid: needs 32 hex digits"},
    {"wrong_kind_of_value", R"([{"op":"replace","path":"/vendor_id","value":"4318"}])", "/vendor_id"},
    {"out_of_range", R"([{"op":"replace","path":"/vendor_id","value":4294967296}])", "/vendor_id"},
    {"a_heap_of_2_to_63", R"([{"op":"replace","path":"/heaps/0/size_bytes","value":9223372036854775808}])", "/heaps/0/size_bytes: 9223372036854775808"},
    {"negative", R"([{"op":"replace","path":"/heaps/0/size_bytes","value":-1}])", "/heaps/0/size_bytes"},
    {"no_heaps", R"([{"op":"replace","path":"/heaps","value":[]}])", "/heaps: needs 1 to 16 heaps"},
    {"no_types", R"([{"op":"replace","path":"/types","value":[]}])", "/types: needs 1 to 32"},
    {"missing_heap", R"([{"op":"replace","path":"/types/0/heap","value":9}])", "/types/0/heap: no heap 9"},
    {"unknown_flag", R"([{"op":"add","path":"/types/0/flags/-","value":"host_visble"}])", "did you mean 'host_visible'"},
    {"coherent_alone", R"([{"op":"replace","path":"/types/0/flags","value":["device_local","host_coherent"]}])", "/types/0: host_coherent"},
    {"lazy_and_visible", R"([{"op":"replace","path":"/types/0/flags","value":["device_local","host_visible","lazily_allocated"]}])", "/types/0: host_visible with"},
    {"heap_contradicts_type", R"([{"op":"replace","path":"/types/0/flags","value":[]}])", "/types/0: device_local contradicts"},
    {"missing_limit", R"([{"op":"remove","path":"/limits/maxImageDimension2D"}])", "/limits: 'maxImageDimension2D' is missing"},
    {"unknown_limit", R"([{"op":"add","path":"/limits/maxImageDimension4D","value":1}])", "/limits/maxImageDimension4D"},
    {"odd_alignment", R"([{"op":"replace","path":"/limits/bufferImageGranularity","value":48}])", "/limits/bufferImageGranularity: 48 is no power of two"},
    {"zero_atom", R"([{"op":"replace","path":"/limits/nonCoherentAtomSize","value":0}])", "/limits/nonCoherentAtomSize"},
    {"unknown_format", R"([{"op":"replace","path":"/formats/0/formats/0","value":"BD*"}])", "'BD*' matches no format"},
    {"unknown_usage", R"([{"op":"replace","path":"/formats/0/optimal","value":["sample"]}])", "did you mean 'sampled'"},
    {"odd_samples", R"([{"op":"add","path":"/formats/0/samples","value":[3]}])", "/formats/0/samples/0: no sample count"},
    {"no_buffer_rule", R"([{"op":"replace","path":"/requirements/buffers","value":[]}])", "/requirements/buffers: the last rule"},
    {"no_image_rule", R"([{"op":"replace","path":"/requirements/images","value":[]}])", "/requirements/images: the last rule"},
    {"rule_with_odd_alignment", R"([{"op":"replace","path":"/requirements/buffers/0/alignment","value":24}])", "/requirements/buffers/0/alignment: 24"},
    {"rounded_mips_beside", R"([{"op":"add","path":"/requirements/images/0/mips","value":"beside"},{"op":"add","path":"/requirements/images/0/mip_rounding","value":64}])", "/requirements/images/0/mip_rounding: rounds mips that are stacked"},
    {"dedicated_told_twice", R"([{"op":"add","path":"/requirements/buffers/0/prefers_dedicated","value":false},{"op":"add","path":"/requirements/buffers/0/prefers_dedicated_from_bytes","value":64}])", "/requirements/buffers/0/prefers_dedicated_from_bytes: stands beside"},
    {"rule_with_missing_type", R"([{"op":"replace","path":"/requirements/buffers/0/memory_types","value":[31]}])", "/requirements/buffers/0/memory_types/0"},
    {"rule_without_type", R"([{"op":"replace","path":"/requirements/buffers/0/memory_types","value":[]}])", "no memory type"},
    {"exact_of_nothing", R"([{"op":"add","path":"/requirements/exact","value":[{"size_bytes":1,"alignment":1,"memory_types":[0]}]}])", "/requirements/exact/0: names a buffer and an image, or neither"},
    {"exact_below_contents", R"([{"op":"add","path":"/requirements/exact","value":[{"buffer":{"size_bytes":100},"size_bytes":99,"alignment":1,"memory_types":[0]}]}])", "size_bytes below the 100 bytes"},
    {"rule_beyond_maintenance4", R"([{"op":"add","path":"/requirements/buffers/0/extra_bytes","value":64}])", "/requirements/buffers/0: with maintenance4 a buffer requires at most"},
    {"rounding_beyond_maintenance4", R"([{"op":"add","path":"/requirements/buffers/0/size_rounding","value":1048576}])", "/requirements/buffers/0: with maintenance4 a buffer requires at most"},
    {"exact_beyond_maintenance4", R"([{"op":"add","path":"/requirements/exact","value":[{"buffer":{"size_bytes":100},"size_bytes":104,"alignment":4,"memory_types":[0]}]}])", "/requirements/exact/0: with maintenance4 a buffer requires at most"},
    {"exact_dedicated_by_size", R"([{"op":"add","path":"/requirements/exact","value":[{"buffer":{"size_bytes":100},"size_bytes":100,"alignment":4,"memory_types":[0],"requires_dedicated":true}]}])", "dedicated memory only by its usage"},
    {"update_after_bind_without_limit", R"([{"op":"remove","path":"/limits/maxDescriptorSetUpdateAfterBindStorageBuffers"}])", "/limits: 'maxDescriptorSetUpdateAfterBindStorageBuffers' is missing"},
    {"update_after_bind_of_nothing", R"([{"op":"replace","path":"/limits/maxPerStageDescriptorUpdateAfterBindStorageBuffers","value":0}])", "/limits/maxPerStageDescriptorUpdateAfterBindStorageBuffers"},
    {"limit_without_update_after_bind", R"([{"op":"remove","path":"/features/update_after_bind"}])", "UpdateAfterBindStorageBuffers"},
    {"update_after_bind_without_extension", R"([{"op":"replace","path":"/api_version","value":"1.1.0"},{"op":"add","path":"/extensions/-","value":"VK_KHR_maintenance4"}])", "/features/update_after_bind: is on, but `extensions` lacks VK_EXT_descriptor_indexing"},
    {"unknown_call", R"([{"op":"add","path":"/costs/allocate_memry","value":{"base_ns":1}}])", "did you mean 'allocate_memory'"},
    {"curve_of_a_missing_type", R"([{"op":"add","path":"/costs/allocate_memory","value":{"curves":[{"memory_types":[31],"points":[[0,1]]}]}}])", "/costs/allocate_memory/curves/0/memory_types/0"},
    {"curve_that_falls_back", R"([{"op":"add","path":"/costs/allocate_memory","value":{"curves":[{"points":[[64,1],[64,2]]}]}}])", "/costs/allocate_memory/curves/0/points/1: is not larger"},
    {"curve_without_points", R"([{"op":"add","path":"/costs/allocate_memory","value":{"curves":[{"points":[]}]}}])", "/costs/allocate_memory/curves/0/points: no point"},
    {"curve_and_line", R"([{"op":"add","path":"/costs/allocate_memory","value":{"base_ns":1,"curves":[{"points":[[0,1]]}]}}])", "/costs/allocate_memory: has curves and a line"},
    {"spread_beside_its_figure", R"([{"op":"add","path":"/costs/map_memory","value":{"curves":[{"points":[[0,10,11,12]]}]}}])", "/costs/map_memory/curves/0/points/0/2"},
    {"half_a_spread", R"([{"op":"add","path":"/costs/map_memory","value":{"curves":[{"points":[[0,10,9]]}]}}])", "/costs/map_memory/curves/0/points/0: needs bytes and nanoseconds"},
    {"buffers_beyond_any", R"([{"op":"add","path":"/limits/maxBufferSize","value":140737488355328}])", "/limits/maxBufferSize"},
    {"unknown_provenance", R"([{"op":"replace","path":"/provenance/memory/kind","value":"guessed"}])", "/provenance/memory/kind: unknown kind"},
    {"missing_provenance", R"([{"op":"remove","path":"/provenance/costs"}])", "'costs' is missing"},
    {"feature_without_extension", R"([{"op":"replace","path":"/extensions","value":[]}])", "lacks VK_EXT_memory_budget"},
};
// clang-format on

class EveryBrokenProfile : public testing::TestWithParam<Broken> {};

TEST_P(EveryBrokenProfile, IsRefusedWithItsPlace) {
  const std::string text = valid().patch(ordered_json::parse(GetParam().patch)).dump(1);
  const std::string message = error_of(text);
  EXPECT_THAT(message, testing::HasSubstr(GetParam().message));
  EXPECT_THAT(message,
              testing::AnyOf(testing::StartsWith("p.json:"), testing::StartsWith("2 errors, the first: p.json:")));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(Table, EveryBrokenProfile, testing::ValuesIn(kBroken),
                         [](const auto& row) { return row.param.name; });

TEST(ParseProfile, TextThatIsNoProfile) {
  EXPECT_THAT(error_of("{"), testing::StartsWith("p.json:1"));
  EXPECT_NE(error_of("[]"), "");
  EXPECT_NE(error_of("3"), "");
  EXPECT_NE(error_of("{}"), "");
}

TEST(LoadProfile, MissingFilesAndFoldersAreErrors) {
  EXPECT_THROW(static_cast<void>(load_profile("/no/such/profile.json")), Error);
  EXPECT_THROW(static_cast<void>(load_profile(source_dir())), Error);
}

}  // namespace
}  // namespace vkmembench
