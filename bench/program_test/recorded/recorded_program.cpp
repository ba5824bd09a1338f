// A program to record: `recorded_program WHAT` does one thing with Vulkan memory, which the test that starts it knows.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <functional>
#include <string_view>
#include <thread>

#include "bench/program_test/recorded/small_vulkan.h"

namespace {

template <typename Handle>
std::uint64_t number(Handle handle) {
  return reinterpret_cast<std::uint64_t>(handle);
}

// Commands that are recorded once and waited for.
class Commands {
 public:
  explicit Commands(const SmallVulkan& vulkan) : vulkan_(vulkan) {
    VkCommandPoolCreateInfo pool{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, nullptr, 0, 0};
    SmallVulkan::check(
        vulkan.of_device<PFN_vkCreateCommandPool>("vkCreateCommandPool")(vulkan.device(), &pool, nullptr, &pool_));
    VkCommandBufferAllocateInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, nullptr, pool_,
                                     VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
    SmallVulkan::check(
        vulkan.of_device<PFN_vkAllocateCommandBuffers>("vkAllocateCommandBuffers")(vulkan.device(), &info, &buffer_));
    VkCommandBufferBeginInfo begin{};
    begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    SmallVulkan::check(vulkan.of_device<PFN_vkBeginCommandBuffer>("vkBeginCommandBuffer")(buffer_, &begin));
  }
  VkCommandBuffer end() {
    SmallVulkan::check(vulkan_.of_device<PFN_vkEndCommandBuffer>("vkEndCommandBuffer")(buffer_));
    return buffer_;
  }
  void destroy() {
    vulkan_.of_device<PFN_vkDestroyCommandPool>("vkDestroyCommandPool")(vulkan_.device(), pool_, nullptr);
  }
  void to_general(VkImage image) {
    VkImageMemoryBarrier barrier{};
    barrier.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER;
    barrier.dstAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_TRANSFER_READ_BIT;
    barrier.newLayout = VK_IMAGE_LAYOUT_GENERAL;
    barrier.srcQueueFamilyIndex = barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
    barrier.image = image;
    barrier.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
    call<PFN_vkCmdPipelineBarrier>("vkCmdPipelineBarrier", VkFlags{VK_PIPELINE_STAGE_ALL_COMMANDS_BIT},
                                   VkFlags{VK_PIPELINE_STAGE_TRANSFER_BIT}, 0u, 0u, nullptr, 0u, nullptr, 1u, &barrier);
  }
  // What lies between two copies.
  void wait() {
    VkMemoryBarrier barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, VK_ACCESS_MEMORY_WRITE_BIT,
                            VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT};
    call<PFN_vkCmdPipelineBarrier>("vkCmdPipelineBarrier", VkFlags{VK_PIPELINE_STAGE_ALL_COMMANDS_BIT},
                                   VkFlags{VK_PIPELINE_STAGE_ALL_COMMANDS_BIT}, 0u, 1u, &barrier, 0u, nullptr, 0u,
                                   nullptr);
  }
  template <typename Function, typename... Arguments>
  void call(const char* name, Arguments... arguments) {
    vulkan_.of_device<Function>(name)(buffer_, arguments...);
  }

 private:
  const SmallVulkan& vulkan_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  VkCommandBuffer buffer_ = VK_NULL_HANDLE;
};

constexpr VkImageSubresourceLayers kColor{VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};

