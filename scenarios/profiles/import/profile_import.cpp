#include "scenarios/profiles/import/profile_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "allocator/base/os/input_file.h"
#include "allocator/base/suggest.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/device/device_type.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/profiles/import/device_facts.h"
#include "scenarios/profiles/import/vendor_rules.h"
#include "scenarios/profiles/profile_reader.h"
#include "scenarios/profiles/profile_writer.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

// What PowerShell writes to a file; other planes than the first do not come in what is read.
std::string utf8_of(std::string text) {
  const bool little = text.starts_with("\xff\xfe");
  if (!little && !text.starts_with("\xfe\xff")) return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
  std::string out;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    const auto low = static_cast<unsigned char>(text[i + (little ? 0 : 1)]);
    const auto high = static_cast<unsigned char>(text[i + (little ? 1 : 0)]);
    out.push_back(high == 0 && low < 0x80 ? static_cast<char>(low) : '?');
  }
  return out;
}

// The text of a shipped profile, or of a file.
std::string text_of(const std::string& name) {
  const std::string plain = name.starts_with("sim:") ? name.substr(4) : name;
  for (const EmbeddedFile& file : shipped_profiles())
    if (file.name == plain + ".json") return std::string(file.text);
  if (std::error_code none; std::filesystem::exists(plain, none)) return read_text_file(plain);
  std::vector<std::string_view> names;
  for (const EmbeddedFile& file : shipped_profiles()) names.push_back(file.name.substr(0, file.name.size() - 5));
  throw Error(fmt::format("--like {}: no such profile{}; use {}, or a file", name, did_you_mean(plain, names),
                          fmt::join(names, ", ")));
}

Json flags_json(std::uint32_t flags, std::span<const FlagName> table) {
  Json names = Json::array();
  for (const FlagName& flag : table)
    if ((flags & flag.bit) != 0) names.push_back(flag.name);
  return names;
}

void write_memory(const DeviceFacts& facts, Json& out) {
  out["heaps"] = Json::array();
  for (std::uint32_t i = 0; i < facts.memory.memoryHeapCount; ++i) {
    Json heap = {{"size_bytes", facts.memory.memoryHeaps[i].size},
                 {"flags", flags_json(facts.memory.memoryHeaps[i].flags, heap_flag_names())}};
    if (facts.budgets[i]) heap["budget_bytes"] = *facts.budgets[i];
    out["heaps"].push_back(std::move(heap));
  }
  out["types"] = Json::array();
  for (std::uint32_t i = 0; i < facts.memory.memoryTypeCount; ++i)
    out["types"].push_back({{"heap", facts.memory.memoryTypes[i].heapIndex},
                            {"flags", flags_json(facts.memory.memoryTypes[i].propertyFlags, memory_property_names())}});
}

void write_identity(const DeviceFacts& facts, Json& out) {
  if (!facts.name.empty()) out["name"] = facts.name;
  if (facts.type) out["type"] = device_type_name(*facts.type);
  if (facts.vendor_id != 0) out["vendor_id"] = facts.vendor_id;
  out["device_id"] = facts.device_id;
  if (!facts.driver_name.empty()) out["driver"]["name"] = facts.driver_name;
  if (!facts.driver_info.empty()) out["driver"]["info"] = facts.driver_info;
  if (facts.driver_version != 0) out["driver"]["version"] = facts.driver_version;
  out["uuid"] = fmt::format("{:08x}{:08x}{:08x}{:08x}", facts.vendor_id, facts.device_id, facts.driver_version,
                            facts.api_version);
  if (facts.api_version >= VK_API_VERSION_1_0)
    out["api_version"] = fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(facts.api_version),
                                     VK_API_VERSION_MINOR(facts.api_version), VK_API_VERSION_PATCH(facts.api_version));
}

