#include "scenarios/recording/layer/layer_state.h"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "allocator/base/os/abandon.h"
#include "scenarios/recording/layer/noting.h"
#include "scenarios/recording/recording_file.h"

namespace vkmembench {
namespace {

// What the driver told of its own memory, which no trace says.
void note_report(LayeredDevice& device) {
  if (!device.report) return;
  const DriverMemory memory = device.report->memory();
  const auto leave_out = [&](const char* what, std::uint64_t count) {
    if (count == 0) return;
    note(device, [&] { return CapturedCall{.kind = CallKind::leave_out, .size = count, .more = with_text(what)}; });
  };
  leave_out("allocations of the driver's own", memory.allocations);
  leave_out("bytes of the driver's own at most", memory.peak_bytes);
}

// Ends what its program leaves open at its end; and does without in a child that fork() made.
struct Endings {
  Endings() {
    pthread_atfork([] { layered_devices_mutex().lock(); }, [] { layered_devices_mutex().unlock(); }, forget_recorders);
  }
  ~Endings() {
    layered_devices().for_each([](LayeredDevice& device) {
      if (!device.recorder) return;
      note_report(device);
      device.recorder->finish();
    });
  }
  static void forget_recorders() {
    layered_devices().for_each([](LayeredDevice& device) {
      if (device.recorder) device.recorder->abandon();
    });
    layered_devices_mutex().unlock();
  }
};

RecordedDevice recorded_device(const LayeredInstance& instance, VkPhysicalDevice physical) {
  RecordedDevice device;
  VkPhysicalDeviceProperties properties{};
  instance.next.get_physical_device_properties(physical, &properties);
  instance.next.get_physical_device_memory_properties(physical, &device.memory);
  device.name = clean_text(properties.deviceName);
  device.api_version =
      fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(properties.apiVersion), VK_API_VERSION_MINOR(properties.apiVersion),
                  VK_API_VERSION_PATCH(properties.apiVersion));
  device.vendor_id = properties.vendorID;
  device.device_id = properties.deviceID;
  device.limits = {properties.limits.bufferImageGranularity, properties.limits.maxMemoryAllocationCount, 0,
                   properties.limits.nonCoherentAtomSize};
  if (properties.apiVersion < VK_API_VERSION_1_1 || instance.next.get_physical_device_properties2 == nullptr)
    return device;
  VkPhysicalDeviceMaintenance3Properties maintenance{};
  maintenance.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES;
  VkPhysicalDeviceProperties2 more{};
  more.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
  more.pNext = &maintenance;
  instance.next.get_physical_device_properties2(physical, &more);
  device.limits[2] = maintenance.maxMemoryAllocationSize;
  return device;
}

}  // namespace

// All are left to the end of the process: a program's threads may call on while it exits.
LiveList<LayeredInstance>& layered_instances() {
  static auto* const list = new LiveList<LayeredInstance>;
  return *list;
}
LiveList<LayeredDevice>& layered_devices() {
  static auto* const list = new LiveList<LayeredDevice>;
  return *list;
}
std::mutex& layered_devices_mutex() {
  static auto* const mutex = new std::mutex;
  return *mutex;
}

void begin_recording(LayeredDevice& device, const LayeredInstance& instance) {
  static const Endings endings;
  static std::atomic<unsigned> devices = 0;
  const std::filesystem::path path = recording_path(instance.settings.file, ::getpid(), devices++);
  try {
    device.recorder =
        std::make_unique<Recorder>(instance.settings, recorded_device(instance, device.physical), path, complain);
  } catch (const std::exception& error) {  // no thread to be had
    complain(error.what());
  }
}

void end_recording(LayeredDevice& device) {
  if (!device.recorder) return;
  if (device.recorder->is_abandoned()) return abandon(device.recorder);
  note_report(device);
  device.recorder.reset();
}

void complain(const std::string& message) { std::fprintf(stderr, "vkmembench-record: %s\n", message.c_str()); }

}  // namespace vkmembench
