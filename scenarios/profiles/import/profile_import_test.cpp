#include "scenarios/profiles/import/profile_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/profiles/import/vendor_rules.h"
#include "scenarios/profiles/profile_reader.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

// As vulkaninfo has laid it out since 2020.
constexpr std::string_view kNew = R"(==========
VULKANINFO
==========
Vulkan Instance Version: 1.3.277

Device Properties and Extensions:
=================================
GPU0:
VkPhysicalDeviceProperties:
---------------------------
	apiVersion        = 1.3.260 (4206852)
	driverVersion     = 535.54.3.0 (2246943936)
	vendorID          = 0x10de
	deviceID          = 0x1c82
	deviceType        = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU
	deviceName        = Imagined GTX
VkPhysicalDeviceLimits:
-----------------------
	maxImageDimension2D                   = 16384
	maxMemoryAllocationCount              = 4096
	bufferImageGranularity                = 0x00000400
	framebufferColorSampleCounts:         count = 2
		SAMPLE_COUNT_1_BIT
		SAMPLE_COUNT_4_BIT
	nonCoherentAtomSize                   = 128
VkPhysicalDeviceMaintenance3Properties:
---------------------------------------
	maxMemoryAllocationSize = 0xffe00000
VkPhysicalDeviceMemoryProperties:
=================================
memoryHeaps: count = 2
	memoryHeaps[0]:
		size   = 4294967296 (0x100000000) (4.00 GiB)
		budget = 3758096384 (0xe0000000) (3.50 GiB)
		usage  = 0 (0x00000000) (0.00 B)
		flags: count = 1
			MEMORY_HEAP_DEVICE_LOCAL_BIT
	memoryHeaps[1]:
		size   = 8589934592 (0x200000000) (8.00 GiB)
		budget = 8589934592 (0x200000000) (8.00 GiB)
		usage  = 0 (0x00000000) (0.00 B)
		flags:
			None
memoryTypes: count = 5
	memoryTypes[0]:
		heapIndex     = 1
		propertyFlags = 0x0000:
			None
		usable for:
			IMAGE_TILING_OPTIMAL:
				color images
			IMAGE_TILING_LINEAR:
				color images
	memoryTypes[1]:
		heapIndex     = 1
		propertyFlags = 0x0000:
			None
		usable for:
			IMAGE_TILING_OPTIMAL:
				FORMAT_D16_UNORM
			IMAGE_TILING_LINEAR:
				None
	memoryTypes[2]:
		heapIndex     = 0
		propertyFlags = 0x0001: count = 1
			MEMORY_PROPERTY_DEVICE_LOCAL_BIT
		usable for:
			IMAGE_TILING_OPTIMAL:
				color images
				FORMAT_D16_UNORM
			IMAGE_TILING_LINEAR:
				color images
	memoryTypes[3]:
		heapIndex     = 1
		propertyFlags = 0x0006: count = 2
			MEMORY_PROPERTY_HOST_VISIBLE_BIT
			MEMORY_PROPERTY_HOST_COHERENT_BIT
		usable for:
			IMAGE_TILING_OPTIMAL:
				None
			IMAGE_TILING_LINEAR:
				color images
	memoryTypes[4]:
		heapIndex     = 1
		propertyFlags = 0x000e: count = 3
			MEMORY_PROPERTY_HOST_VISIBLE_BIT
			MEMORY_PROPERTY_HOST_COHERENT_BIT
			MEMORY_PROPERTY_HOST_CACHED_BIT
		usable for:
			IMAGE_TILING_OPTIMAL:
				None
			IMAGE_TILING_LINEAR:
				color images

VkPhysicalDeviceFeatures:
=========================
	robustBufferAccess = true
)";

// As before.
constexpr std::string_view kOld = R"(VULKANINFO
Device Properties and Extensions :
==================================
GPU0
VkPhysicalDeviceProperties:
===========================
	apiVersion     = 0x401066  (1.1.102)
	driverVersion  = 79691776 (0x4c00000)
	vendorID       = 0x1002
	deviceID       = 0x67df
	deviceType     = DISCRETE_GPU
	deviceName     = Imagined RX
	VkPhysicalDeviceLimits:
	-----------------------
		maxImageDimension2D                     = 16384
		bufferImageGranularity                  = 0x1