// Turns off what a device of this version has by an extension only, where the list of extensions lacks that.
void write_features(std::uint32_t api_version, Json& out) {
  const auto require = [&](std::string_view feature, std::string_view extension, std::uint32_t core) {
    const Json& extensions = out["extensions"];
    if (api_version == 0 || api_version >= core || !out["features"].contains(feature)) return;
    if (std::ranges::find(extensions, Json(extension)) == extensions.end())
      out["features"][std::string(feature)] = false;
  };
  require("dedicated_allocation", "VK_KHR_dedicated_allocation", VK_API_VERSION_1_1);
  require("maintenance4", "VK_KHR_maintenance4", VK_API_VERSION_1_3);
  require("update_after_bind", "VK_EXT_descriptor_indexing", VK_API_VERSION_1_2);
  for (const DeviceFeatureInfo& row : kDeviceFeatures) require(row.name, row.extension, row.core);
  if (api_version != 0 && api_version < VK_API_VERSION_1_1) out["features"]["memory_budget"] = false;
  if (!out["features"].value("update_after_bind", false))
    for (const char* limit :
         {"maxPerStageDescriptorUpdateAfterBindStorageBuffers", "maxDescriptorSetUpdateAfterBindStorageBuffers"})
      out["limits"].erase(limit);
}

// Those that a profile holds; a simulated map keeps no larger alignment than a page.
void write_limits(const DeviceFacts& facts, Json& out) {
  constexpr std::uint64_t kPage = 4096;
  for (auto& [name, value] : out["limits"].items()) {
    const auto fact = facts.limits.find(name);
    if (fact == facts.limits.end() || fact->second == 0) continue;
    if (value.is_array()) {
      value = Json::array();
      for (std::uint64_t count = 1; count <= 64; count *= 2)
        if ((fact->second & count) != 0) value.push_back(count);
    } else {
      value = name == "minMemoryMapAlignment" ? std::min(fact->second, kPage) : fact->second;
    }
  }
}

Json indices(std::uint32_t types) {
  Json list = Json::array();
  for (std::uint32_t type = 0; type < VK_MAX_MEMORY_TYPES; ++type)
    if ((types >> type & 1u) != 0) list.push_back(type);
  return list;
}

// The memory types of each rule, and of each exact answer.
void write_types_of_rules(const DeviceFacts& facts, const VkPhysicalDeviceMemoryProperties& like, Json& out) {
  std::uint32_t lazy = 0;
  for (std::uint32_t type = 0; type < facts.memory.memoryTypeCount; ++type)
    if ((facts.memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT) != 0)
      lazy |= 1u << type;
  for (auto& [what, rules] : out["requirements"].items()) {
    for (Json& rule : rules) {
      const auto types = rule.find("memory_types");
      if (types == rule.end()) continue;
      std::uint32_t allowed = 0;
      for (const Json& type : *types) allowed |= 1u << type.get<std::uint32_t>();
      std::uint32_t matching = matching_types(like, allowed, facts.memory);
      if (what == "images") {
        const bool linear = rule.value("tiling", "") == "linear";
        const std::optional<std::uint32_t>& told = linear ? facts.linear_image_types : facts.optimal_image_types;
        if (told && *told != 0) matching = *told | (matching & lazy);
      }
      *types = indices(matching);
    }
  }
}

// The memory types of each curve of costs; curves that no type takes go.
void write_types_of_costs(const DeviceFacts& facts, const VkPhysicalDeviceMemoryProperties& like, Json& out) {
  std::vector<std::uint32_t> nearest;  // by the device's type
  for (std::uint32_t type = 0; type < facts.memory.memoryTypeCount; ++type)
    nearest.push_back(nearest_type(like, facts.memory, type));
  for (auto& [call, cost] : out["costs"].items()) {
    if (!cost.contains("curves")) continue;
    Json curves = Json::array();
    for (const Json& curve : cost["curves"]) {
      Json row = curve;
      if (curve.contains("memory_types")) {
        std::uint32_t types = 0;
        for (std::uint32_t type = 0; type < nearest.size(); ++type)
          for (const Json& other : curve["memory_types"])
            if (other.get<std::uint32_t>() == nearest[type]) types |= 1u << type;
        if (types == 0) continue;
        row["memory_types"] = indices(types);
      }
      curves.push_back(std::move(row));
    }
    if (curves.empty()) curves.push_back({{"points", {{0, 0}}}});  // of memory that the device has not
    cost["curves"] = std::move(curves);
  }
}

