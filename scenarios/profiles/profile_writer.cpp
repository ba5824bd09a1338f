#include "scenarios/profiles/profile_writer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "allocator/base/vulkan_names.h"
#include "allocator/device/device_type.h"
#include "scenarios/profiles/profile_limits.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

Json flag_names(std::uint32_t flags, std::span<const FlagName> table) {
  Json names = Json::array();
  for (const std::string_view name : names_of(flags, table)) names.push_back(name);
  return names;
}

Json type_numbers(std::uint32_t bits) {
  Json numbers = Json::array();
  for (std::uint32_t type = 0; type < VK_MAX_MEMORY_TYPES; ++type)
    if ((bits >> type & 1u) != 0) numbers.push_back(type);
  return numbers;
}

Json sample_counts(VkSampleCountFlags counts) {
  Json list = Json::array();
  for (std::uint32_t count = 1; count <= 64; count *= 2)
    if ((counts & count) != 0) list.push_back(count);
  return list;
}

std::string_view tiling_name(VkImageTiling tiling) { return tiling == VK_IMAGE_TILING_LINEAR ? "linear" : "optimal"; }

void write_answer(const RequirementAnswer& answer, Json& out) {
  out["alignment"] = answer.alignment;
  if (answer.size_rounding != 1) out["size_rounding"] = answer.size_rounding;
  if (answer.extra_bytes != 0) out["extra_bytes"] = answer.extra_bytes;
  out["memory_types"] = type_numbers(answer.memory_type_bits);
  if (answer.prefers_dedicated && answer.prefers_dedicated_from > 0)
    out["prefers_dedicated_from_bytes"] = answer.prefers_dedicated_from;
  else if (answer.prefers_dedicated)
    out["prefers_dedicated"] = true;
  if (answer.requires_dedicated) out["requires_dedicated"] = true;
}

Json buffer_rule(const BufferRule& rule) {
  Json out = Json::object();
  if (rule.any_usage != 0) out["usage"] = flag_names(rule.any_usage, buffer_usage_names());
  write_answer(rule.answer, out);
  return out;
}

Json image_rule(const ImageRule& rule) {
  Json out = Json::object();
  if (!rule.formats.empty()) out["formats"] = rule.formats;
  if (rule.tiling) out["tiling"] = tiling_name(*rule.tiling);
  if (rule.any_usage != 0) out["usage"] = flag_names(rule.any_usage, image_usage_names());
  if (rule.samples != 0) out["samples"] = sample_counts(rule.samples);
  if (rule.min_bytes != 0) out["min_bytes"] = rule.min_bytes;
  if (rule.max_bytes != ~Bytes{0}) out["max_bytes"] = rule.max_bytes;
  if (rule.tile_bytes != 1) out["tile_bytes"] = rule.tile_bytes;
  if (rule.tile_width_bytes != 0) out["tile_width_bytes"] = rule.tile_width_bytes;
  if (rule.max_tile_bytes != 0) out["max_tile_bytes"] = rule.max_tile_bytes;
  if (rule.mips != MipLayout::stacked) out["mips"] = rule.mips == MipLayout::tail ? "tail" : "beside";
  if (rule.mip_rounding != 1) out["mip_rounding"] = rule.mip_rounding;
  if (rule.whole_layers) out["whole_layers"] = true;
  if (rule.plane_rounding != 1) out["plane_rounding"] = rule.plane_rounding;
  if (rule.metadata_divisor != 0) out["metadata_divisor"] = rule.metadata_divisor;
  if (rule.metadata_rounding != 1) out["metadata_rounding"] = rule.metadata_rounding;
  write_answer(rule.answer, out);
  return out;
}

// A row of the exact table: the request by what it is for, and its answer, whose size holds rounding and extra bytes.
template <typename Row>
Json exact(const char* kind, Json request, const Row& row) {
  Json out = {{kind, std::move(request)}, {"size_bytes", row.required_bytes}};
  write_answer(row.answer, out);
  out.erase("size_rounding");
  out.erase("extra_bytes");
  return out;
}

Json exact_buffer(const ExactBuffer& row) {
  Json request = {{"size_bytes", row.size}};
  if (row.usage != 0) request["usage"] = flag_names(row.usage, buffer_usage_names());
  return exact("buffer", std::move(request), row);
}

