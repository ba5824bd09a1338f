#include <gtest/gtest.h>

#include <ostream>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

constexpr std::uint32_t kDeviceType = 0;
constexpr std::uint32_t kCoherentType = 1;
constexpr std::uint32_t kCachedType = 2;
constexpr std::uint32_t kLazyType = 3;
constexpr VkImageLayout kGeneral = VK_IMAGE_LAYOUT_GENERAL;

// What must abort, and what the message says.
struct Misuse {
  const char* name;
  const char* message;
  void (*act)(const SimulatedFixture& sim);
};
void PrintTo(const Misuse& misuse, std::ostream* out) { *out << misuse.name; }

VkBuffer bound(const SimulatedFixture& sim, Bytes size, VkBufferUsageFlags usage = kTransfer) {
  const VkBuffer buffer = sim.buffer(size, usage);
  sim.give_memory(buffer, kCoherentType);
  return buffer;
}
VkImage bound(const SimulatedFixture& sim, const VkImageCreateInfo& info) {
  const VkImage image = sim.image(info);
  sim.give_memory(image, kDeviceType);
  return image;
}
VkImageCreateInfo small_image(VkImageUsageFlags usage = kImageTransfer, VkFormat format = VK_FORMAT_R8G8B8A8_UNORM) {
  return image_info(format, {16, 16, 1}, format_info(format).plane_count == 1 ? 2 : 1, 1, usage);
}
void copy_buffer(const SimulatedFixture& sim, VkBuffer from, VkBuffer to, VkBufferCopy region) {
  sim.run([&](VkCommandBuffer commands) { sim.d.fn.cmd_copy_buffer(commands, from, to, 1, &region); });
}
void copy_to_image(const SimulatedFixture& sim, VkBufferImageCopy region, VkImageUsageFlags usage = kImageTransfer,
                   VkFormat format = VK_FORMAT_R8G8B8A8_UNORM) {
  const VkBuffer from = bound(sim, 2048);
  const VkImage to = bound(sim, small_image(usage, format));
  sim.run(
      [&](VkCommandBuffer commands) { sim.d.fn.cmd_copy_buffer_to_image(commands, from, to, kGeneral, 1, &region); });
}
VkBufferImageCopy region_of(VkExtent3D extent, std::uint32_t mip = 0,
                            VkImageAspectFlags aspect = VK_IMAGE_ASPECT_COLOR_BIT) {
  VkBufferImageCopy region{};
  region.imageSubresource = {aspect, mip, 0, 1};
  region.imageExtent = extent;
  return region;
}
void bind_at(const SimulatedFixture& sim, Bytes memory_size, std::uint32_t type, Offset offset) {
  const VkDeviceMemory memory = sim.allocate(memory_size, type).value();
  sim.d.fn.bind_buffer_memory(sim.d.handle, sim.buffer(100), memory, offset);
}
void map_range(const SimulatedFixture& sim, std::uint32_t type, Offset offset, Bytes size) {
  void* data = nullptr;
  sim.d.fn.map_memory(sim.d.handle, sim.allocate(256, type).value(), offset, size, 0, &data);
}
VkDeviceMemory mapped(const SimulatedFixture& sim, Bytes size = 256) {
  const VkDeviceMemory memory = sim.allocate(size, kCachedType).value();
  sim.map(memory);
  return memory;
}