void copy_everything(const SmallVulkan& vulkan, VkBuffer from, VkBuffer to, VkImage image, VkImage other) {
  Commands commands(vulkan);
  commands.to_general(image);
  commands.to_general(other);
  const VkBufferCopy bytes{0, 0, 4096};
  commands.call<PFN_vkCmdCopyBuffer>("vkCmdCopyBuffer", from, to, 1u, &bytes);
  commands.wait();
  const std::uint32_t word = 7;
  commands.call<PFN_vkCmdUpdateBuffer>("vkCmdUpdateBuffer", to, VkDeviceSize{0}, VkDeviceSize{4}, &word);
  commands.wait();
  commands.call<PFN_vkCmdFillBuffer>("vkCmdFillBuffer", to, VkDeviceSize{0}, VkDeviceSize{64}, word);
  VkBufferImageCopy texels{};
  texels.imageSubresource = kColor;
  texels.imageExtent = {16, 16, 1};
  commands.call<PFN_vkCmdCopyBufferToImage>("vkCmdCopyBufferToImage", from, image, VK_IMAGE_LAYOUT_GENERAL, 1u,
                                            &texels);
  commands.wait();
  VkImageCopy whole{};
  whole.srcSubresource = whole.dstSubresource = kColor;
  whole.extent = {16, 16, 1};
  commands.call<PFN_vkCmdCopyImage>("vkCmdCopyImage", image, VK_IMAGE_LAYOUT_GENERAL, other, VK_IMAGE_LAYOUT_GENERAL,
                                    1u, &whole);
  commands.wait();
  texels.imageExtent = {32, 32, 1};  // all of it
  commands.call<PFN_vkCmdCopyImageToBuffer>("vkCmdCopyImageToBuffer", other, VK_IMAGE_LAYOUT_GENERAL, to, 1u, &texels);
  vulkan.submit(std::array{commands.end()}.data());
  commands.destroy();
}

void copy_everything_anew(const SmallVulkan& vulkan, VkBuffer from, VkBuffer to, VkImage image) {
  Commands commands(vulkan);
  commands.to_general(image);
  const VkBufferCopy2 bytes{VK_STRUCTURE_TYPE_BUFFER_COPY_2, nullptr, 0, 0, 1024};
  const VkCopyBufferInfo2 copy{VK_STRUCTURE_TYPE_COPY_BUFFER_INFO_2, nullptr, from, to, 1, &bytes};
  commands.call<PFN_vkCmdCopyBuffer2>("vkCmdCopyBuffer2", &copy);
  VkBufferImageCopy2 texels{};
  texels.sType = VK_STRUCTURE_TYPE_BUFFER_IMAGE_COPY_2;
  texels.imageSubresource = kColor;
  texels.imageExtent = {8, 8, 1};
  const VkCopyBufferToImageInfo2 fill{
      VK_STRUCTURE_TYPE_COPY_BUFFER_TO_IMAGE_INFO_2, nullptr, from, image, VK_IMAGE_LAYOUT_GENERAL, 1, &texels};
  commands.call<PFN_vkCmdCopyBufferToImage2>("vkCmdCopyBufferToImage2", &fill);
  vulkan.submit2(commands.end());
  commands.destroy();
}

void map_and_flush(const SmallVulkan& vulkan, VkDeviceMemory memory) {
  void* data = nullptr;
  SmallVulkan::check(
      vulkan.of_device<PFN_vkMapMemory>("vkMapMemory")(vulkan.device(), memory, 0, VK_WHOLE_SIZE, 0, &data));
  std::memset(data, 1, 8192);
  const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory, 0, 4096};
  vulkan.of_device<PFN_vkFlushMappedMemoryRanges>("vkFlushMappedMemoryRanges")(vulkan.device(), 1, &range);
  vulkan.of_device<PFN_vkInvalidateMappedMemoryRanges>("vkInvalidateMappedMemoryRanges")(vulkan.device(), 1, &range);
  vulkan.of_device<PFN_vkUnmapMemory>("vkUnmapMemory")(vulkan.device(), memory);
}