Json exact_image(const ExactImage& row) {
  Json request = {{"format", format_info(row.format).name},
                  {"extent", {row.extent.width, row.extent.height, row.extent.depth}}};
  if (row.tiling != VK_IMAGE_TILING_OPTIMAL) request["tiling"] = tiling_name(row.tiling);
  if (row.mips != 1) request["mips"] = row.mips;
  if (row.layers != 1) request["layers"] = row.layers;
  if (row.samples != VK_SAMPLE_COUNT_1_BIT) request["samples"] = static_cast<unsigned>(row.samples);
  if (row.usage != 0) request["usage"] = flag_names(row.usage, image_usage_names());
  if (row.flags != 0) request["flags"] = flag_names(row.flags, image_flag_names());
  return exact("image", std::move(request), row);
}

Json cost(const CallCost& call) {
  Json out = Json::object();
  if (call.curves.empty()) {
    out["base_ns"] = call.base_ns;
    if (call.ns_per_mib != 0) out["ns_per_mib"] = call.ns_per_mib;
    return out;
  }
  for (const CostCurve& curve : call.curves) {
    Json row = Json::object();
    if (curve.memory_types != 0) row["memory_types"] = type_numbers(curve.memory_types);
    if (curve.dedicated) row["dedicated"] = true;
    if (curve.image_usages != 0) row["image_usages"] = flag_names(curve.image_usages, image_usage_names());
    for (const CostPoint& point : curve.points) {
      Json& made = row["points"].emplace_back(Json::array({point.bytes, point.ns}));
      if (point.high_ns == 0) continue;
      made.push_back(point.low_ns);
      made.push_back(point.high_ns);
    }
    out["curves"].push_back(std::move(row));
  }
  return out;
}

void write_identity(const DeviceProfile& profile, Json& out) {
  out["schema"] = "vkmembench.device/1";
  out["name"] = profile.name;
  if (!profile.description.empty()) out["description"] = profile.description;
  out["type"] = device_type_name(profile.type);
  out["vendor_id"] = profile.vendor_id;
  out["device_id"] = profile.device_id;
  out["driver"] = {{"id", profile.driver_id},
                   {"name", profile.driver_name},
                   {"info", profile.driver_info},
                   {"version", profile.driver_version}};
  out["uuid"] = profile.uuid;
  const std::uint32_t version = profile.api_version;
  out["api_version"] = fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version),
                                   VK_API_VERSION_PATCH(version));
}

void write_features(const DeviceProfile& profile, Json& out) {
  out["extensions"] = profile.extensions;
  if (profile.exportable != 0) out["external_handles"] = flag_names(profile.exportable, external_handle_names());
  Json& features = out["features"];
  features["memory_budget"] = profile.has_memory_budget;
  features["memory_priority"] = profile.has_memory_priority;
  features["dedicated_allocation"] = profile.has_dedicated_allocation;
  features["maintenance4"] = profile.has_maintenance4;
  features["update_after_bind"] = profile.has_update_after_bind;
  features["sparse_binding"] = profile.has_sparse_binding;
  features["sparse_residency"] = profile.has_sparse_residency;
  for (std::size_t i = 0; i < kDeviceFeatureCount; ++i)
    if (profile.offered.has(static_cast<DeviceFeature>(i))) features[std::string(kDeviceFeatures[i].name)] = true;
}

void write_memory(const DeviceProfile& profile, Json& out) {
  out["heaps"] = Json::array();
  for (std::uint32_t heap = 0; heap < profile.memory.memoryHeapCount; ++heap)
    out["heaps"].push_back({{"size_bytes", profile.memory.memoryHeaps[heap].size},
                            {"flags", flag_names(profile.memory.memoryHeaps[heap].flags, heap_flag_names())},
                            {"budget_bytes", profile.budgets[heap]}});
  out["types"] = Json::array();
  for (std::uint32_t type = 0; type < profile.memory.memoryTypeCount; ++type)
    out["types"].push_back(
        {{"heap", profile.memory.memoryTypes[type].heapIndex},
         {"flags", flag_names(profile.memory.memoryTypes[type].propertyFlags, memory_property_names())}});
}

