#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "reports/account/memory_account.h"

namespace vkmembench {

// A device of two heaps, 1 GiB with a budget of 900 MiB and 512 MiB with one of 500; memory type i is of heap i, and
// type 2 of heap 1 too. For tests.
inline DeviceInfo two_heaps() {
  DeviceInfo device;
  device.name = "Two Heaps";
  device.memory.memoryHeapCount = 2;
  device.memory.memoryHeaps[0] = {kGiB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT};
  device.memory.memoryHeaps[1] = {512 * kMiB, 0};
  device.memory.memoryTypeCount = 3;
  device.memory.memoryTypes[0] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0};
  device.memory.memoryTypes[1] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, 1};
  device.memory.memoryTypes[2] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, 1};
  device.budgets[0] = 900 * kMiB;
  device.budgets[1] = 500 * kMiB;
  return device;
}

// A made-up handle.
inline VkDeviceMemory block(std::uint64_t number) { return reinterpret_cast<VkDeviceMemory>(number); }

// An object whose r, q and c are all `size`.
inline PlacedObject object_at(VkDeviceMemory memory, Offset offset, Bytes size) {
  PlacedObject object;
  object.memory = memory;
  object.offset = offset;
  object.requested = object.required = object.charged = size;
  return object;
}

// The value of a metric that the run has; a failure otherwise.
inline double value_of(const Run& run, const std::string& id, const std::string& scope = {}) {
  const MetricValue* metric = run.metric(id, scope);
  const std::optional<double> value = metric == nullptr ? std::nullopt : as_number(*metric);
  EXPECT_TRUE(value.has_value()) << id << " " << scope << (metric == nullptr ? " is missing" : " is null");
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

// Why a metric is null; a failure when it is not.
inline std::string reason_of(const Run& run, const std::string& id, const std::string& scope = {}) {
  const MetricValue* metric = run.metric(id, scope);
  EXPECT_NE(metric, nullptr) << id;
  if (metric == nullptr) return {};
  EXPECT_FALSE(as_number(*metric).has_value()) << id;
  return metric->reason;
}

// Letters and digits of an id, as test names need them.
inline std::string identifier(std::string id) {
  for (char& c : id) c = c == '.' || c == ' ' ? '_' : c;
  return id;
}

}  // namespace vkmembench