const Misuse kMisuses[] = {
    {"double_map", "map of mapped", [](const SimulatedFixture& sim) { sim.map(mapped(sim)); }},
    {"unmap_of_unmapped", "not mapped",
     [](const SimulatedFixture& sim) { sim.d.fn.unmap_memory(sim.d.handle, sim.allocate(64, kCoherentType).value()); }},
    {"map_of_device_memory", "host cannot see",
     [](const SimulatedFixture& sim) { map_range(sim, kDeviceType, 0, 64); }},
    {"map_beyond", "beyond the memory", [](const SimulatedFixture& sim) { map_range(sim, kCoherentType, 128, 129); }},
    {"map_from_the_end", "beyond the memory",
     [](const SimulatedFixture& sim) { map_range(sim, kCoherentType, 256, VK_WHOLE_SIZE); }},
    {"map_of_nothing", "beyond the memory", [](const SimulatedFixture& sim) { map_range(sim, kCoherentType, 0, 0); }},
    {"flush_of_unmapped", "not mapped",
     [](const SimulatedFixture& sim) { static_cast<void>(sim.flush(sim.allocate(64, kCachedType).value())); }},
    {"flush_unaligned_offset", "offset is no multiple",
     [](const SimulatedFixture& sim) { static_cast<void>(sim.flush(mapped(sim), 32, 64)); }},
    {"flush_unaligned_size", "size is no multiple",
     [](const SimulatedFixture& sim) { static_cast<void>(sim.flush(mapped(sim), 64, 32)); }},
    {"flush_beyond", "outside the mapped",
     [](const SimulatedFixture& sim) { static_cast<void>(sim.flush(mapped(sim), 192, 128)); }},
    {"invalidate_from_the_end", "outside the mapped",
     [](const SimulatedFixture& sim) { static_cast<void>(sim.invalidate(mapped(sim), 256)); }},
    {"double_bind", "has memory",
     [](const SimulatedFixture& sim) {
       const VkBuffer buffer = bound(sim, 64);
       sim.give_memory(buffer, kCoherentType);
     }},
    {"bind_unaligned", "unaligned", [](const SimulatedFixture& sim) { bind_at(sim, 4096, kCoherentType, 32); }},
    {"bind_beyond", "beyond the memory", [](const SimulatedFixture& sim) { bind_at(sim, 4096, kCoherentType, 4032); }},
    {"bind_to_small_memory", "beyond the memory",
     [](const SimulatedFixture& sim) { bind_at(sim, 64, kCoherentType, 0); }},
    {"bind_to_excluded_type", "excludes", [](const SimulatedFixture& sim) { bind_at(sim, 4096, kLazyType, 0); }},
    {"bind_to_others_dedicated_memory", "dedicated to another",
     [](const SimulatedFixture& sim) {
       VkMemoryDedicatedAllocateInfo dedicated{};
       dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO;
       dedicated.buffer = sim.buffer(64);
       const VkDeviceMemory memory = sim.allocate(64, kCoherentType, &dedicated).value();
       sim.d.fn.bind_buffer_memory(sim.d.handle, sim.buffer(64), memory, 0);
     }},
    {"dedicated_memory_of_another_size", "another size",
     [](const SimulatedFixture& sim) {
       VkMemoryDedicatedAllocateInfo dedicated{};
       dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO;
       dedicated.buffer = sim.buffer(64);
       static_cast<void>(sim.allocate(128, kCoherentType, &dedicated));
     }},
    {"plain_memory_for_required_dedicated", "requires dedicated",
     [](const SimulatedFixture& sim) {
       sim.give_memory(sim.image(small_image(VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT)), kLazyType);
     }},
    {"allocation_of_nothing", "no bytes", [](const SimulatedFixture& sim) { static_cast<void>(sim.allocate(0, 0)); }},
    {"allocation_of_missing_type", "no such",
     [](const SimulatedFixture& sim) { static_cast<void>(sim.allocate(1, 4)); }},
    {"double_destroy", "destroyed object",
     [](const SimulatedFixture& sim) {
       const VkBuffer buffer = sim.buffer(64);
       sim.d.fn.destroy_buffer(sim.d.handle, buffer, nullptr);
       sim.d.fn.destroy_buffer(sim.d.handle, buffer, nullptr);
     }},
    {"destroy_after_reuse_of_the_slot", "destroyed object",
     [](const SimulatedFixture& sim) {
       const VkBuffer buffer = sim.buffer(64);
       sim.d.fn.destroy_buffer(sim.d.handle, buffer, nullptr);
       sim.buffer(64);
       sim.d.fn.destroy_buffer(sim.d.handle, buffer, nullptr);
     }},
    {"double_free", "destroyed object",
     [](const SimulatedFixture& sim) {
       const VkDeviceMemory memory = sim.allocate(64, kCoherentType).value();
       sim.d.fn.free_memory(sim.d.handle, memory, nullptr);
       sim.d.fn.free_memory(sim.d.handle, memory, nullptr);
     }},
    {"foreign_handle", "no simulated device",
     [](const SimulatedFixture& sim) {
       std::uint64_t elsewhere = 0;
       sim.d.fn.destroy_buffer(sim.d.handle, reinterpret_cast<VkBuffer>(&elsewhere), nullptr);
     }},
    {"handle_of_another_kind", "another kind",
     [](const SimulatedFixture& sim) {
       sim.d.fn.destroy_image(sim.d.handle, reinterpret_cast<VkImage>(sim.buffer(64)), nullptr);
     }},
    {"handle_of_another_device", "another device",
     [](const SimulatedFixture& sim) {
       const SimulatedFixture other(test_profile());
       sim.d.fn.destroy_buffer(sim.d.handle, other.buffer(64), nullptr);
     }},
    {"buffer_of_nothing", "no bytes", [](const SimulatedFixture& sim) { sim.buffer(0); }},
    {"unsupported_image", "does not support",
     [](const SimulatedFixture& sim) {
       sim.image(image_info(VK_FORMAT_R64_UINT, {4, 4, 1}));
     }},
    {"image_beyond_limits", "does not support",
     [](const SimulatedFixture& sim) {
       sim.image(image_info(VK_FORMAT_R8_UNORM, {4097, 4, 1}));
     }},
    {"image_with_too_many_mips", "does not support",
     [](const SimulatedFixture& sim) {
       sim.image(image_info(VK_FORMAT_R8_UNORM, {4, 4, 1}, 4));
     }},
    {"wait_for_unsubmitted_fence", "not submitted",
     [](const SimulatedFixture& sim) {
       const VkFence fence = sim.fence();
       sim.d.fn.wait_for_fences(sim.d.handle, 1, &fence, VK_TRUE, 1);
     }},
    {"copy_outside_recording", "outside vkBegin",
     [](const SimulatedFixture& sim) {
       const VkBufferCopy region = {0, 0, 64};
       sim.d.fn.cmd_copy_buffer(sim.commands(sim.pool()), bound(sim, 64), bound(sim, 64), 1, &region);
     }},
    {"submit_of_unrecorded", "not executable",
     [](const SimulatedFixture& sim) { static_cast<void>(sim.submit(sim.commands(sim.pool()))); }},
    {"second_submit_of_one_time_buffer", "not executable",
     [](const SimulatedFixture& sim) {
       const VkCommandBuffer commands = sim.commands(sim.pool());
       sim.begin(commands, VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT);
       sim.d.fn.end_command_buffer(commands);
       static_cast<void>(sim.submit(commands));
       static_cast<void>(sim.submit(commands));
     }},
    {"recording_while_the_device_works", "works on",
     [](const SimulatedFixture& sim) {
       const VkCommandBuffer commands = sim.commands(sim.pool(VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT));
       sim.begin(commands);
       sim.d.fn.end_command_buffer(commands);
       static_cast<void>(sim.submit(commands));
       sim.begin(commands);
     }},
    {"destroying_while_the_device_works", "destroyed object",
     [](const SimulatedFixture& sim) {
       const VkBuffer from = bound(sim, 64);
       const VkBufferCopy region = {0, 0, 64};
       const VkCommandBuffer commands = sim.commands(sim.pool());
       sim.begin(commands);
       sim.d.fn.cmd_copy_buffer(commands, from, bound(sim, 64), 1, &region);
       sim.d.fn.end_command_buffer(commands);
       static_cast<void>(sim.submit(commands));
       sim.d.fn.destroy_buffer(sim.d.handle, from, nullptr);
       sim.d.fn.device_wait_idle(sim.d.handle);
     }},
    {"copy_beyond_the_source", "beyond the buffer",
     [](const SimulatedFixture& sim) {
       copy_buffer(sim, bound(sim, 64), bound(sim, 128), {32, 0, 33});
     }},
    {"copy_beyond_the_target", "beyond the buffer",
     [](const SimulatedFixture& sim) {
       copy_buffer(sim, bound(sim, 128), bound(sim, 64), {0, 64, 1});
     }},
    {"copy_without_source_usage", "transfer_src",
     [](const SimulatedFixture& sim) {
       copy_buffer(sim, bound(sim, 64, VK_BUFFER_USAGE_TRANSFER_DST_BIT), bound(sim, 64), {0, 0, 64});
     }},
    {"copy_without_target_usage", "transfer_dst",
     [](const SimulatedFixture& sim) {
       copy_buffer(sim, bound(sim, 64), bound(sim, 64, VK_BUFFER_USAGE_TRANSFER_SRC_BIT), {0, 0, 64});
     }},
    {"copy_of_unbound", "without memory",
     [](const SimulatedFixture& sim) {
       copy_buffer(sim, sim.buffer(64), bound(sim, 64), {0, 0, 64});
     }},
    {"copy_onto_itself", "overlapping",
     [](const SimulatedFixture& sim) {
       const VkBuffer buffer = bound(sim, 128);
       copy_buffer(sim, buffer, buffer, {0, 32, 64});
     }},
    {"copy_of_freed_memory", "destroyed object",
     [](const SimulatedFixture& sim) {
       const VkBuffer buffer = sim.buffer(64);
       const VkDeviceMemory memory = sim.give_memory(buffer, kCoherentType);
       const VkBuffer to = bound(sim, 64);
       const VkCommandBuffer commands = sim.commands(sim.pool());
       sim.begin(commands);
       const VkBufferCopy region = {0, 0, 64};
       sim.d.fn.cmd_copy_buffer(commands, buffer, to, 1, &region);
       sim.d.fn.end_command_buffer(commands);
       sim.d.fn.free_memory(sim.d.handle, memory, nullptr);
       static_cast<void>(sim.submit(commands));
     }},
    {"image_copy_beyond_the_mip", "beyond the image's mip",
     [](const SimulatedFixture& sim) {
       copy_to_image(sim, region_of({9, 8, 1}, 1));
     }},
    {"image_copy_of_a_missing_mip", "mip that the image lacks",
     [](const SimulatedFixture& sim) {
       copy_to_image(sim, region_of({1, 1, 1}, 2));
     }},
    {"image_copy_of_a_wrong_aspect", "aspect",
     [](const SimulatedFixture& sim) {
       copy_to_image(sim, region_of({16, 16, 1}, 0, VK_IMAGE_ASPECT_DEPTH_BIT));
     }},
    {"image_copy_of_all_planes_at_once", "anything but one plane",
     [](const SimulatedFixture& sim) {
       copy_to_image(sim, region_of({16, 16, 1}), kImageTransfer, VK_FORMAT_G8_B8R8_2PLANE_420_UNORM);
     }},
    {"image_copy_of_a_missing_plane", "anything but one plane",
     [](const SimulatedFixture& sim) {
       copy_to_image(sim, region_of({8, 8, 1}, 0, VK_IMAGE_ASPECT_PLANE_2_BIT), kImageTransfer,
                     VK_FORMAT_G8_B8R8_2PLANE_420_UNORM);
     }},
    {"image_copy_beyond_a_plane", "beyond the image's mip",
     [](const SimulatedFixture& sim) {
       copy_to_image(sim, region_of({16, 16, 1}, 0, VK_IMAGE_ASPECT_PLANE_1_BIT), kImageTransfer,
                     VK_FORMAT_G8_B8R8_2PLANE_420_UNORM);
     }},
    {"image_copy_without_usage", "transfer usage",
     [](const SimulatedFixture& sim) {
       copy_to_image(sim, region_of({16, 16, 1}), VK_IMAGE_USAGE_SAMPLED_BIT);
     }},
    {"image_copy_beyond_the_buffer", "beyond the buffer",
     [](const SimulatedFixture& sim) {
       VkBufferImageCopy region = region_of({16, 16, 1});
       region.bufferRowLength = 40;
       copy_to_image(sim, region);
     }},
    {"barrier_on_a_missing_layer", "layer that the image lacks",
     [](const SimulatedFixture& sim) {
       VkImageMemoryBarrier barrier{};
       barrier.image = bound(sim, small_image());
       barrier.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 2};
       sim.run([&](VkCommandBuffer commands) {
         sim.d.fn.cmd_pipeline_barrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 0,
                                       nullptr, 0, nullptr, 1, &barrier);
       });
     }},
};

class EveryMisuse : public testing::TestWithParam<Misuse> {};

TEST_P(EveryMisuse, Aborts) {
  const SimulatedFixture sim(test_profile());
  EXPECT_DEATH(GetParam().act(sim), GetParam().message);
}
INSTANTIATE_TEST_SUITE_P(Table, EveryMisuse, testing::ValuesIn(kMisuses),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace vkmembench
