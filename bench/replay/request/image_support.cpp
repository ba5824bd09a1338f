#include "bench/replay/request/image_support.h"

#include <fmt/format.h>

#include <vector>

#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

// What a device is asked about an image, but for its sizes.
struct Question {
  VkFormat format;
  VkImageType type;
  VkImageTiling tiling;
  VkImageUsageFlags usage;
  VkImageCreateFlags flags = 0;
};

VkResult ask(const Device& device, const Question& question, VkImageFormatProperties& answer) {
  return device.fn.get_physical_device_image_format_properties(
      device.physical, question.format, question.type, question.tiling, question.usage, question.flags, &answer);
}

std::string_view type_name(VkImageType type) {
  return type == VK_IMAGE_TYPE_1D ? "1D" : type == VK_IMAGE_TYPE_2D ? "2D" : "3D";
}

// The usages that the device may be asked about.
std::vector<FlagName> usages_of(const Device& device) {
  std::vector<FlagName> usages;
  for (const FlagName& flag : image_usage_names())
    if ((image_usages_of(device.info->features) & flag.bit) != 0) usages.push_back(flag);
  return usages;
}

// The single changes with which the device takes the format.
std::vector<std::string> cures(const Device& device, const Question& refused) {
  std::vector<std::string> out;
  const auto try_with = [&](const Question& other, std::string change) {
    VkImageFormatProperties unused{};
    if (ask(device, other, unused) == VK_SUCCESS) out.push_back(std::move(change));
  };
  Question other = refused;
  other.tiling = VK_IMAGE_TILING_OPTIMAL;
  if (refused.tiling != other.tiling) try_with(other, "with optimal tiling");
  other = refused;
  other.type = VK_IMAGE_TYPE_2D;
  if (refused.type != other.type) try_with(other, "as a 2D image");
  for (const FlagName& flag : usages_of(device)) {
    if ((refused.usage & flag.bit) == 0 || refused.usage == flag.bit) continue;
    other = refused;
    other.usage &= ~flag.bit;
    try_with(other, fmt::format("without usage {}", flag.name));
  }
  return out;
}

std::string refusal(const Device& device, const Question& question, VkResult answer) {
  const std::string said = fmt::format("{} answers {}", device.info->name, result_name(answer));
  const std::vector<std::string> changes = cures(device, question);
  if (!changes.empty()) return fmt::format("{}; it takes the format {}", said, fmt::join(changes, ", or "));
  VkImageFormatProperties unused{};
  for (const VkImageTiling tiling : {VK_IMAGE_TILING_OPTIMAL, VK_IMAGE_TILING_LINEAR}) {
    for (const FlagName& flag : usages_of(device)) {
      if (ask(device, {question.format, VK_IMAGE_TYPE_2D, tiling, flag.bit}, unused) == VK_SUCCESS)
        return said + "; it takes the format for other uses";
    }
  }
  return said + ": it lacks the format";
}

}  // namespace

std::string describe_use(const ImageRequest& request) {
  return fmt::format("{}, {} tiling, usage {}", type_name(create_info(request).imageType),
                     request.tiling == VK_IMAGE_TILING_LINEAR ? "linear" : "optimal",
                     fmt::join(names_of(request.usage, image_usage_names()), "|"));
}

std::string unsupported_reason(const Device& device, const ImageRequest& request) {
  const Question question{request.format, create_info(request).imageType, request.tiling, request.usage, request.flags};
  VkImageFormatProperties most{};
  if (const VkResult answer = ask(device, question, most); answer != VK_SUCCESS)
    return refusal(device, question, answer);
  std::vector<std::string> beyond;
  const VkExtent3D& extent = request.extent;
  if (extent.width > most.maxExtent.width || extent.height > most.maxExtent.height ||
      extent.depth > most.maxExtent.depth)
    beyond.push_back(fmt::format("{}x{}x{} texels", most.maxExtent.width, most.maxExtent.height, most.maxExtent.depth));
  if (request.mips > most.maxMipLevels) beyond.push_back(fmt::format("{} mips", most.maxMipLevels));
  if (request.layers > most.maxArrayLayers) beyond.push_back(fmt::format("{} layers", most.maxArrayLayers));
  if ((most.sampleCounts & static_cast<VkSampleCountFlags>(request.samples)) == 0) {
    std::vector<unsigned> counts;
    for (unsigned count = 1; count <= 64; count *= 2)
      if ((most.sampleCounts & count) != 0) counts.push_back(count);
    beyond.push_back(fmt::format("{} samples", fmt::join(counts, " or ")));
  }
  if (!beyond.empty()) return fmt::format("{} allows {} for such an image", device.info->name, fmt::join(beyond, ", "));
  if (request.samples != VK_SAMPLE_COUNT_1_BIT && (request.usage & VK_IMAGE_USAGE_STORAGE_BIT) != 0 &&
      !device.info->has_storage_image_multisample)
    return fmt::format("{} lacks the feature shaderStorageImageMultisample", device.info->name);
  return {};
}

}  // namespace vkmembench
