#include "bench/cli/profile_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "allocator/base/vulkan_names.h"
#include "allocator/device/device_type.h"
#include "reports/text/printable.h"
#include "reports/text/text_table.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

constexpr std::array<Bytes, 4> kShownSizes = {0, 64 * kKiB, 16 * kMiB, 256 * kMiB};

std::string bytes_text(Bytes bytes) { return format_bytes(static_cast<double>(bytes)); }

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

std::string types_text(std::uint32_t bits) {
  std::string out;
  for (std::uint32_t type = 0; type < VK_MAX_MEMORY_TYPES; ++type)
    if ((bits >> type & 1u) != 0) out += fmt::format("{}{}", out.empty() ? "" : ",", type);
  return out;
}

std::string heaps(const DeviceProfile& profile) {
  TextTable table{{"heap", "flags", "size", "budget"}, {}, 2};
  for (std::uint32_t i = 0; i < profile.memory.memoryHeapCount; ++i) {
    const VkMemoryHeap& heap = profile.memory.memoryHeaps[i];
    table.rows.push_back({std::to_string(i),
                          or_dash(fmt::format("{}", fmt::join(names_of(heap.flags, heap_flag_names()), " "))),
                          bytes_text(heap.size), bytes_text(profile.budgets[i])});
  }
  return plain_table(table);
}

std::string types(const DeviceProfile& profile) {
  TextTable table{{"type", "heap", "properties"}, {}, 3};
  for (std::uint32_t i = 0; i < profile.memory.memoryTypeCount; ++i) {
    const VkMemoryType& type = profile.memory.memoryTypes[i];
    table.rows.push_back(
        {std::to_string(i), std::to_string(type.heapIndex),
         or_dash(fmt::format("{}", fmt::join(names_of(type.propertyFlags, memory_property_names()), " ")))});
  }
  return plain_table(table);
}

std::string limits(const DeviceProfile& profile) {
  const VkPhysicalDeviceLimits& limits = profile.limits;
  const auto most = [](Bytes bytes) { return bytes == ~Bytes{0} ? std::string("unlimited") : bytes_text(bytes); };
  return plain_table({{"limit", "value"},
                      {{"memory objects", format_count(limits.maxMemoryAllocationCount)},
                       {"one memory object", most(profile.max_memory_allocation_size)},
                       {"one buffer", most(profile.max_buffer_size)},
                       {"buffer-image granularity", bytes_text(limits.bufferImageGranularity)},
                       {"flush atom", bytes_text(limits.nonCoherentAtomSize)},
                       {"2D image side", format_count(limits.maxImageDimension2D)}}});
}

std::vector<std::string> answer_cells(const RequirementAnswer& answer) {
  return {types_text(answer.memory_type_bits),
          answer.requires_dedicated            ? "required"
          : !answer.prefers_dedicated          ? "-"
          : answer.prefers_dedicated_from == 0 ? "preferred"
                                               : "preferred from " + bytes_text(answer.prefers_dedicated_from),
          bytes_text(answer.alignment), bytes_text(answer.size_rounding)};
}

