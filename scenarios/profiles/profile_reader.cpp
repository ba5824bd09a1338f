#include "scenarios/profiles/profile_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <variant>

#include "allocator/base/suggest.h"
#include "allocator/device/device_type.h"
#include "scenarios/json/file_kind.h"
#include "scenarios/json/schema_id.h"
#include "scenarios/profiles/profile_costs.h"
#include "scenarios/profiles/profile_limits.h"
#include "scenarios/profiles/profile_rules.h"

namespace vkmembench {
namespace {

constexpr std::uint32_t kMax32 = std::numeric_limits<std::uint32_t>::max();
constexpr VkDeviceSize kMaxSize = std::numeric_limits<VkDeviceSize>::max();  // drivers report whatever fits

std::uint32_t read_u32(const JsonValue& value, std::uint32_t min = 0) {
  return static_cast<std::uint32_t>(value.integer(min, kMax32));
}

void read_limits(const JsonValue& limits, DeviceProfile& out) {
  constexpr std::string_view kStageBuffers = "maxPerStageDescriptorUpdateAfterBindStorageBuffers";
  constexpr std::string_view kSetBuffers = "maxDescriptorSetUpdateAfterBindStorageBuffers";
  std::vector<std::string_view> keys = {"maxMemoryAllocationSize", "maxBufferSize", "minMemoryMapAlignment"};
  if (out.has_update_after_bind) keys.insert(keys.end(), {kStageBuffers, kSetBuffers});
  for (const LimitRow& row : kLimits) keys.push_back(row.name);
  for (const SampleRow& row : kSampleLimits) keys.push_back(row.name);
  limits.only_keys(keys);
  for (const SampleRow& row : kSampleLimits) {
    if (const auto counts = limits.find(row.name)) out.limits.*row.member = read_samples(*counts);
  }
  for (const LimitRow& row : kLimits) {
    const JsonValue value = limits.at(row.name);
    if (const auto* narrow = std::get_if<std::uint32_t VkPhysicalDeviceLimits::*>(&row.member))
      out.limits.*(*narrow) = read_u32(value, 1);
    else
      out.limits.*std::get<VkDeviceSize VkPhysicalDeviceLimits::*>(row.member) =
          row.power ? read_power(value) : value.integer(1, kMaxSize);
  }
  out.limits.minMemoryMapAlignment = read_power(limits.at("minMemoryMapAlignment"));
  if (out.limits.minMemoryMapAlignment > 4096)
    limits.at("minMemoryMapAlignment").fail("beyond the page of 4096 bytes that a simulated map keeps; lower it");
  out.max_memory_allocation_size = limits.at("maxMemoryAllocationSize").integer(1, kMaxSize);
  if (const auto largest = limits.find("maxBufferSize")) out.max_buffer_size = largest->integer(1, out.max_buffer_size);
  if (!out.has_update_after_bind) return;
  out.max_stage_update_after_bind_storage_buffers = read_u32(limits.at(kStageBuffers), 1);
  out.max_set_update_after_bind_storage_buffers = read_u32(limits.at(kSetBuffers), 1);
}

VkPhysicalDeviceType read_type(const JsonValue& value) {
  const std::string text = value.text();
  if (std::ranges::find(kDeviceTypeNames, text) == kDeviceTypeNames.end())
    value.fail(fmt::format("unknown type '{}'{}; use {}", text, did_you_mean(text, kDeviceTypeNames),
                           fmt::join(kDeviceTypeNames, ", ")));
  return device_type_of(text);
}

std::uint32_t read_api_version(const JsonValue& value) {
  const std::string text = value.text();
  std::uint32_t parts[3] = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int i = 0; i < 3; ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    const bool last = i == 2;
    if (error != std::errc{} || parts[i] >= 1u << (last ? 12 : 7) || (last ? next != end : next == end || *next != '.'))
      value.fail(fmt::format("'{}' is no Vulkan version; write it like 1.3.277", text));
    at = next + 1;
  }
  if (parts[0] != 1) value.fail("a Vulkan version other than 1.x; use 1.0.0 or above");
  return VK_MAKE_API_VERSION(0, parts[0], parts[1], parts[2]);
}

std::string read_uuid(const JsonValue& value) {
  std::string text = value.text();
  if (text.size() != 32 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
    value.fail("needs 32 hex digits in lower case");
  return text;
}

void read_identity(const JsonValue& root, DeviceProfile& out) {
  out.name = root.at("name").text();
  if (out.name.empty()) root.at("name").fail("is empty; name the device");
  if (const auto text = root.find("description")) out.description = text->text();
  out.type = read_type(root.at("type"));
  out.vendor_id = read_u32(root.at("vendor_id"));
  out.device_id = read_u32(root.at("device_id"));
  const JsonValue driver = root.at("driver");
  driver.only_keys({"id", "name", "info", "version"});
  out.driver_id = read_u32(driver.at("id"));
  out.driver_name = driver.at("name").text();
  out.driver_info = driver.at("info").text();
  out.driver_version = read_u32(driver.at("version"));
  out.uuid = read_uuid(root.at("uuid"));
  out.api_version = read_api_version(root.at("api_version"));
}

// An extension gives a feature; from `core` on every device may have it.
void require_offered(const JsonValue& feature, const DeviceProfile& profile, std::string_view extension,
                     std::uint32_t core) {
  if (profile.api_version >= core || std::ranges::find(profile.extensions, extension) != profile.extensions.end())
    return;
  feature.fail(fmt::format("is on, but `extensions` lacks {}; add it or turn the feature off", extension));
}

void read_features(const JsonValue& root, DeviceProfile& out) {
  for (const JsonValue& extension : root.at("extensions").items()) out.extensions.push_back(extension.text());
  if (const auto handles = root.find("external_handles"))
    out.exportable = read_flags(*handles, external_handle_names(), "external handle type");
  const JsonValue features = root.at("features");
  std::vector<std::string_view> known = {"memory_budget",     "memory_priority", "dedicated_allocation", "maintenance4",
                                         "update_after_bind", "sparse_binding",  "sparse_residency"};
  for (const DeviceFeatureInfo& row : kDeviceFeatures) known.push_back(row.name);
  features.only_keys(known);
  const auto take = [&](const JsonValue& feature, std::string_view extension, std::uint32_t core) {
    if (feature.boolean()) require_offered(feature, out, extension, core);
    return feature.boolean();
  };
  const auto read = [&](const char* key, const char* extension, std::uint32_t core) {
    return take(features.at(key), extension, core);
  };
  out.has_memory_budget = read("memory_budget", "VK_EXT_memory_budget", kMax32);
  out.has_memory_priority = read("memory_priority", "VK_EXT_memory_priority", kMax32);
  out.has_dedicated_allocation = read("dedicated_allocation", "VK_KHR_dedicated_allocation", VK_API_VERSION_1_1);
  out.has_maintenance4 = read("maintenance4", "VK_KHR_maintenance4", VK_API_VERSION_1_3);
  if (const auto feature = features.find("update_after_bind"))
    out.has_update_after_bind = take(*feature, "VK_EXT_descriptor_indexing", VK_API_VERSION_1_2);
  if (const auto feature = features.find("sparse_binding")) out.has_sparse_binding = feature->boolean();
  if (const auto feature = features.find("sparse_residency")) {
    out.has_sparse_residency = feature->boolean();
    if (out.has_sparse_residency && !out.has_sparse_binding) feature->fail("needs sparse_binding; turn that on too");
  }
  for (std::size_t i = 0; i < kDeviceFeatureCount; ++i) {
    const DeviceFeatureInfo& row = kDeviceFeatures[i];
    const auto feature = features.find(row.name);
    if (feature && take(*feature, row.extension, row.core)) out.offered.add(static_cast<DeviceFeature>(i));
  }
  if (out.has_memory_budget && out.api_version < VK_API_VERSION_1_1)
    features.at("memory_budget").fail("needs Vulkan 1.1 to be asked for; raise api_version or turn it off");
}

void read_heaps(const JsonValue& heaps, DeviceProfile& out) {
  const std::vector<JsonValue> rows = heaps.items();
  if (rows.empty() || rows.size() > VK_MAX_MEMORY_HEAPS) heaps.fail("needs 1 to 16 heaps");
  for (const JsonValue& row : rows) {
    row.only_keys({"size_bytes", "flags", "budget_bytes"});
    const std::uint32_t index = out.memory.memoryHeapCount++;
    VkMemoryHeap& heap = out.memory.memoryHeaps[index];
    heap.size = row.at("size_bytes").integer(1, kMaxSize >> 1);  // sums of two heaps fit
    heap.flags = read_flags(row.at("flags"), heap_flag_names(), "heap flag");
    const auto budget = row.find("budget_bytes");
    out.budgets[index] = budget ? budget->integer(0, kMaxSize) : heap.size;
  }
}

// The rules of VkMemoryType in the Vulkan specification.
void check_type(const JsonValue& row, const VkMemoryType& type, const VkMemoryHeap& heap) {
  const VkMemoryPropertyFlags flags = type.propertyFlags;
  const bool visible = (flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0;
  if (!visible && (flags & (VK_MEMORY_PROPERTY_HOST_COHERENT_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT)) != 0)
    row.fail("host_coherent or host_cached without host_visible; add it");
  if (visible && (flags & (VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT | VK_MEMORY_PROPERTY_PROTECTED_BIT)) != 0)
    row.fail("host_visible with lazily_allocated or protected; drop one");
  if (((flags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) != 0) != ((heap.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0))
    row.fail(fmt::format("device_local contradicts the flags of heap {}; both say it or neither", type.heapIndex));
}

void read_types(const JsonValue& types, DeviceProfile& out) {
  const std::vector<JsonValue> rows = types.items();
  if (rows.empty() || rows.size() > VK_MAX_MEMORY_TYPES) types.fail("needs 1 to 32 memory types");
  constexpr VkMemoryPropertyFlags kPlain = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  bool has_plain = false;
  for (const JsonValue& row : rows) {
    row.only_keys({"heap", "flags"});
    VkMemoryType& type = out.memory.memoryTypes[out.memory.memoryTypeCount++];
    const JsonValue heap = row.at("heap");
    type.heapIndex = read_u32(heap);
    if (type.heapIndex >= out.memory.memoryHeapCount)
      heap.fail(fmt::format("no heap {}; there are {}", type.heapIndex, out.memory.memoryHeapCount));
    type.propertyFlags = read_flags(row.at("flags"), memory_property_names(), "memory property");
    check_type(row, type, out.memory.memoryHeaps[type.heapIndex]);
    has_plain = has_plain || (type.propertyFlags & kPlain) == kPlain;
  }
  if (!has_plain) types.fail("no host_visible and host_coherent type, which Vulkan demands; add one");
}

void read_provenance(const JsonValue& provenance, DeviceProfile& out) {
  constexpr std::string_view kGroups[] = {"identity", "memory", "limits", "formats", "requirements", "costs"};
  constexpr std::string_view kSources[] = {"captured", "imported", "assumed"};
  provenance.only_keys(kGroups);
  for (const std::string_view group : kGroups) {
    const JsonValue row = provenance.at(group);
    row.only_keys({"kind", "when", "from"});
    const JsonValue kind = row.at("kind");
    if (std::ranges::find(kSources, kind.text()) == std::end(kSources))
      kind.fail(fmt::format("unknown kind '{}'{}; use {}", kind.text(), did_you_mean(kind.text(), kSources),
                            fmt::join(kSources, ", ")));
    out.provenance.push_back({std::string(group), kind.text(), row.at("when").text(), row.at("from").text()});
  }
}

DeviceProfile read_profile(const JsonDocument& document) {
  const JsonValue root = document.root();
  check_schema(root, kDeviceSchema);
  root.only_keys({"schema", "name", "description", "type", "vendor_id", "device_id", "driver", "uuid", "api_version",
                  "extensions", "features", "external_handles", "heaps", "types", "limits", "formats", "requirements",
                  "costs", "provenance"});
  DeviceProfile out;
  read_identity(root, out);
  read_features(root, out);
  read_heaps(root.at("heaps"), out);
  read_types(root.at("types"), out);
  read_limits(root.at("limits"), out);
  read_format_rules(root.at("formats"), out);
  read_requirements(root.at("requirements"), out);
  read_costs(root.at("costs"), out);
  read_provenance(root.at("provenance"), out);
  return out;
}

}  // namespace

DeviceProfile load_profile(const std::filesystem::path& file) {
  return parse_profile(read_text_file(file), file.string());
}

DeviceProfile parse_profile(std::string_view text, const std::string& file_name) {
  refuse_other_kind(text, file_name, schema_name(kDeviceSchema));
  return read_profile(JsonDocument::parse(text, file_name));
}

}  // namespace vkmembench