std::vector<DeviceFacts> read_facts(std::string_view text, const std::string& file_name, std::string& kind) {
  for (const DeviceFileKind& row : device_file_kinds()) {
    if (!row.matches(text)) continue;
    kind = row.name;
    return row.read(text, file_name);
  }
  std::vector<std::string> known;
  for (const DeviceFileKind& row : device_file_kinds()) known.emplace_back(row.description);
  throw Error(fmt::format("{}: tells of no device; give one of: {}", file_name, fmt::join(known, "; ")));
}

DeviceFacts choose(std::vector<DeviceFacts> devices, const std::string& file_name, std::optional<std::uint64_t> gpu) {
  if (gpu && *gpu < devices.size()) return devices[*gpu];
  if (!gpu && devices.size() == 1) return devices.front();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < devices.size(); ++i) names.push_back(fmt::format("{} {}", i, devices[i].name));
  throw Error(fmt::format("{}: tells of {} device{}; name one by --gpu: {}", file_name, devices.size(),
                          devices.size() == 1 ? "" : "s", fmt::join(names, ", ")));
}

}  // namespace

ImportedProfile import_profile(const std::filesystem::path& file, const ProfileImportOptions& options) {
  return import_profile_text(read_text_file(file), file.string(), options);
}

ImportedProfile import_profile_text(std::string text, const std::string& file_name,
                                    const ProfileImportOptions& options) {
  ImportedProfile imported;
  const DeviceFacts facts =
      choose(read_facts(utf8_of(std::move(text)), file_name, imported.kind), file_name, options.gpu);
  const bool has_memory = facts.memory.memoryHeapCount > 0 && facts.memory.memoryTypeCount > 0;
  if (!has_memory && options.like.empty())
    throw Error(
        fmt::format("{}: tells limits, but neither heaps nor memory types; name a device whose memory it has by "
                    "--like",
                    file_name));
  imported.like =
      options.like.empty()
          ? std::string(profile_for_vendor(facts.vendor_id, facts.type.value_or(VK_PHYSICAL_DEVICE_TYPE_OTHER)))
          : options.like;
  const std::string like_text = text_of(imported.like);
  const DeviceProfile like = parse_profile(like_text, imported.like);
  Json out = Json::parse(like_text);
  write_identity(facts, out);
  if (has_memory) {
    write_memory(facts, out);
    write_types_of_rules(facts, like.memory, out);
    write_types_of_costs(facts, like.memory, out);
  }
  write_limits(facts, out);
  write_features(facts.api_version, out);
  out["description"] =
      fmt::format("Imported from {}; formats, requirements and costs are those of {}.", imported.kind, like.name);
  const std::string source =
      fmt::format("{} ({})", imported.kind, std::filesystem::path(file_name).filename().string());
  const std::string assumed = fmt::format("as {}, a device like it", like.name);
  for (const char* group : {"identity", "memory", "limits", "formats", "requirements", "costs"}) {
    const bool told = std::string_view(group) == "identity" || std::string_view(group) == "limits" ||
                      (std::string_view(group) == "memory" && has_memory);
    out["provenance"][group] = {
        {"kind", told ? "imported" : "assumed"}, {"when", options.when}, {"from", told ? source : assumed}};
  }
  imported.name = out["name"].get<std::string>();
  imported.text = profile_text(parse_profile(out.dump(2, ' ', false, Json::error_handler_t::replace),
                                             fmt::format("{}, as a profile", file_name)));
  return imported;
}

}  // namespace vkmembench
