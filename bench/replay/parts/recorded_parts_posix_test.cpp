// What the recording layer takes of memory in parts, as it is replayed.

#include <gtest/gtest.h>

#include <cstdlib>

#include "allocator/testing/temporary_folder_fixture.h"
#include "bench/replay/testing/replay_fixture.h"
#include "scenarios/recording/layer/null_driver.h"
#include "scenarios/trace/trace_reader.h"

namespace vkmembench {
namespace {

constexpr Bytes kPage = NullDriver::kPage;

// With the memory of a null driver, and pages.
DeviceProfile null_profile() {
  DeviceProfile profile = replay_profile();
  profile.memory = {};
  profile.memory.memoryHeapCount = profile.memory.memoryTypeCount = 1;
  profile.memory.memoryHeaps[0] = {kGiB, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT};
  profile.memory.memoryTypes[0] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, 0};
  profile.budgets = {kGiB};
  for (BufferRule& rule : profile.buffers) rule.answer.memory_type_bits = 1;
  for (ImageRule& rule : profile.images) {
    rule.answer.memory_type_bits = 1;
    rule.answer.prefers_dedicated = rule.answer.requires_dedicated = false;
  }
  return profile;
}

VkImage make_image(const NullDriver& driver, VkImageCreateFlags flags, VkFormat format) {
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.flags = flags;
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = format;
  info.extent = {512, 256, 1};
  info.mipLevels = info.arrayLayers = 1;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  VkImage image = VK_NULL_HANDLE;
  driver.call<PFN_vkCreateImage>("vkCreateImage")(driver.device(), &info, nullptr, &image);
  return image;
}

void bind_sparse(const NullDriver& driver, const VkSparseBufferMemoryBindInfo& buffer,
                 const VkSparseImageMemoryBindInfo& image) {
  VkBindSparseInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO;
  info.bufferBindCount = info.imageBindCount = 1;
  info.pBufferBinds = &buffer;
  info.pImageBinds = &image;
  driver.call<PFN_vkQueueBindSparse>("vkQueueBindSparse")(driver.queue(), 1, &info, VK_NULL_HANDLE);
}

// A page pool from which a buffer and an image have pages, which come, move and go, and two planes in one block.
void use_parts(const NullDriver& driver) {
  const VkDeviceMemory pool = driver.memory(32 * kPage);
  const VkBuffer whole = driver.buffer(3000);
  driver.bind(whole, pool, 31 * kPage);
  const VkBuffer buffer = driver.buffer(4 * kPage, nullptr, VK_BUFFER_CREATE_SPARSE_BINDING_BIT);
  const VkImage image = make_image(driver, VK_IMAGE_CREATE_SPARSE_BINDING_BIT | VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT,
                                   VK_FORMAT_R8G8B8A8_UNORM);
  const VkImageSubresource mip{VK_IMAGE_ASPECT_COLOR_BIT, 0, 0};
  const VkSparseMemoryBind first{0, 4 * kPage, pool, 0, 0};
  const VkSparseMemoryBind moved{kPage, 2 * kPage, pool, 20 * kPage, 0};
  const VkSparseImageMemoryBind texels{mip, {128, 0, 0}, {256, 256, 1}, pool, 8 * kPage, 0};
  const VkSparseImageMemoryBind gone{mip, {256, 128, 0}, {128, 128, 1}, VK_NULL_HANDLE, 0, 0};
  bind_sparse(driver, {buffer, 1, &first}, {image, 1, &texels});
  driver.submit();
  bind_sparse(driver, {buffer, 1, &moved}, {image, 1, &gone});
  driver.submit();

  const VkImage planes = make_image(driver, VK_IMAGE_CREATE_DISJOINT_BIT, VK_FORMAT_G8_B8R8_2PLANE_420_UNORM);
  const VkDeviceMemory block = driver.memory(8 * kPage);
  for (std::uint32_t i = 0; i < 2; ++i) {
    VkBindImagePlaneMemoryInfo plane{};
    plane.sType = VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO;
    plane.planeAspect = i == 0 ? VK_IMAGE_ASPECT_PLANE_0_BIT : VK_IMAGE_ASPECT_PLANE_1_BIT;
    const VkBindImageMemoryInfo info{VK_STRUCTURE_TYPE_BIND_IMAGE_MEMORY_INFO, &plane, planes, block, 4 * kPage * i};
    driver.call<PFN_vkBindImageMemory2>("vkBindImageMemory2")(driver.device(), 1, &info);
  }
  driver.submit();
  const auto destroy = driver.call<PFN_vkDestroyImage>("vkDestroyImage");
  destroy(driver.device(), planes, nullptr);
  destroy(driver.device(), image, nullptr);
  driver.destroy(whole);
  driver.destroy(block);
  driver.destroy(pool);
  driver.destroy(buffer);
}

Trace recorded_parts() {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "t.jsonl.zst";
  setenv("VKMEMBENCH_RECORD_FILE", file.c_str(), 1);
  {
    NullDriver driver;
    use_parts(driver);
  }
  unsetenv("VKMEMBENCH_RECORD_FILE");
  return read_trace(std::filesystem::directory_iterator(folder.path())->path(), 0);
}

TEST(RecordedParts, ReplayAsTheyWere) {
  const Trace trace = recorded_parts();
  ASSERT_TRUE(trace.recorded.left_out.empty());
  for (const char* strategy : {"recorded", "dedicated", "vma", "core-default"}) {
    SCOPED_TRACE(strategy);
    Stage stage(null_profile());
    const Recording recording = stage.play(trace, strategy);
    expect_clean(recording, stage);
    const vkmembench::Run run = stage.summary(trace, recording);
    EXPECT_EQ(count_of(run, "alloc.failed_count"), 0u);
    EXPECT_EQ(count_of(run, "alloc.unsupported_count"), 0u);
    if (std::string(strategy) != "recorded") continue;
    EXPECT_EQ(count_of(run, "api.allocate_memory_count"), 2u);
    EXPECT_EQ(count_of(run, "mem.reserved_peak_bytes"), (32 + 8) * kPage);
  }
}

}  // namespace
}  // namespace vkmembench