void write_limits(const DeviceProfile& profile, Json& out) {
  Json& limits = out["limits"];
  for (const LimitRow& row : kLimits) {
    Json& value = limits[std::string(row.name)];
    std::visit([&](auto member) { value = profile.limits.*member; }, row.member);
  }
  for (const SampleRow& row : kSampleLimits)
    if (profile.limits.*row.member != 0) limits[std::string(row.name)] = sample_counts(profile.limits.*row.member);
  limits["minMemoryMapAlignment"] = profile.limits.minMemoryMapAlignment;
  limits["maxMemoryAllocationSize"] = profile.max_memory_allocation_size;
  if (profile.max_buffer_size != DeviceProfile{}.max_buffer_size) limits["maxBufferSize"] = profile.max_buffer_size;
  if (!profile.has_update_after_bind) return;
  limits["maxPerStageDescriptorUpdateAfterBindStorageBuffers"] = profile.max_stage_update_after_bind_storage_buffers;
  limits["maxDescriptorSetUpdateAfterBindStorageBuffers"] = profile.max_set_update_after_bind_storage_buffers;
}

void write_formats(const DeviceProfile& profile, Json& out) {
  out["formats"] = Json::array();
  for (const FormatRule& rule : profile.formats) {
    Json row = {{"formats", rule.formats},
                {"optimal", flag_names(rule.optimal, image_usage_names())},
                {"linear", flag_names(rule.linear, image_usage_names())}};
    if (rule.samples != VK_SAMPLE_COUNT_1_BIT) row["samples"] = sample_counts(rule.samples);
    if (rule.max_extent != 0) row["max_extent"] = rule.max_extent;
    out["formats"].push_back(std::move(row));
  }
}

// A member a line, and of lists an element a line.
std::string laid_out(const Json& root) {
  std::string text = "{\n";
  for (auto member = root.begin(); member != root.end(); ++member) {
    text += fmt::format("  {}: ", Json(member.key()).dump());
    const bool open = member->is_structured() && member->size() > 1 && member.key() != "driver";
    if (!open) {
      text += member->dump();
    } else {
      text += member->is_array() ? "[\n" : "{\n";
      for (auto part = member->begin(); part != member->end(); ++part) {
        text += "    ";
        if (member->is_object()) text += Json(part.key()).dump() + ": ";
        if (member.key() == "requirements") {
          text += "[\n";
          for (std::size_t i = 0; i < part->size(); ++i)
            text += fmt::format("      {}{}\n", (*part)[i].dump(), i + 1 < part->size() ? "," : "");
          text += "    ]";
        } else {
          text += part->dump();
        }
        text += std::next(part) != member->end() ? ",\n" : "\n";
      }
      text += member->is_array() ? "  ]" : "  }";
    }
    text += std::next(member) != root.end() ? ",\n" : "\n";
  }
  return text + "}\n";
}

}  // namespace

std::string profile_text(const DeviceProfile& profile) {
  Json out;
  write_identity(profile, out);
  write_features(profile, out);
  write_memory(profile, out);
  write_limits(profile, out);
  write_formats(profile, out);
  Json& requirements = out["requirements"];
  for (const BufferRule& rule : profile.buffers) requirements["buffers"].push_back(buffer_rule(rule));
  for (const ImageRule& rule : profile.images) requirements["images"].push_back(image_rule(rule));
  for (const ExactBuffer& row : profile.exact_buffers) requirements["exact"].push_back(exact_buffer(row));
  for (const ExactImage& row : profile.exact_images) requirements["exact"].push_back(exact_image(row));
  out["costs"] = Json::object();
  for (std::size_t call = 0; call < kEntryPointCount; ++call) {
    const CallCost& row = profile.costs[call];
    if (row.base_ns != 0 || row.ns_per_mib != 0 || !row.curves.empty())
      out["costs"][std::string(kEntryPointNames[call])] = cost(row);
  }
  for (const Provenance& row : profile.provenance)
    out["provenance"][row.group] = {{"kind", row.kind}, {"when", row.when}, {"from", row.from}};
  return laid_out(out);
}

}  // namespace vkmembench
