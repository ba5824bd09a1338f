#include "bench/capture/capture.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/capture/answers.h"
#include "bench/capture/call_costs.h"
#include "scenarios/profiles/fit/held_out.h"
#include "scenarios/profiles/fit/rule_fit.h"
#include "scenarios/workload/scenario.h"

namespace vkmembench {
namespace {

DeviceProfile describe(const DeviceInfo& info, const std::string& when) {
  DeviceProfile out;
  out.name = info.name;
  out.description = "Captured from " + info.driver_name + " " + info.driver_info + ".";
  out.type = info.type;
  out.vendor_id = info.vendor_id;
  out.device_id = info.device_id;
  out.driver_id = info.driver_id;
  out.driver_name = info.driver_name;
  out.driver_info = info.driver_info;
  out.driver_version = info.driver_version;
  out.uuid = info.uuid;
  out.api_version = info.api_version;
  out.extensions = info.extensions_used;
  for (std::size_t i = 0; i < kDeviceFeatureCount; ++i) {
    const DeviceFeatureInfo& row = kDeviceFeatures[i];
    const std::string extension(row.extension);
    if (info.offered.has(static_cast<DeviceFeature>(i)) && info.api_version < row.core && !extension.empty() &&
        std::ranges::find(out.extensions, extension) == out.extensions.end())
      out.extensions.push_back(extension);
  }
  out.has_memory_budget = info.has_memory_budget;
  out.has_memory_priority = info.has_memory_priority;
  out.has_dedicated_allocation = info.has_dedicated_allocation;
  out.has_maintenance4 = info.has_maintenance4;
  out.has_update_after_bind = info.has_update_after_bind;
  out.has_sparse_binding = info.has_sparse_binding;
  out.has_sparse_residency = info.has_sparse_residency;
  out.offered = info.offered;
  out.exportable = info.exportable_buffers & info.exportable_images;
  out.memory = info.memory;
  out.budgets = info.budgets;
  out.limits = info.limits;
  constexpr std::size_t kPage = 4096;  // that a simulated map keeps
  out.limits.minMemoryMapAlignment = std::min(out.limits.minMemoryMapAlignment, kPage);
  out.max_memory_allocation_size = info.max_memory_allocation_size;
  out.max_buffer_size = std::min(info.max_buffer_size, out.max_buffer_size);
  out.max_stage_update_after_bind_storage_buffers = info.max_bindless_storage_buffers;
  out.max_set_update_after_bind_storage_buffers = info.max_bindless_storage_buffers;
  const std::string from = info.name + ", driver " + info.driver_name + " " + info.driver_info;
  for (const char* group : {"identity", "memory", "limits", "formats", "requirements", "costs"})
    out.provenance.push_back({group, "captured", when, from});
  return out;
}

double percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? 100 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

// Says beside the requirements how far their rules can be trusted.
void note_held_out(const HeldOut& held, DeviceProfile& out) {
  const auto row = std::ranges::find(out.provenance, "requirements", &Provenance::group);
  row->from += fmt::format(
      "; rules fitted on half of what was asked answer the other half: buffers {:.1f} %, images {:.1f} %, "
      "images within 5 % {:.1f} %",
      percent(held.buffers_exact, held.buffers), percent(held.images_exact, held.images),
      percent(held.images_near, held.images));
}

// All but the costs, of the device with every feature, so that every request can be asked about.
DeviceProfile ask_device(const DeviceChoice& choice, std::span<const std::filesystem::path> scenarios,
                         const std::string& when) {
  const std::unique_ptr<DeviceOwner> owner = choice.open({.features = choice.info.offered});
  const Device device = owner->device();
  DeviceProfile out = describe(*device.info, when);
  out.formats = ask_formats(device);
  Answers answers = ask_systematically(device);
  out.buffers = fit_buffer_rules(answers.buffers);
  out.images = fit_image_rules(answers.images);
  note_held_out(test_rules(answers.buffers, answers.images, out), out);
  for (const std::filesystem::path& file : scenarios) {
    const Scenario scenario = load_scenario(file, {});
    ask_requests_of(expand(scenario, {}), device, answers);
    if (!has_generator(scenario.workload)) continue;
    for (const char* scale : {"0.1", "0.02"}) {
      ScenarioOverrides overrides;
      overrides.set.emplace_back("scale", scale);
      ask_requests_of(expand(load_scenario(file, overrides), overrides), device, answers);
    }
  }
  keep_exact(answers.buffers, answers.images, out);
  return out;
}

}  // namespace

DeviceProfile capture_profile(const DeviceChoice& choice, std::span<const std::filesystem::path> scenarios,
                              const std::string& when) {
  DeviceProfile out = ask_device(choice, scenarios, when);
  out.costs = measure_costs(choice);
  return out;
}

}  // namespace vkmembench
