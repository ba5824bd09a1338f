#pragma once

#include <vulkan/vulkan_core.h>

#include "allocator/device/device_features.h"

namespace vkmembench {

// The structures of the device features, to ask a driver about them or to turn them on.
class FeatureChain {
 public:
  // Appends the structures of these features to a chain that starts at `head`, which is used before this ends.
  template <typename Head>
  void link(Head& head, DeviceFeatureSet features) {
    const auto append = [&](DeviceFeature feature, auto& structure) {
      if (!features.has(feature)) return;
      structure.pNext = const_cast<void*>(static_cast<const void*>(head.pNext));
      head.pNext = &structure;
    };
#define VKMEMBENCH_ROW(name, ...) append(DeviceFeature::name, name##_);
    VKMEMBENCH_DEVICE_FEATURES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  }
  void turn_on(DeviceFeatureSet features) {
#define VKMEMBENCH_ROW(name, extension, core, structure, type, member, ...) \
  name##_.member = features.has(DeviceFeature::name) ? VK_TRUE : VK_FALSE;
    VKMEMBENCH_DEVICE_FEATURES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  }
  // Those that are on, as the driver answered.
  [[nodiscard]] DeviceFeatureSet on() const {
    DeviceFeatureSet features;
#define VKMEMBENCH_ROW(name, extension, core, structure, type, member, ...) \
  if (name##_.member == VK_TRUE) features.add(DeviceFeature::name);
    VKMEMBENCH_DEVICE_FEATURES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
    return features;
  }

 private:
  template <typename Structure>
  static Structure of_type(VkStructureType type) {
    Structure structure{};
    structure.sType = type;
    return structure;
  }
#define VKMEMBENCH_ROW(name, extension, core, structure, type, ...) structure name##_ = of_type<structure>(type);
  VKMEMBENCH_DEVICE_FEATURES(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
};

}  // namespace vkmembench