std::string rules(const DeviceProfile& profile) {
  TextTable table{{"rule of", "for", "types", "dedicated", "alignment", "rounded to"}, {}, 4};
  const auto row = [&](const char* kind, std::string what, const RequirementAnswer& answer) {
    std::vector<std::string> cells{kind, what.empty() ? "any" : std::move(what)};
    std::ranges::copy(answer_cells(answer), std::back_inserter(cells));
    table.rows.push_back(std::move(cells));
  };
  for (const BufferRule& rule : profile.buffers)
    row("buffers", fmt::format("{}", fmt::join(names_of(rule.any_usage, buffer_usage_names()), " ")), rule.answer);
  for (const ImageRule& rule : profile.images) {
    std::vector<std::string> parts(rule.formats);
    if (parts.size() > 3) parts = {parts[0], parts[1], fmt::format("and {} more formats", parts.size() - 2)};
    if (rule.tiling) parts.emplace_back(*rule.tiling == VK_IMAGE_TILING_LINEAR ? "linear" : "optimal");
    for (const std::string_view usage : names_of(rule.any_usage, image_usage_names())) parts.emplace_back(usage);
    if (rule.samples != 0) {
      std::vector<std::uint32_t> counts;
      for (std::uint32_t count = 1; count <= 64; count *= 2)
        if ((rule.samples & count) != 0) counts.push_back(count);
      parts.push_back(fmt::format("of {} sample{}", fmt::join(counts, " or "), counts == std::vector{1u} ? "" : "s"));
    }
    if (rule.min_bytes != 0) parts.push_back("from " + bytes_text(rule.min_bytes));
    if (rule.max_bytes != ~Bytes{0}) parts.push_back("to " + bytes_text(rule.max_bytes));
    row("images", fmt::format("{}", fmt::join(parts, " ")), rule.answer);
  }
  return plain_table(table) + fmt::format("  Kept one by one, before the rules: {} buffers, {} images.\n",
                                          format_count(profile.exact_buffers.size()),
                                          format_count(profile.exact_images.size()));
}

// Whether the size that a call costs by counts bytes, and not descriptors.
bool goes_by_bytes(EntryPoint entry) {
  return entry != EntryPoint::create_descriptor_pool && entry != EntryPoint::update_descriptor_sets;
}

// "types 1, dedicated, color_attachment": what a curve speaks of.
std::string subject_text(const CostCurve& curve) {
  std::vector<std::string> parts;
  if (curve.memory_types != 0) parts.push_back("types " + types_text(curve.memory_types));
  if (curve.dedicated) parts.emplace_back("dedicated");
  for (const std::string_view name : names_of(curve.image_usages, image_usage_names())) parts.emplace_back(name);
  return parts.empty() ? "all" : fmt::format("{}", fmt::join(parts, ", "));
}

// A row for each curve, and what is free is left out.
std::string costs(const DeviceProfile& profile) {
  TextTable table{{"call", "of"}, {}, 2};
  for (const Bytes size : kShownSizes) table.headings.push_back(size == 0 ? "least" : bytes_text(size));
  for (std::size_t i = 0; i < kEntryPointCount; ++i) {
    const auto row = [&](const std::string& subject, const auto& ns) {
      std::vector<std::string> cells{std::string(kEntryPointNames[i]), subject};
      for (const Bytes size : kShownSizes) {
        const bool shown = size == 0 || goes_by_bytes(static_cast<EntryPoint>(i));
        cells.push_back(shown ? format_ns(static_cast<double>(ns(size))) : "-");
      }
      table.rows.push_back(std::move(cells));
    };
    const CallCost& cost = profile.costs[i];
    for (const CostCurve& curve : cost.curves) row(subject_text(curve), [&](Bytes size) { return curve.ns(size); });
    if (cost.curves.empty() && (cost.base_ns != 0 || cost.ns_per_mib != 0))
      row("all", [&](Bytes size) { return cost.ns({.bytes = size}); });
  }
  return plain_table(table);
}

std::string provenance(const DeviceProfile& profile) {
  TextTable table{{"group", "is", "when", "from"}, {}, 4};
  for (const Provenance& row : profile.provenance)
    table.rows.push_back({row.group, row.kind, or_dash(row.when), row.from});
  return plain_table(table);
}

}  // namespace

std::string profile_for_people(const DeviceProfile& profile) {
  return fmt::format(
      "{} ({})\n{}\n\n{}\n{}\n{}\nWhat requests are answered, the first rule that matches:\n\n{}\n"
      "What calls cost by the model, by bytes:\n\n{}\nWhere the figures come from:\n\n{}",
      printable(profile.name), device_type_name(profile.type), printable(profile.description), heaps(profile),
      types(profile), limits(profile), rules(profile), costs(profile), provenance(profile));
}

}  // namespace vkmembench
