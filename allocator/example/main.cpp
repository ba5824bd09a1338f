// What an engine does with the library: opens the first Vulkan device, gives buffers and images memory, uploads to
// them, defragments and prints what the allocator holds.
#include <algorithm>
#include <exception>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/core/upkeep/defragmenter.h"
#include "allocator/device/real/vulkan_device.h"
#include "allocator/transfer/uploader.h"

using namespace vkmembench;

namespace {

constexpr std::uint32_t kMeshes = 200;
constexpr std::uint32_t kTextures = 20;

VkBufferCreateInfo mesh_info(std::uint32_t nth) {
  VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  info.size = 1000 + Bytes{nth} * 777;
  info.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  return info;
}

VkImageCreateInfo texture_info() {
  VkImageCreateInfo info{VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO};
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = VK_FORMAT_R8G8B8A8_UNORM;
  info.extent = {512, 512, 1};
  info.mipLevels = 10;
  info.arrayLayers = 1;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  return info;
}

// Stands for reading an asset from a file.
void fill(std::span<std::byte> piece, Offset /*offset*/) { std::ranges::fill(piece, std::byte{0x5a}); }

void run(const Device& device) {
  Allocator allocator(device, {.tag = "example"});
  Uploader uploader(device, {.ring_bytes = 4 * kMiB, .frames_in_flight = 2});
  std::vector<Allocation> live;
  const auto check = [](VkResult result) {
    if (result != VK_SUCCESS) throw std::runtime_error("refused with VkResult " + std::to_string(result));
  };
  for (std::uint32_t i = 0; i < kMeshes; ++i) {
    const Expected<Allocation> mesh = allocator.create_buffer(mesh_info(i), {.user = i});
    check(mesh.result());
    live.push_back(*mesh);
    check(uploader.upload_buffer(mesh->buffer(), 0, mesh_info(i).size, fill));
    if (i % 50 == 49) check(uploader.end_frame());
  }
  for (std::uint32_t i = 0; i < kTextures; ++i) {
    const Expected<Allocation> texture = allocator.create_image(texture_info(), {.user = kMeshes + i});
    check(texture.result());
    live.push_back(*texture);
    check(uploader.upload_image(texture->as_image(), texture_info(), ~Bytes{0}, true, fill).result());
    allocator.has_contents(*texture);
  }
  check(uploader.finish());  // nothing may be destroyed while copies use it

  // Every second mesh goes and leaves holes; what stays moves together, known by its user.
  for (std::size_t i = 0; i < kMeshes; i += 2) allocator.destroy(std::exchange(live[i], {}));
  Defragmenter defragmenter(allocator);
  for (defragmenter.start({.algorithm = DefragmentAlgorithm::full}); !defragmenter.finished();) {
    std::pmr::vector<Moved> moves;
    check(defragmenter.begin_pass());
    check(defragmenter.end_pass(kNoTimeout, moves));
    for (const Moved& move : moves) live[move.user] = move.after;
  }
  std::erase_if(live, [](const Allocation& gone) { return gone.resource == 0; });

  std::cout << to_table(allocator.statistics()) << uploader.copied_bytes() / kMiB << " MiB copied through "
            << uploader.staging_bytes() / kMiB << " MiB of staging, " << uploader.wait_count() << " uploads waited, "
            << defragmenter.totals().moves << " moves\n";
  allocator.destroy(live);
}

}  // namespace

int main() {
  try {
    const VulkanDevices devices = list_vulkan_devices();
    std::cout << (devices.infos.empty() ? devices.reason : devices.infos.front().name) << '\n';
    if (!devices.infos.empty()) run(open_vulkan_device(0)->device());
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