// Everything that a recording says, on one device: four buffers, three images, an alias, five allocations.
void do_everything() {
  SmallVulkan vulkan;
  const VkDeviceMemory block = vulkan.memory(1 << 20);
  const VkBuffer from = vulkan.buffer(8192);
  const VkBuffer to = vulkan.buffer(4096);
  vulkan.bind(from, block, 0);
  const VkBindBufferMemoryInfo bind{VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, to, block, 65536};
  SmallVulkan::check(vulkan.of_device<PFN_vkBindBufferMemory2>("vkBindBufferMemory2")(vulkan.device(), 1, &bind));
  vulkan.name(VK_OBJECT_TYPE_BUFFER, number(from), "staging \"ring\"");
  const VkBuffer alias = vulkan.buffer(2048);
  vulkan.bind(alias, block, 65536 + 1024);
  const VkBuffer never_bound = vulkan.buffer(1024);

  const VkFormat formats[] = {VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_R8G8B8A8_SRGB};
  const VkImageFormatListCreateInfo list{VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO, nullptr, 2, formats};
  const VkImage image = vulkan.image(64, &list, VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT);
  VkMemoryDedicatedAllocateInfo dedicated{VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, nullptr, image,
                                          VK_NULL_HANDLE};
  const VkDeviceMemory own = vulkan.memory(vulkan.needs(image).size, &dedicated);
  vulkan.bind(image, own, 0);
  vulkan.name(VK_OBJECT_TYPE_IMAGE, number(image), "albedo");
  const VkImageStencilUsageCreateInfo stencil{VK_STRUCTURE_TYPE_IMAGE_STENCIL_USAGE_CREATE_INFO, nullptr,
                                              VK_IMAGE_USAGE_SAMPLED_BIT};
  const VkImage unusual = vulkan.image(32, &stencil);
  const VkDeviceMemory single = vulkan.memory(vulkan.needs(unusual).size);
  const VkBindImageMemoryInfo bind_image{VK_STRUCTURE_TYPE_BIND_IMAGE_MEMORY_INFO, nullptr, unusual, single, 0};
  SmallVulkan::check(vulkan.of_device<PFN_vkBindImageMemory2>("vkBindImageMemory2")(vulkan.device(), 1, &bind_image));

  map_and_flush(vulkan, block);
  copy_everything(vulkan, from, to, image, unusual);
  copy_everything_anew(vulkan, from, to, image);

  // Made here, destroyed elsewhere; and memory that goes before what is bound in it.
  std::thread([&] {
    vulkan.destroy(alias);
    vulkan.destroy(to);
  }).join();
  vulkan.destroy(single);
  vulkan.destroy(unusual);
  const VkDeviceMemory idle = vulkan.memory(4096);
  vulkan.submit();
  vulkan.destroy(idle);
  vulkan.destroy(never_bound);
  vulkan.destroy(from);
  vulkan.destroy(image);
  vulkan.destroy(own);
  vulkan.destroy(block);
  vulkan.destroy();
}

// One buffer in memory of its own.
void come_and_go(const SmallVulkan& vulkan, VkDeviceSize size) {
  const VkBuffer buffer = vulkan.buffer(size);
  const VkDeviceMemory memory = vulkan.memory(vulkan.needs(buffer).size);
  vulkan.bind(buffer, memory, 0);
  vulkan.destroy(buffer);
  vulkan.destroy(memory);
}

void do_on_threads() {
  SmallVulkan vulkan;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 500; ++n) come_and_go(vulkan, 256u * static_cast<unsigned>(i + 1));
    });
  }
  for (std::thread& thread : threads) thread.join();
  vulkan.destroy();
}

// Until it is killed.
void do_endlessly() {
  SmallVulkan vulkan;
  std::puts("begun");
  std::fflush(stdout);
  for (VkDeviceSize n = 0;; ++n) {
    come_and_go(vulkan, 256 + n % 4096);
    vulkan.submit();
  }
}

void do_with_two_devices() {
  SmallVulkan first;
  SmallVulkan second;
  come_and_go(first, 1000);
  come_and_go(second, 2000);
  come_and_go(second, 3000);
  second.destroy();
  first.destroy();
}

