#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "allocator/base/error.h"
#include "scenarios/json/json_reader.h"
#include "scenarios/profiles/import/device_facts.h"

namespace vkmembench {
namespace {

// A number, or a text that begins with one: files write limits both ways.
std::optional<std::uint64_t> number_of(const JsonValue& value) {
  if (value.is_string()) return leading_number(value.text());
  if (!value.is_number()) return std::nullopt;
  const double number = value.number(-1e300, 1e300);
  if (number < 0 || number != static_cast<double>(static_cast<std::uint64_t>(number))) return std::nullopt;
  return value.integer(0, ~std::uint64_t{0});
}
std::uint64_t require_number(const JsonValue& value) {
  if (const std::optional<std::uint64_t> number = number_of(value)) return *number;
  value.fail("is no number; give what the tool wrote");
}
std::uint32_t word_of(const JsonValue& object, std::string_view key) {
  const auto value = object.find(key);
  return value ? static_cast<std::uint32_t>(number_of(*value).value_or(0)) : 0;
}
std::string text_at(const JsonValue& object, std::string_view key) {
  const auto value = object.find(key);
  return value && value->is_string() ? value->text() : std::string();
}

void read_limit_numbers(const JsonValue& limits, DeviceFacts& out) {
  for (const auto& [name, value] : limits.members())
    if (const std::optional<std::uint64_t> number = number_of(value)) out.limits.try_emplace(name, *number);
}

// VkPhysicalDeviceProperties as an object.
void read_properties(const JsonValue& properties, DeviceFacts& out) {
  out.name = text_at(properties, "deviceName");
  out.vendor_id = word_of(properties, "vendorID");
  out.device_id = word_of(properties, "deviceID");
  out.driver_version = word_of(properties, "driverVersion");
  if (const auto version = properties.find("apiVersion"))
    out.api_version = version->is_string() ? api_version_of(version->text()) : word_of(properties, "apiVersion");
  if (const auto type = properties.find("deviceType"))
    out.type = type->is_string() ? device_type_named(type->text())
                                 : device_type_named(fmt::format("{}", number_of(*type).value_or(0)));
  if (const auto limits = properties.find("limits")) read_limit_numbers(*limits, out);
}

void add_heap(const JsonValue& place, Bytes size, std::uint64_t flags, DeviceFacts& out) {
  if (out.memory.memoryHeapCount == VK_MAX_MEMORY_HEAPS) place.fail("more than 16 heaps");
  out.memory.memoryHeaps[out.memory.memoryHeapCount++] = {size, static_cast<VkMemoryHeapFlags>(flags)};
}
void add_type(const JsonValue& place, std::uint64_t flags, std::uint64_t heap, DeviceFacts& out) {
  if (out.memory.memoryTypeCount == VK_MAX_MEMORY_TYPES) place.fail("more than 32 memory types");
  out.memory.memoryTypes[out.memory.memoryTypeCount++] = {static_cast<VkMemoryPropertyFlags>(flags),
                                                          static_cast<std::uint32_t>(heap)};
}

// Lists of objects with these keys.
void read_memory_lists(const JsonValue& memory, DeviceFacts& out) {
  for (const JsonValue& heap : memory.at("memoryHeaps").items())
    add_heap(heap, require_number(heap.at("size")), require_number(heap.at("flags")), out);
  for (const JsonValue& type : memory.at("memoryTypes").items())
    add_type(type, require_number(type.at("propertyFlags")), require_number(type.at("heapIndex")), out);
}

// vkconfig: the key of a type's flags holds their value, "propertyFlags = 0x000f", and that of a heap's flags names
// them.
void read_keyed_heap(const JsonValue& heap, DeviceFacts& out) {
  std::uint64_t flags = 0;
  Bytes size = 0;
  std::optional<Bytes> budget;
  for (const auto& [key, value] : heap.members()) {
    if (key == "size") size = require_number(value);
    if (key == "budget") budget = number_of(value);
    if (key.starts_with("flags") && value.json().dump().find("DEVICE_LOCAL") != std::string::npos)
      flags |= VK_MEMORY_HEAP_DEVICE_LOCAL_BIT;
  }
  out.budgets[std::min<std::uint32_t>(out.memory.memoryHeapCount, VK_MAX_MEMORY_HEAPS - 1)] = budget;
  add_heap(heap, size, flags, out);
}
void read_keyed_type(const JsonValue& type, DeviceFacts& out) {
  std::uint64_t flags = 0;
  for (const auto& [key, value] : type.members()) {
    if (!key.starts_with("propertyFlags")) continue;
    const std::size_t equals = key.find('=');
    flags = equals == std::string::npos ? require_number(value) : leading_number(key.substr(equals + 1)).value_or(0);
  }
  add_type(type, flags, require_number(type.at("heapIndex")), out);
}

}  // namespace

std::vector<DeviceFacts> read_vkconfig_json(std::string_view text, const std::string& file_name) {
  const JsonDocument document = JsonDocument::parse(text, file_name);
  std::vector<DeviceFacts> devices;
  for (const auto& [name, device] : document.root().at("Device Properties and Extensions").members()) {
    DeviceFacts facts;
    read_properties(device.at("VkPhysicalDeviceProperties"), facts);
    for (const std::string_view key : {"VkPhysicalDeviceLimits", "VkPhysicalDeviceMaintenance3Properties"})
      if (const auto limits = device.find(key)) read_limit_numbers(*limits, facts);
    const JsonValue memory = device.at("VkPhysicalDeviceMemoryProperties");
    for (const auto& [key, heap] : memory.at("memoryHeaps").members())
      if (heap.is_object()) read_keyed_heap(heap, facts);
    for (const auto& [key, type] : memory.at("memoryTypes").members())
      if (type.is_object()) read_keyed_type(type, facts);
    devices.push_back(std::move(facts));
  }
  return devices;
}

std::vector<DeviceFacts> read_simulation_json(std::string_view text, const std::string& file_name) {
  const JsonDocument document = JsonDocument::parse(text, file_name);
  DeviceFacts facts;
  read_properties(document.root().at("VkPhysicalDeviceProperties"), facts);
  if (const auto limits = document.root().find("VkPhysicalDeviceMaintenance3Properties"))
    read_limit_numbers(*limits, facts);
  read_memory_lists(document.root().at("VkPhysicalDeviceMemoryProperties"), facts);
  return {facts};
}

std::vector<DeviceFacts> read_caps_viewer_json(std::string_view text, const std::string& file_name) {
  const JsonDocument document = JsonDocument::parse(text, file_name);
  const JsonValue properties = document.root().at("deviceproperties");
  DeviceFacts facts;
  facts.name = text_at(properties, "devicename");
  facts.vendor_id = word_of(properties, "vendorid");
  facts.device_id = word_of(properties, "deviceid");
  facts.driver_version = word_of(properties, "driverversionraw");
  if (const auto version = properties.find("apiversion"); version && version->is_string())
    facts.api_version = api_version_of(version->text());
  else
    facts.api_version = word_of(properties, "apiversionraw");
  facts.type = device_type_named(text_at(properties, "devicetype"));
  for (const JsonValue& object : {document.root(), properties})
    for (const std::string_view key : {"devicelimits", "limits"})
      if (const auto limits = object.find(key)) read_limit_numbers(*limits, facts);
  read_memory_lists(document.root().at("memory"), facts);
  return {facts};
}

// No file of this kind tells heaps and types.
std::vector<DeviceFacts> read_profiles_json(std::string_view text, const std::string& file_name) {
  const JsonDocument document = JsonDocument::parse(text, file_name);
  DeviceFacts facts;
  for (const auto& [name, capability] : document.root().at("capabilities").members()) {
    const auto properties = capability.find("properties");
    if (!properties) continue;
    if (const auto core = properties->find("VkPhysicalDeviceProperties")) read_properties(*core, facts);
    if (const auto limits = properties->find("VkPhysicalDeviceMaintenance3Properties"))
      read_limit_numbers(*limits, facts);
  }
  return {facts};
}

}  // namespace vkmembench