VkPhysicalDeviceMemoryProperties:
=================================
	memoryHeapCount       = 2
	memoryHeaps[0] :
		size          = 8321499136 (0x1f0000000) (7.75 GiB)
		flags:
			VK_MEMORY_HEAP_DEVICE_LOCAL_BIT
	memoryHeaps[1] :
		size          = 8589934592 (0x200000000) (8.00 GiB)
		flags:
			None
	memoryTypeCount       = 2
	memoryTypes[0] :
		heapIndex     = 0
		propertyFlags = 0x1:
			VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT
	memoryTypes[1] :
		heapIndex     = 1
		propertyFlags = 0x6:
			VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT
			VK_MEMORY_PROPERTY_HOST_COHERENT_BIT
)";

constexpr std::string_view kVkconfig = R"json({
  "Vulkan Instance Version": "1.3.277",
  "Device Properties and Extensions": {
    "GPU0": {
      "VkPhysicalDeviceProperties": {
        "apiVersion": "1.3.255 (4206847)",
                           "driverVersion" : "96468993 (0x5c00001)",
                           "vendorID" : "0x8086",
                           "deviceID" : "0x9a49",
                           "deviceType" : "PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU",
                           "deviceName" : "Imagined Iris",
                           "limits" : {
  "bufferImageGranularity" : "0x00000040", "maxMemoryAllocationCount" : "4294967295"
}
}
, "VkPhysicalDeviceMemoryProperties" : {
  "memoryHeaps" : {
    "memoryHeaps[0]" : {
      "size" : "8000000000 (0x1dcd65000) (7.45 GiB)",
      "budget" : "7000000000 (0x1a13b8600) (6.52 GiB)",
      "flags" : ["MEMORY_HEAP_DEVICE_LOCAL_BIT"]
    }
  },
                  "memoryTypes" : {
    "memoryTypes[0]" : { "heapIndex" : 0, "propertyFlags = 0x000f" : ["MEMORY_PROPERTY_DEVICE_LOCAL_BIT"] }
  }
}
}
}
})json";

constexpr std::string_view kSimulation = R"({
  "VkPhysicalDeviceProperties": { "apiVersion": 4202496, "driverVersion": 1, "vendorID": 5045, "deviceID": 1879179264, "deviceType": 1,
    "deviceName": "Imagined Mali", "limits": { "bufferImageGranularity": 4096, "lineWidthRange": [1.0, 8.0], "maxSamplerLodBias": 255.99 } },
  "VkPhysicalDeviceMemoryProperties": {
    "memoryHeaps": [ { "flags": 1, "size": 4000000000 } ],
    "memoryTypes": [ { "heapIndex": 0, "propertyFlags": 1 }, { "heapIndex": 0, "propertyFlags": 7 }, { "heapIndex": 0, "propertyFlags": 17 } ] }
})";

constexpr std::string_view kCapsViewer = R"({
  "deviceproperties": { "devicename": "Imagined Arc", "vendorid": 32902, "deviceid": 22176, "apiversion": "1.3.268", "driverversionraw": 7,
    "devicetype": "PHYSICAL_DEVICE_TYPE_DISCRETE_GPU", "limits": { "bufferImageGranularity": "0x1", "nonCoherentAtomSize": 64 } },
  "memory": { "memoryHeaps": [ { "flags": 1, "size": "0x3b0000000" }, { "flags": 0, "size": "0x400000000" } ],
              "memoryTypes": [ { "heapIndex": 0, "propertyFlags": 1 }, { "heapIndex": 1, "propertyFlags": 14 } ] }
})";

constexpr std::string_view kProfile = R"({
  "$schema": "a schema", "capabilities": { "device": { "properties": {
    "VkPhysicalDeviceProperties": { "apiVersion": 4206592, "vendorID": 4098, "deviceID": 29695, "deviceType": "VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU",
      "deviceName": "Imagined Navi", "limits": { "maxMemoryAllocationCount": 1234 } } } } }
})";

DeviceProfile imported(std::string_view text,
                       const ProfileImportOptions& options = {.gpu = {}, .like = {}, .when = "2026-01-01"}) {
  return parse_profile(import_profile_text(std::string(text), "dump", options).text, "imported");
}
std::string refusal(std::string_view text, const ProfileImportOptions& options = {}) {
  return error_of([&] { (void)imported(text, options); });
}