// The child of a fork goes on with a device of its own, and leaves its parent's alone.
void do_with_fork() {
  SmallVulkan vulkan;
  come_and_go(vulkan, 1000);
  const pid_t child = fork();
  if (child == 0) {
    SmallVulkan own;
    come_and_go(own, 2000);
    own.destroy();
    std::exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  SmallVulkan::require(status == 0, "a child that ends well");
  come_and_go(vulkan, 3000);
  vulkan.destroy();
}

void leave_everything() {
  SmallVulkan vulkan;
  const VkBuffer buffer = vulkan.buffer(1000);
  vulkan.bind(buffer, vulkan.memory(4096), 0);
  vulkan.submit();
}

// Ten frames, each with a buffer of its own that goes with the next but one.
void do_frames(const SmallVulkan& vulkan, const std::function<void()>& end_frame) {
  std::vector<VkBuffer> buffers;
  const VkDeviceMemory memory = vulkan.memory(1 << 20);
  for (VkDeviceSize frame = 0; frame < 10; ++frame) {
    buffers.push_back(vulkan.buffer(1000 + frame));
    vulkan.bind(buffers.back(), memory, 65536 * frame);
    if (frame >= 2) vulkan.destroy(std::exchange(buffers[frame - 2], VkBuffer{}));
    end_frame();
  }
  for (const VkBuffer buffer : buffers) vulkan.destroy(buffer);
  vulkan.destroy(memory);
}

void do_frames_by_submits() {
  SmallVulkan vulkan;
  do_frames(vulkan, [&] { vulkan.submit(); });
  vulkan.destroy();
}

// As VK_EXT_frame_boundary says it, in every second of two submits.
void do_frames_by_boundaries() {
  struct Boundary {
    VkStructureType type = static_cast<VkStructureType>(1000375001);
    const void* next = nullptr;
    VkFlags flags = 1;
    std::uint64_t rest[9] = {};
  } boundary;
  SmallVulkan vulkan;
  do_frames(vulkan, [&] {
    vulkan.submit(nullptr, &boundary);
    vulkan.submit();
  });
  vulkan.destroy();
}

// A program that says itself how it is recorded.
void do_with_settings_of_its_own() {
  struct Setting {
    const char* layer;
    const char* name;
    std::int32_t type;
    std::uint32_t count;
    const void* values;
  };
  const char* frames = "2-4";
  const VkBool32 anonymize = VK_TRUE;
  const Setting settings[] = {{"VK_LAYER_VKMEMBENCH_record", "frames", 7, 1, &frames},
                              {"VK_LAYER_VKMEMBENCH_record", "anonymize", 0, 1, &anonymize},
                              {"VK_LAYER_KHRONOS_validation", "frames", 0, 1, &anonymize}};
  struct {
    VkStructureType type = static_cast<VkStructureType>(1000496000);
    const void* next = nullptr;
    std::uint32_t count = 3;
    const Setting* settings = nullptr;
  } info;
  info.settings = settings;
  SmallVulkan vulkan(&info);
  do_frames(vulkan, [&] { vulkan.submit(); });
  vulkan.destroy();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  const std::pair<std::string_view, void (*)()> kinds[] = {{"everything", do_everything},
                                                           {"threads", do_on_threads},
                                                           {"endless", do_endlessly},
                                                           {"two", do_with_two_devices},
                                                           {"fork", do_with_fork},
                                                           {"leak", leave_everything},
                                                           {"frames", do_frames_by_submits},
                                                           {"boundaries", do_frames_by_boundaries},
                                                           {"settings", do_with_settings_of_its_own},
                                                           {"nothing", [] { SmallVulkan().destroy(); }},
                                                           {"fail", [] { std::exit(9); }}};
  for (const auto& [name, run] : kinds) {
    if (name != what) continue;
    run();
    return 0;
  }
  std::fprintf(stderr, "recorded_program: knows no '%s'\n", argc == 2 ? argv[1] : "");
  return 2;
}
