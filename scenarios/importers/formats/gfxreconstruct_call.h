#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/seam/image_dimensions.h"
#include "scenarios/importers/formats/json_events.h"

namespace vkmembench {

// The calls of Vulkan that say what memory a program takes, as gfxrecon-convert lists them; a KHR name means the same.
enum class VulkanCall : std::uint8_t {
  create_buffer,
  create_image,
  allocate_memory,
  bind_buffer,
  bind_image,
  bind_buffers,
  bind_images,
  destroy_buffer,
  destroy_image,
  free_memory,
  present,
  submit,
  memory_properties,
  device_properties,
  count
};

// What a line says of a call, as far as it concerns memory; the rest of the line is not kept.
struct GfxrCall {
  struct Bind {
    std::uint64_t resource = 0, memory = 0;
    Offset offset = 0;
  };

  VulkanCall call = VulkanCall::count;
  std::string result;
  std::uint64_t thread = 0;
  std::uint64_t buffer = 0, image = 0, memory = 0;  // handles
  Offset offset = 0;                                // memoryOffset
  Bytes size = 0;                                   // of a buffer or an allocation
  std::uint64_t usage = 0;
  std::uint32_t flags = 0;
  std::uint32_t memory_type = 0;
  std::string format;
  VkExtent3D extent{};
  ImageDimensions type = ImageDimensions::by_extent;
  std::uint32_t mips = 0, layers = 0, samples = 0;
  bool is_linear = false;
  std::vector<Bind> binds;
  std::unique_ptr<VkPhysicalDeviceMemoryProperties> properties;  // of few calls
  std::string device_name;

  void clear();
};

// Reads lines of a listing.
class GfxrLineReader {
 public:
  // False for a line that does not concern memory, most of which is then not looked at. Throws Error for what is no
  // JSON.
  [[nodiscard]] bool read(std::string_view line, GfxrCall& call);

 private:
  JsonLineParser parser_;
};

}  // namespace vkmembench