TEST(ProfileImport, TakesIdentityMemoryAndLimitsFromVulkaninfo) {
  const DeviceProfile profile = imported(kNew);
  EXPECT_EQ(profile.name, "Imagined GTX");
  EXPECT_EQ(profile.type, VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU);
  EXPECT_EQ(profile.vendor_id, 0x10deu);
  EXPECT_EQ(profile.device_id, 0x1c82u);
  EXPECT_EQ(profile.api_version, VK_MAKE_API_VERSION(0, 1, 3, 260));
  EXPECT_EQ(profile.driver_version, 2246943936u);
  ASSERT_EQ(profile.memory.memoryHeapCount, 2u);
  EXPECT_EQ(profile.memory.memoryHeaps[0].size, Bytes{4} * kGiB);
  EXPECT_EQ(profile.memory.memoryHeaps[0].flags, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT);
  EXPECT_EQ(profile.memory.memoryHeaps[1].flags, 0u);
  EXPECT_EQ(profile.budgets[0], 3758096384u);
  ASSERT_EQ(profile.memory.memoryTypeCount, 5u);
  EXPECT_EQ(profile.memory.memoryTypes[4].propertyFlags, 14u);
  EXPECT_EQ(profile.memory.memoryTypes[4].heapIndex, 1u);
  EXPECT_EQ(profile.limits.maxMemoryAllocationCount, 4096u);
  EXPECT_EQ(profile.limits.bufferImageGranularity, 1024u);
  EXPECT_EQ(profile.limits.nonCoherentAtomSize, 128u);
  EXPECT_EQ(profile.limits.framebufferColorSampleCounts, 5u);
  EXPECT_EQ(profile.max_memory_allocation_size, 0xffe00000u);
}

// Optimal and linear images as it says; buffers without the repeated type.
TEST(ProfileImport, TakesTheTypesOfImagesFromVulkaninfo) {
  const DeviceProfile profile = imported(kNew);
  for (const ImageRule& rule : profile.images)
    EXPECT_EQ(rule.answer.memory_type_bits, rule.tiling == VK_IMAGE_TILING_LINEAR ? 0b11101u : 0b00101u);
  for (const BufferRule& rule : profile.buffers) EXPECT_EQ(rule.answer.memory_type_bits, 0b11101u);
}

TEST(ProfileImport, SaysOfEachGroupWhereItIsFrom) {
  for (const Provenance& row : imported(kNew).provenance) {
    const bool told = row.group == "identity" || row.group == "memory" || row.group == "limits";
    EXPECT_EQ(row.kind, told ? "imported" : "assumed") << row.group;
    EXPECT_THAT(row.from, HasSubstr(told ? "vulkaninfo (dump)" : "NVIDIA GeForce RTX 3090")) << row.group;
    EXPECT_EQ(row.when, "2026-01-01");
  }
}

TEST(ProfileImport, ReadsOldVulkaninfo) {
  const DeviceProfile profile = imported(kOld);
  EXPECT_EQ(profile.name, "Imagined RX");
  EXPECT_EQ(profile.api_version, VK_MAKE_API_VERSION(0, 1, 1, 102));
  EXPECT_EQ(profile.memory.memoryHeapCount, 2u);
  EXPECT_EQ(profile.memory.memoryHeaps[0].size, 8321499136u);
  EXPECT_EQ(profile.memory.memoryTypes[1].propertyFlags, 6u);
  EXPECT_EQ(profile.limits.bufferImageGranularity, 1u);
}

TEST(ProfileImport, ReadsWhatPowerShellWrites) {
  std::string wide = "\xff\xfe";
  for (const char c : kOld) wide += {c, '\0'};
  EXPECT_EQ(imported(wide).name, "Imagined RX");
}

