#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "allocator/device/layers/layer.h"
#include "allocator/strategy/strategies.h"
#include "allocator/testing/test_device.h"

namespace vkmembench {

// Believes everything: binds succeed without a look, nothing is destroyed or freed before the device closes. Under an
// oracle it lets a test do what a simulated device would abort.
class LenientLayer : public Layer<LenientLayer> {
 public:
  using Layer::Layer;
  template <EntryPoint E, typename Call, typename... Args>
  auto intercept(const Call& call, Args&...) {
    if constexpr (E == EntryPoint::bind_buffer_memory || E == EntryPoint::bind_buffer_memory2 ||
                  E == EntryPoint::bind_image_memory || E == EntryPoint::bind_image_memory2)
      return VK_SUCCESS;
    else if constexpr (E == EntryPoint::destroy_buffer || E == EntryPoint::destroy_image ||
                       E == EntryPoint::free_memory)
      return;
    else
      return call();
  }
};

// The name of a preset or profile as a test's name.
inline std::string test_name(std::string_view text) {
  std::string name(text);
  for (char& c : name) c = c == '-' || c == ':' || c == '.' ? '_' : c;
  return name;
}

inline std::vector<std::string> preset_names(bool with_null = true) {
  std::vector<std::string> names;
  for (const StrategyPreset& preset : strategy_presets()) {
    if (with_null || preset.name != "null") names.emplace_back(preset.name);
  }
  return names;
}
inline std::vector<std::string> test_profile_names() {
  std::vector<std::string> names;
  for (const DeviceProfile& profile : test_profiles()) names.push_back(profile.name);
  return names;
}

inline BufferRequest buffer_request(Bytes size, MemoryUse memory = MemoryUse::device, Bytes alignment = 0) {
  BufferRequest request;
  request.size = size;
  request.alignment = alignment;
  request.memory = memory;
  request.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  if (memory != MemoryUse::transient)
    request.usage |= VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  return request;
}

inline ImageRequest image_request(std::uint32_t width, std::uint32_t height,
                                  VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL) {
  ImageRequest request;
  request.format = VK_FORMAT_R8G8B8A8_UNORM;
  request.extent = {width, height, 1};
  request.tiling = tiling;
  request.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  return request;
}

}  // namespace vkmembench
