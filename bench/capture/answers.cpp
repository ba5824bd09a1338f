#include "bench/capture/answers.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/device/resource.h"
#include "allocator/seam/strategy.h"
#include "bench/replay/request/image_support.h"
#include "bench/replay/request/requests.h"

namespace vkmembench {
namespace {

// Images that are not bound as a whole, or whose memory is of a kind of its own.
constexpr VkImageCreateFlags kInParts =
    VK_IMAGE_CREATE_SPARSE_BINDING_BIT | VK_IMAGE_CREATE_DISJOINT_BIT | VK_IMAGE_CREATE_PROTECTED_BIT;
constexpr VkImageUsageFlags kTransfer = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;

struct Answer {
  Bytes size = 0;
  RequirementAnswer rule;
};

// Of a resource that is made for the question.
template <typename Info>
Answer ask(const Device& device, const Info& info, bool image) {
  const Expected<std::uint64_t> made = create_resource(device, info);
  if (!made)
    throw Error(device.info->name + " refuses a resource that it says it supports: " + result_name(made.result()) +
                    "; capture another device",
                ErrorKind::internal);
  VkMemoryDedicatedRequirements dedicated{};
  dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS;
  VkMemoryRequirements2 answer{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, &dedicated, {}};
  if (!device.info->has_dedicated_allocation || device.fn.get_image_memory_requirements2 == nullptr) {
    answer.memoryRequirements = requirements_of(device, *made, image);
  } else if (image) {
    const VkImageMemoryRequirementsInfo2 of{VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, nullptr,
                                            image_of(*made)};
    device.fn.get_image_memory_requirements2(device.handle, &of, &answer);
  } else {
    const VkBufferMemoryRequirementsInfo2 of{VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2, nullptr,
                                             buffer_of(*made)};
    device.fn.get_buffer_memory_requirements2(device.handle, &of, &answer);
  }
  destroy_resource(device, *made, image);
  const VkMemoryRequirements& memory = answer.memoryRequirements;
  return {memory.size,
          {.alignment = memory.alignment,
           .memory_type_bits = memory.memoryTypeBits,
           .prefers_dedicated = dedicated.prefersDedicatedAllocation != VK_FALSE,
           .requires_dedicated = dedicated.requiresDedicatedAllocation != VK_FALSE}};
}

// Keeps each question once.
class Asker {
 public:
  Asker(const Device& device, Answers& answers) : device_(device), answers_(answers) {
    for (const AnsweredBuffer& row : answers.buffers) buffers_[{row.size, row.usage}] = true;
    for (const AnsweredImage& row : answers.images) images_[key_of(row.info)] = true;
  }

  void ask_buffer(Bytes size, VkBufferUsageFlags usage) {
    if (size == 0 || size > device_.info->max_buffer_size || !buffers_.emplace(std::pair(size, usage), true).second)
      return;
    BufferRequest request;
    request.size = size;
    request.usage = usage;
    const Answer answer = ask(device_, create_info(request), false);
    answers_.buffers.push_back({size, usage, answer.size, answer.rule});
  }
  void ask_image(const ImageRequest& request) {
    const VkImageCreateInfo info = create_info(request);
    if ((info.flags & kInParts) != 0 || images_.contains(key_of(info))) return;
    if (!unsupported_reason(device_, request).empty()) return;
    images_.emplace(key_of(info), true);
    const Answer answer = ask(device_, info, true);
    answers_.images.push_back({info, answer.size, answer.rule});
  }

 private:
  using Key = std::tuple<VkFormat, VkImageTiling, VkImageUsageFlags, std::uint32_t, std::uint32_t, std::uint32_t,
                         std::uint32_t, std::uint32_t, VkSampleCountFlagBits, VkImageType, VkImageCreateFlags>;
  static Key key_of(const VkImageCreateInfo& info) {
    return {info.format,    info.tiling,      info.usage,   info.extent.width, info.extent.height, info.extent.depth,
            info.mipLevels, info.arrayLayers, info.samples, info.imageType,    info.flags};
  }