TEST(ProfileImport, ReadsVkconfig) {
  const DeviceProfile profile = imported(kVkconfig);
  EXPECT_EQ(profile.name, "Imagined Iris");
  EXPECT_EQ(profile.memory.memoryHeaps[0].size, 8'000'000'000u);
  EXPECT_EQ(profile.budgets[0], 7'000'000'000u);
  EXPECT_EQ(profile.memory.memoryTypes[0].propertyFlags, 15u);
  EXPECT_EQ(profile.limits.bufferImageGranularity, 64u);
}

TEST(ProfileImport, ReadsDeviceSimulation) {
  const DeviceProfile profile = imported(kSimulation);
  EXPECT_EQ(profile.name, "Imagined Mali");
  EXPECT_EQ(profile.type, VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU);
  EXPECT_EQ(profile.memory.memoryTypeCount, 3u);
  EXPECT_EQ(profile.limits.bufferImageGranularity, 4096u);
  for (const BufferRule& rule : profile.buffers) EXPECT_EQ(rule.answer.memory_type_bits & 0b100u, 0u);  // lazy
}

TEST(ProfileImport, ReadsCapsViewer) {
  const DeviceProfile profile = imported(kCapsViewer);
  EXPECT_EQ(profile.name, "Imagined Arc");
  EXPECT_EQ(profile.memory.memoryHeaps[0].size, 0x3b0000000u);
  EXPECT_EQ(profile.memory.memoryTypes[1].propertyFlags, 14u);
  EXPECT_EQ(profile.limits.bufferImageGranularity, 1u);
}

TEST(ProfileImport, TakesMemoryFromAnotherWhereAFileHasNone) {
  EXPECT_THAT(refusal(kProfile), HasSubstr("neither heaps nor memory types"));
  const DeviceProfile profile = imported(kProfile, {.gpu = {}, .like = "sim:amd-rx-6600", .when = "2026-01-01"});
  EXPECT_EQ(profile.name, "Imagined Navi");
  EXPECT_EQ(profile.limits.maxMemoryAllocationCount, 1234u);
  EXPECT_EQ(profile.memory.memoryHeapCount, 3u);
  EXPECT_EQ(profile.provenance[1].kind, "assumed");
}

TEST(ProfileImport, AsksWhichOfSeveral) {
  std::string two(kNew);
  std::string second(kNew.substr(kNew.find("GPU0:")));
  second.replace(0, 5, "GPU1:");
  second.replace(second.find("Imagined GTX"), 12, "Imagined RTX");
  two += second;
  EXPECT_THAT(refusal(two), HasSubstr("tells of 2 devices; name one by --gpu: 0 Imagined GTX, 1 Imagined RTX"));
  EXPECT_EQ(imported(two, {.gpu = 1, .like = {}, .when = {}}).name, "Imagined RTX");
  EXPECT_THAT(refusal(two, {.gpu = 2, .like = {}, .when = {}}), HasSubstr("tells of 2 devices"));
}

struct Bad {
  const char* name;
  std::string text;
  const char* says;
};
std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  return out.replace(out.find(from), from.size(), to);
}
class BadDeviceFiles : public testing::TestWithParam<Bad> {};
INSTANTIATE_TEST_SUITE_P(
    Table, BadDeviceFiles,
    testing::Values(Bad{"empty", "", "tells of no device"}, Bad{"foreign", "name,size\n1,2\n", "tells of no device"},
                    Bad{"cut", std::string(kNew.substr(0, kNew.find("memoryTypes:"))),
                        "no device with a name, heaps and memory"},
                    Bad{"no_heaps", "VkPhysicalDeviceMemoryProperties:\n\tdeviceName = x\n", "no device with a name"},
                    Bad{"missing_heap", with(kNew, "heapIndex     = 1", "heapIndex     = 7"), "no heap 7"},
                    Bad{"empty_heap", with(kNew, "size   = 4294967296", "size   = 0"), "size_bytes"},
                    Bad{"granularity_of_three", with(kNew, "0x00000400", "3"), "power of two"},
                    Bad{"cut_json", std::string(kVkconfig.substr(0, kVkconfig.size() / 2)), "dump"},
                    Bad{"heap_without_size", with(kSimulation, "\"size\"", "\"sise\""), "'size' is missing"},
                    Bad{"size_of_words", with(kCapsViewer, "\"0x3b0000000\"", "\"many\""), "is no number"}),
    [](const auto& row) { return row.param.name; });
TEST_P(BadDeviceFiles, AreRefusedWithTheReason) { EXPECT_THAT(refusal(GetParam().text), HasSubstr(GetParam().says)); }

// AMD lists types again for 32-bit addresses; buffers may not live there.
TEST(VendorRules, MatchTypesByTheirProperties) {
  VkPhysicalDeviceMemoryProperties like{};
  like.memoryTypeCount = 3;
  like.memoryTypes[0] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0};
  like.memoryTypes[1] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, 1};
  like.memoryTypes[2] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT, 0};
  VkPhysicalDeviceMemoryProperties device{};
  device.memoryTypeCount = 5;
  device.memoryTypes[0] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, 0};
  device.memoryTypes[1] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 1};
  device.memoryTypes[2] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 1};
  device.memoryTypes[3] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, 1};
  device.memoryTypes[4] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_PROTECTED_BIT, 1};
  EXPECT_EQ(matching_types(like, 0b001, device), 0b01010u);
  EXPECT_EQ(matching_types(like, 0b011, device), 0b01011u);
  EXPECT_EQ(matching_types(like, 0b100, device), 0b01000u);
}

}  // namespace
}  // namespace vkmembench
