#include <nlohmann/json.hpp>

#include "allocator/base/vulkan_names.h"
#include "scenarios/trace/recorded_json.h"

namespace vkmembench {
namespace {

using Json = nlohmann::ordered_json;

// Recordings hold texts of any bytes.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json named_flags(std::uint32_t flags, std::span<const FlagName> names) {
  Json list = Json::array();
  for (const FlagName& row : names) {
    if ((flags & row.bit) != 0) list.push_back(row.name);
  }
  return list;
}

Json recorded_device_json(const RecordedDevice& device) {
  Json json = {{"name", device.name}};
  if (!device.api_version.empty()) json["api_version"] = device.api_version;
  if (device.vendor_id != 0) json["vendor_id"] = device.vendor_id;
  if (device.device_id != 0) json["device_id"] = device.device_id;
  const VkPhysicalDeviceMemoryProperties& memory = device.memory;
  for (std::uint32_t i = 0; i < memory.memoryHeapCount; ++i)
    json["heaps"].push_back({{"size_bytes", memory.memoryHeaps[i].size},
                             {"flags", named_flags(memory.memoryHeaps[i].flags, heap_flag_names())}});
  for (std::uint32_t i = 0; i < memory.memoryTypeCount; ++i)
    json["types"].push_back({{"heap", memory.memoryTypes[i].heapIndex},
                             {"flags", named_flags(memory.memoryTypes[i].propertyFlags, memory_property_names())}});
  for (std::size_t i = 0; i < kRecordedLimits.size(); ++i) {
    if (device.limits[i] != 0) json["limits"][std::string(kRecordedLimits[i])] = device.limits[i];
  }
  return json;
}

}  // namespace

std::string left_out_field(std::span<const LeftOut> left_out) {
  Json counts = Json::object();
  for (const LeftOut& row : left_out) counts[row.what] = row.count;
  return "\"left_out\":" + text_of(counts);
}

std::string recorded_fields(const Recorded& recorded) {
  std::string fields;
  if (!recorded.recorder.empty()) fields += ",\"recorder\":" + text_of(recorded.recorder);
  if (recorded.device) fields += ",\"device\":" + text_of(recorded_device_json(*recorded.device));
  return fields;
}

}  // namespace vkmembench