  const Device& device_;
  Answers& answers_;
  std::map<std::pair<Bytes, VkBufferUsageFlags>, bool> buffers_;
  std::map<Key, bool> images_;
};

VkResult properties_of(const Device& device, VkFormat format, VkImageTiling tiling, VkImageUsageFlags usage,
                       VkImageFormatProperties& out) {
  return device.fn.get_physical_device_image_format_properties(device.physical, format, VK_IMAGE_TYPE_2D, tiling, usage,
                                                               0, &out);
}

// The usages of Vulkan 1.0 that the device has for the format; a transient attachment is an attachment too.
VkImageUsageFlags usages_of(const Device& device, VkFormat format, VkImageTiling tiling) {
  VkImageUsageFlags usages = 0;
  VkImageFormatProperties unused{};
  for (const FlagName& flag : image_usage_names()) {
    if ((image_usages_of({}) & flag.bit) == 0) continue;
    const VkImageUsageFlags color = flag.bit | VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
    const VkImageUsageFlags depth = flag.bit | VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
    const bool attached = flag.bit == VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT;
    const bool has = attached ? properties_of(device, format, tiling, color, unused) == VK_SUCCESS ||
                                    properties_of(device, format, tiling, depth, unused) == VK_SUCCESS
                              : properties_of(device, format, tiling, flag.bit, unused) == VK_SUCCESS;
    if (has) usages |= flag.bit;
  }
  return usages;
}

}  // namespace

std::vector<FormatRule> ask_formats(const Device& device) {
  std::vector<FormatRule> rules;
  for (const FormatInfo& format : formats()) {
    FormatRule rule;
    rule.optimal = usages_of(device, format.format, VK_IMAGE_TILING_OPTIMAL);
    rule.linear = usages_of(device, format.format, VK_IMAGE_TILING_LINEAR);
    if (rule.optimal == 0 && rule.linear == 0) continue;
    for (const VkImageUsageFlags usage : {VkImageUsageFlags{VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT},
                                          VkImageUsageFlags{VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT},
                                          VkImageUsageFlags{VK_IMAGE_USAGE_SAMPLED_BIT}}) {
      VkImageFormatProperties properties{};
      if ((rule.optimal & usage) != 0 &&
          properties_of(device, format.format, VK_IMAGE_TILING_OPTIMAL, usage, properties) == VK_SUCCESS)
        rule.samples |= properties.sampleCounts;
    }
    const auto same = std::ranges::find_if(rules, [&](const FormatRule& other) {
      return other.optimal == rule.optimal && other.linear == rule.linear && other.samples == rule.samples;
    });
    FormatRule& row = same != rules.end() ? *same : rules.emplace_back(rule);
    row.formats.emplace_back(format.name);
  }
  return rules;
}

Answers ask_systematically(const Device& device) {
  Answers answers;
  Asker asker(device, answers);
  const VkBufferUsageFlags allowed = buffer_usages_of(device.info->features);
  VkBufferUsageFlags before = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  for (const FlagName& flag : buffer_usage_names()) {
    if ((allowed & flag.bit) == 0) continue;
    for (Bytes power = 1; power <= 256 * kMiB; power *= 2)
      for (const Bytes size : {power - 1, power, power + 1, power + power / 3}) {
        asker.ask_buffer(size, flag.bit);
        asker.ask_buffer(size, flag.bit | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT);
        asker.ask_buffer(size, before | flag.bit);
      }
    before |= flag.bit & ((1u << 9) - 1);
  }
  constexpr VkExtent3D kExtents[] = {{1, 1, 1},       {16, 16, 1},    {64, 64, 1},    {100, 60, 1},
                                     {255, 255, 1},   {256, 256, 1},  {1000, 700, 1}, {1024, 1024, 1},
                                     {1920, 1080, 1}, {2048, 512, 1}, {2048, 2048, 1}};
  constexpr VkImageUsageFlags kUsages[] = {
      VK_IMAGE_USAGE_SAMPLED_BIT | kTransfer,
      VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_SAMPLED_BIT | kTransfer,
      VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT | kTransfer,
      VK_IMAGE_USAGE_STORAGE_BIT | VK_IMAGE_USAGE_SAMPLED_BIT | kTransfer,
      VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT,
      VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT};
  ImageRequest request;
  for (const FormatInfo& format : formats())
    for (const VkImageTiling tiling : {VK_IMAGE_TILING_OPTIMAL, VK_IMAGE_TILING_LINEAR})
      for (const VkImageUsageFlags usage : kUsages)
        for (const VkExtent3D& extent : kExtents)
          for (const bool chain : {false, true})
            for (const std::uint32_t layers : {1u, 6u})
              for (const VkSampleCountFlagBits samples : {VK_SAMPLE_COUNT_1_BIT, VK_SAMPLE_COUNT_4_BIT}) {
                if (samples != VK_SAMPLE_COUNT_1_BIT && (chain || layers > 1)) continue;
                if (tiling == VK_IMAGE_TILING_LINEAR && (chain || layers > 1)) continue;
                request.format = format.format;
                request.tiling = tiling;
                request.usage = usage;
                request.extent = extent;
                request.mips = chain ? full_mip_count(extent) : 1;
                request.layers = layers;
                request.samples = samples;
                asker.ask_image(request);
              }
  return answers;
}

void ask_requests_of(const Trace& trace, const Device& device, Answers& answers) {
  const Requests requests = resolve_requests(trace, device);
  Asker asker(device, answers);
  for (const TraceObject& object : trace.objects) {
    if (object.shape == kHostShape || requests.shapes[object.shape].served != Served::whole) continue;
    const ResolvedShape& shape = requests.shapes[object.shape];
    if (trace.shapes[object.shape].image)
      asker.ask_image(shape.image);
    else if (shape.buffer.flags == 0)
      asker.ask_buffer(object.size, shape.buffer.usage);
  }
}

}  // namespace vkmembench
