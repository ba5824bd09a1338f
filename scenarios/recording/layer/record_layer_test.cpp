#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "allocator/testing/temporary_folder_fixture.h"
#include "scenarios/recording/captured_call.h"
#include "scenarios/recording/layer/null_driver.h"
#include "scenarios/recording/newer_structures.h"
#include "scenarios/trace/trace_reader.h"

namespace vkmembench::testing {
namespace {

namespace fs = std::filesystem;

// Records what a test does with null drivers into files of its own.
class RecordLayer : public ::testing::Test {
 protected:
  RecordLayer() { setenv("VKMEMBENCH_RECORD_FILE", (folder_.path() / "t.jsonl.zst").c_str(), 1); }
  ~RecordLayer() override {
    for (const char* name : {"FILE", "FRAMES"}) unsetenv((std::string("VKMEMBENCH_RECORD_") + name).c_str());
  }

  // The traces that are there, in the order of their devices.
  [[nodiscard]] std::vector<Trace> traces() const {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_.path())) files.push_back(entry.path());
    std::ranges::sort(files, {}, [](const fs::path& file) { return std::pair(file.string().size(), file); });
    std::vector<Trace> traces;
    for (const fs::path& file : files) traces.push_back(read_trace(file, 0));
    return traces;
  }
  static std::size_t count(const Trace& trace, Op op) {
    return static_cast<std::size_t>(std::ranges::count(trace.events, op, &Event::op));
  }

  TemporaryFolder folder_;
};

TEST_F(RecordLayer, TakesTheCallsOfEightThreads) {
  constexpr int kThreads = 8;
  constexpr int kTurns = 200;
  NullDriver driver;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < kTurns; ++turn) {
        const VkBuffer from = driver.buffer(100);
        const VkBuffer to = driver.buffer(200);
        const VkDeviceMemory memory = driver.memory(1 << 16);
        driver.bind(from, memory);
        driver.bind(to, memory, 8192);
        const VkBufferCopy region{0, 0, 64};
        driver.call<PFN_vkCmdCopyBuffer>("vkCmdCopyBuffer")(driver.commands(), from, to, 1, &region);
        const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory, 0, VK_WHOLE_SIZE};
        driver.call<PFN_vkFlushMappedMemoryRanges>("vkFlushMappedMemoryRanges")(driver.device(), 1, &range);
        if (turn % 50 == 0) driver.submit();
        driver.destroy(from);
        driver.destroy(memory);
        driver.destroy(to);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  driver.end();
  const Trace trace = traces().at(0);
  EXPECT_EQ(count(trace, Op::buffer), 2u * kThreads * kTurns);
  EXPECT_EQ(count(trace, Op::free), 2u * kThreads * kTurns);
  EXPECT_EQ(count(trace, Op::copy), 1u * kThreads * kTurns);
  EXPECT_EQ(count(trace, Op::write), 2u * kThreads * kTurns);
  EXPECT_EQ(trace.frame_count, 1u + kThreads * kTurns / 50);
  EXPECT_EQ(trace.recorded.blocks.size(), 1u * kThreads * kTurns);
  EXPECT_EQ(trace.lanes.size(), std::size_t{kThreads} + (trace.lanes[0] == 0 && trace.lane_count > kThreads ? 1 : 0));
  for (const RecordedBlock& block : trace.recorded.blocks) EXPECT_NE(block.until_event, RecordedBlock::kToTheEnd);
}

TEST_F(RecordLayer, KeepsThreadsOfSeveralDevicesApart) {
  NullDriver first;
  NullDriver second;
  std::thread one([&] {
    for (int i = 0; i < 100; ++i) first.bind(first.buffer(100), first.memory(4096));
  });
  std::thread other([&] {
    for (int i = 0; i < 50; ++i) second.bind(second.buffer(200), second.memory(4096));
  });
  one.join();
  other.join();
  second.end();
  first.end();
  const std::vector<Trace> both = traces();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].objects.size(), 100u);
  EXPECT_EQ(both[1].objects.size(), 50u);
  EXPECT_EQ(both[0].recorded.device->name, "null");
}

TEST_F(RecordLayer, TakesNamesThatNobodyBelowHeeds) {
  NullDriver driver;
  const VkBuffer buffer = driver.buffer(100);
  driver.bind(buffer, driver.memory(4096));
  VkDebugUtilsObjectNameInfoEXT info{};
  info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT;
  info.objectType = VK_OBJECT_TYPE_BUFFER;
  info.objectHandle = handle_number(buffer);
  info.pObjectName = "ring";
  const auto name = driver.of_instance<PFN_vkSetDebugUtilsObjectNameEXT>("vkSetDebugUtilsObjectNameEXT");
  ASSERT_NE(name, nullptr);
  EXPECT_EQ(name(driver.device(), &info), VK_SUCCESS);
  driver.end();
  EXPECT_THAT(traces().at(0).strings, ::testing::Contains("ring"));
}

TEST_F(RecordLayer, ShowsOnlyWhatIsBelow) {
  NullDriver driver;
  const auto wait = driver.call<PFN_vkDeviceWaitIdle>("vkDeviceWaitIdle");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait(driver.device()), VK_SUCCESS);
  EXPECT_EQ(driver.call<PFN_vkVoidFunction>("vkCmdFillBuffer"), nullptr) << "the driver has none";
  EXPECT_EQ(driver.call<PFN_vkVoidFunction>("vkBindBufferMemory2KHR"), nullptr);
  EXPECT_EQ(driver.of_instance<PFN_vkVoidFunction>("vkCmdFillBuffer"), nullptr);
  EXPECT_NE(driver.of_instance<PFN_vkVoidFunction>("vkCreateBuffer"), nullptr);
  driver.end();
  EXPECT_TRUE(traces().empty()) << "nothing was done with memory";
}

TEST_F(RecordLayer, PassesUnknownStructuresOnAndCountsThem) {
  NullDriver driver;
  const VkBaseInStructure unknown{static_cast<VkStructureType>(1234567), nullptr};
  driver.bind(driver.buffer(100, &unknown), driver.memory(4096, &unknown));
  EXPECT_EQ(NullDriver::last_buffer_structure(), &unknown);
  driver.end();
  const std::vector<LeftOut> left_out = traces().at(0).recorded.left_out;
  ASSERT_EQ(left_out.size(), 2u);
  EXPECT_EQ(left_out[0].what, "structures 1234567 of VkBufferCreateInfo");
  EXPECT_EQ(left_out[1].what, "structures 1234567 of VkMemoryAllocateInfo");
}

TEST_F(RecordLayer, TakesWhatAnAllocationAsksBesidesItsSize) {
  NullDriver driver;
  VkMemoryPriorityAllocateInfoEXT priority{VK_STRUCTURE_TYPE_MEMORY_PRIORITY_ALLOCATE_INFO_EXT, nullptr, 0.75F};
  VkExportMemoryAllocateInfo exported{VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO, &priority,
                                      VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
  const VkMemoryAllocateFlagsInfo masked{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO, &exported,
                                         VK_MEMORY_ALLOCATE_DEVICE_MASK_BIT, 2};
  const VkMemoryAllocateFlagsInfo addressed{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO, nullptr,
                                            VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT, 2};
  driver.bind(driver.buffer(100), driver.memory(4096, &masked));
  driver.bind(driver.buffer(100), driver.memory(4096, &addressed));
  driver.end();
  const Trace trace = traces().at(0);
  const Shape& asked = trace.shapes.at(trace.objects.at(0).shape);
  EXPECT_EQ(asked.priority, 0.75F);
  EXPECT_EQ(asked.device_mask, 2u);
  EXPECT_EQ(asked.export_handles, VkFlags{VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT});
  const Shape& usual = trace.shapes.at(trace.objects.at(1).shape);
  EXPECT_EQ(usual.priority, 0.5F);
  EXPECT_EQ(usual.device_mask, 0u) << "which counts only with its bit";
  EXPECT_EQ(usual.export_handles, 0u);
  EXPECT_TRUE(trace.recorded.left_out.empty());
}

TEST_F(RecordLayer, CountsWhatIsImportedAndReplayedElsewhere) {
  NullDriver driver;
  const VkImportMemoryFdInfoKHR file{VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR, nullptr,
                                     VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT, 7};
  const VkImportMemoryHostPointerInfoEXT host{VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT, nullptr,
                                              VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT, nullptr};
  const VkMemoryOpaqueCaptureAddressAllocateInfo address{VK_STRUCTURE_TYPE_MEMORY_OPAQUE_CAPTURE_ADDRESS_ALLOCATE_INFO,
                                                         nullptr, 4096};
  const VkMemoryOpaqueCaptureAddressAllocateInfo none{VK_STRUCTURE_TYPE_MEMORY_OPAQUE_CAPTURE_ADDRESS_ALLOCATE_INFO,
                                                      nullptr, 0};
  for (const void* next : std::initializer_list<const void*>{&file, &host, &address, &none})
    driver.bind(driver.buffer(100), driver.memory(4096, next));
  driver.end();
  const Trace trace = traces().at(0);
  EXPECT_EQ(trace.objects.size(), 4u);
  const std::vector<LeftOut> left_out = trace.recorded.left_out;
  ASSERT_EQ(left_out.size(), 2u);
  EXPECT_EQ(left_out[0].what, "imports of memory (replayed as memory of its own)");
  EXPECT_EQ(left_out[0].count, 2u);
  EXPECT_EQ(left_out[1].what, "opaque capture addresses");
  EXPECT_EQ(left_out[1].count, 1u);
}

TEST_F(RecordLayer, TakesTheModifierThatWasGivenOrChosen) {
  NullDriver driver;
  constexpr std::uint64_t kGiven = 0x0200000000000001;
  const std::uint64_t choice[] = {0, NullDriver::kModifier};
  const VkSubresourceLayout plane{};
  const VkImageDrmFormatModifierExplicitCreateInfoEXT given{
      VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT, nullptr, kGiven, 1, &plane};
  const VkImageDrmFormatModifierListCreateInfoEXT chosen{
      VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_LIST_CREATE_INFO_EXT, nullptr, 2, choice};
  const auto create = driver.call<PFN_vkCreateImage>("vkCreateImage");
  const auto bind = driver.call<PFN_vkBindImageMemory>("vkBindImageMemory");
  for (const void* next : std::initializer_list<const void*>{&given, &chosen, nullptr}) {
    VkImageCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
    info.pNext = next;
    info.imageType = VK_IMAGE_TYPE_2D;
    info.format = VK_FORMAT_R8G8B8A8_UNORM;
    info.extent = {16, 16, 1};
    info.mipLevels = info.arrayLayers = 1;
    info.samples = VK_SAMPLE_COUNT_1_BIT;
    info.tiling = next != nullptr ? VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT : VK_IMAGE_TILING_OPTIMAL;
    info.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
    VkImage image = VK_NULL_HANDLE;
    ASSERT_EQ(create(driver.device(), &info, nullptr, &image), VK_SUCCESS);
    ASSERT_EQ(bind(driver.device(), image, driver.memory(4096), 0), VK_SUCCESS);
  }
  driver.end();
  const Trace trace = traces().at(0);
  std::vector<std::uint64_t> modifiers;
  for (const TraceObject& object : trace.objects) modifiers.push_back(trace.shapes[object.shape].drm_modifier);
  EXPECT_THAT(modifiers, ::testing::ElementsAre(kGiven, NullDriver::kModifier, kNoModifier));
}

TEST_F(RecordLayer, TakesPagesOfSparseResources) {
  NullDriver driver;
  constexpr Bytes kPage = NullDriver::kPage;
  const VkBuffer buffer = driver.buffer(4 * kPage, nullptr, VK_BUFFER_CREATE_SPARSE_BINDING_BIT);
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.flags = VK_IMAGE_CREATE_SPARSE_BINDING_BIT | VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT;
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = VK_FORMAT_R8G8B8A8_UNORM;
  info.extent = {300, 200, 1};  // of 3 x 2 pages, then 2 x 1
  info.mipLevels = 9;
  info.arrayLayers = 2;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  VkImage image = VK_NULL_HANDLE;
  ASSERT_EQ(driver.call<PFN_vkCreateImage>("vkCreateImage")(driver.device(), &info, nullptr, &image), VK_SUCCESS);
  const VkDeviceMemory memory = driver.memory(32 * kPage);
  const VkSparseMemoryBind bytes[] = {{kPage, 2 * kPage, memory, 0, 0}, {kPage, kPage, VK_NULL_HANDLE, 0, 0}};
  const VkSparseMemoryBind tail[] = {{NullDriver::kTailOffset + 2 * kPage, kPage, memory, 8 * kPage, 0},
                                     {0, kPage, memory, 9 * kPage, VK_SPARSE_MEMORY_BIND_METADATA_BIT}};
  const VkImageSubresource second_layer{VK_IMAGE_ASPECT_COLOR_BIT, 0, 1};
  const VkSparseImageMemoryBind texels{second_layer, {128, 0, 0}, {172, 200, 1}, memory, 16 * kPage, 0};
  const VkSparseBufferMemoryBindInfo of_buffer{buffer, 2, bytes};
  const VkSparseImageOpaqueMemoryBindInfo of_tail{image, 2, tail};
  const VkSparseImageMemoryBindInfo of_texels{image, 1, &texels};
  VkBindSparseInfo bind{};
  bind.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO;
  bind.bufferBindCount = bind.imageOpaqueBindCount = bind.imageBindCount = 1;
  bind.pBufferBinds = &of_buffer;
  bind.pImageOpaqueBinds = &of_tail;
  bind.pImageBinds = &of_texels;
  const auto bind_sparse = driver.call<PFN_vkQueueBindSparse>("vkQueueBindSparse");
  ASSERT_EQ(bind_sparse(driver.queue(), 1, &bind, VK_NULL_HANDLE), VK_SUCCESS);
  driver.end();

  const Trace trace = traces().at(0);
  std::vector<std::pair<Offset, Bytes>> pages;
  std::vector<Offset> places;
  for (const Event& event : trace.events)
    if (event.op == Op::sparse_bind) pages.emplace_back(event.page_offset() / kPage, event.size() / kPage);
  for (const RecordedPlacement& placement : trace.recorded.placements) places.push_back(placement.offset / kPage);
  using Page = std::pair<Offset, Bytes>;
  // Of a layer 8 are above the tail: the second layer's begin with 8, the tails with 16.
  EXPECT_THAT(pages, ::testing::ElementsAre(Page(1, 2), Page(2, 1), Page(17, 1), Page(9, 2), Page(12, 2)));
  EXPECT_THAT(places, ::testing::ElementsAre(0, 1, 8, 16, 18));
  ASSERT_EQ(trace.recorded.left_out.size(), 1u);
  EXPECT_EQ(trace.recorded.left_out[0].what, "sparse binds of what a driver keeps beside the texels");
}

TEST_F(RecordLayer, TakesPlanesThatAreBoundApart) {
  NullDriver driver;
  VkImageCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
  info.flags = VK_IMAGE_CREATE_DISJOINT_BIT;
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = VK_FORMAT_G8_B8R8_2PLANE_420_UNORM;
  info.extent = {64, 64, 1};
  info.mipLevels = info.arrayLayers = 1;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  VkImage image = VK_NULL_HANDLE;
  ASSERT_EQ(driver.call<PFN_vkCreateImage>("vkCreateImage")(driver.device(), &info, nullptr, &image), VK_SUCCESS);
  VkBindImagePlaneMemoryInfo planes[2] = {};
  VkBindImageMemoryInfo binds[2] = {};
  for (std::uint32_t i = 0; i < 2; ++i) {
    planes[i].sType = VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO;
    planes[i].planeAspect = i == 0 ? VK_IMAGE_ASPECT_PLANE_0_BIT : VK_IMAGE_ASPECT_PLANE_1_BIT;
    binds[i] = {VK_STRUCTURE_TYPE_BIND_IMAGE_MEMORY_INFO, &planes[i], image, driver.memory(8192), 4096 * i};
  }
  const auto bind = driver.call<PFN_vkBindImageMemory2>("vkBindImageMemory2");
  ASSERT_EQ(bind(driver.device(), 2, binds), VK_SUCCESS);
  driver.end();
  const Trace trace = traces().at(0);
  ASSERT_EQ(count(trace, Op::bind_plane), 2u);
  ASSERT_EQ(trace.recorded.placements.size(), 2u);
  EXPECT_EQ(trace.events[trace.recorded.placements[1].event].plane(), 1u);
  EXPECT_EQ(trace.recorded.placements[1].block, 1u);
  EXPECT_EQ(trace.recorded.placements[1].offset, 4096u);
  EXPECT_TRUE(trace.recorded.left_out.empty());
}

TEST_F(RecordLayer, TakesTheBudgetsThatItsProgramIsTold) {
  NullDriver driver;
  NullDriver other;  // of another physical device, which nobody asks about
  other.bind(other.buffer(100), other.memory(4096));
  driver.bind(driver.buffer(100), driver.memory(4096));
  for (const Bytes budget : {kGiB / 2, kGiB / 2 + 4096, kGiB / 4}) {
    NullDriver::set_budget(budget);
    driver.ask_budget();
    driver.submit();
  }
  other.end();
  driver.end();
  const std::vector<Trace> both = traces();
  ASSERT_EQ(both.at(0).budgets.size(), 2u) << "a few bytes more are none";
  EXPECT_EQ(both[0].budgets[0].heap, "device");
  EXPECT_EQ(both[0].budgets[0].bytes, kGiB / 2);
  EXPECT_EQ(both[0].budgets[1].bytes, kGiB / 4);
  EXPECT_TRUE(both.at(1).budgets.empty());
}

TEST_F(RecordLayer, BeginsWithTheBudgetThatWasToldBefore) {
  setenv("VKMEMBENCH_RECORD_FRAMES", "1-2", 1);
  NullDriver driver;
  NullDriver::set_budget(kGiB / 8);
  driver.ask_budget();
  driver.submit();
  driver.bind(driver.buffer(100), driver.memory(4096));
  driver.submit();
  driver.end();
  const Trace trace = traces().at(0);
  ASSERT_EQ(trace.budgets.size(), 1u);
  EXPECT_EQ(trace.budgets[0].bytes, kGiB / 8);
}

TEST_F(RecordLayer, CountsTheMemoryThatADriverReportsOfItsOwn) {
  for (const bool offered : {true, false}) {
    NullDriver::set_reports(offered);
    NullDriver driver;
    driver.bind(driver.buffer(100), driver.memory(4096));
  }
  const std::vector<Trace> both = traces();
  const std::vector<LeftOut>& left_out = both.at(0).recorded.left_out;
  ASSERT_EQ(left_out.size(), 2u);
  EXPECT_EQ(left_out[0].what, "allocations of the driver's own");
  EXPECT_EQ(left_out[0].count, 2u);
  EXPECT_EQ(left_out[1].what, "bytes of the driver's own at most");
  EXPECT_EQ(left_out[1].count, 5000u);
  EXPECT_TRUE(both.at(1).recorded.left_out.empty());
}

TEST_F(RecordLayer, TellsThreadsOfDevicesThatComeAndGo) {
  NullDriver::set_budget(kGiB);
  std::atomic<bool> over = false;
  NullDriver kept;
  kept.bind(kept.buffer(100), kept.memory(4096));
  std::thread asking([&] {
    while (!over) kept.ask_budget();
  });
  for (int i = 0; i < 50; ++i) {
    NullDriver driver;
    driver.bind(driver.buffer(100), driver.memory(4096));
    driver.ask_budget();
  }
  over = true;
  asking.join();
  kept.end();
  EXPECT_EQ(traces().size(), 50u + 1);
}

TEST_F(RecordLayer, TakesWhatIsMappedByTheNewerCalls) {
  NullDriver driver;
  const VkDeviceMemory memory = driver.memory(1 << 16);
  driver.bind(driver.buffer(1000), memory, 0);
  driver.bind(driver.buffer(2000), memory, 8192);
  const MapInfo map{static_cast<VkStructureType>(1000271000), nullptr, 0, memory, 8192, 512};
  const UnmapInfo unmap{static_cast<VkStructureType>(1000271001), nullptr, 0, memory};
  void* data = nullptr;
  ASSERT_EQ(driver.call<MapMemory2>("vkMapMemory2KHR")(driver.device(), &map, &data), VK_SUCCESS);
  EXPECT_NE(data, nullptr);
  ASSERT_EQ(driver.call<UnmapMemory2>("vkUnmapMemory2KHR")(driver.device(), &unmap), VK_SUCCESS);
  driver.end();
  const Trace trace = traces().at(0);
  const auto write = std::ranges::find(trace.events, Op::write, &Event::op);
  ASSERT_NE(write, trace.events.end()) << "what lies there alone, and needs no flush";
  EXPECT_EQ(trace.objects[write->object].size, 2000u);
  EXPECT_EQ(write->size(), 512u);
  EXPECT_EQ(count(trace, Op::write), 1u);
}

TEST_F(RecordLayer, EndsAFrameWhereTheProgramSaysSo) {
  NullDriver driver;
  driver.bind(driver.buffer(100), driver.memory(4096));
  FrameBoundary boundary{};
  boundary.sType = kFrameBoundaryType;
  for (int i = 0; i < 3; ++i) driver.submit();  // which are frames as long as nothing says what is
  for (int i = 0; i < 6; ++i) {
    boundary.flags = i % 2 == 0 ? kFrameEnds : 0;
    driver.submit(&boundary);
  }
  driver.end();
  EXPECT_EQ(traces().at(0).frame_count, 1u + 3 + 3);
}

TEST_F(RecordLayer, WritesTheFramesThatAreAskedFor) {
  setenv("VKMEMBENCH_RECORD_FRAMES", "2-3", 1);
  NullDriver driver;
  std::vector<VkBuffer> buffers;
  for (Bytes frame = 0; frame < 6; ++frame) {
    buffers.push_back(driver.buffer(100 + frame));
    driver.bind(buffers.back(), driver.memory(4096));
    if (frame == 1) driver.destroy(buffers[0]);
    driver.submit();
  }
  driver.end();
  const Trace trace = traces().at(0);
  std::vector<Bytes> sizes;
  for (const TraceObject& object : trace.objects) sizes.push_back(object.size);
  EXPECT_THAT(sizes, ::testing::ElementsAre(101, 102, 103));
  EXPECT_EQ(trace.frame_count, 2u);
  EXPECT_EQ(trace.recorded.placements.size(), 3u);
  EXPECT_EQ(trace.recorded.blocks.size(), 4u) << "that of the buffer that is gone is still held";
}

TEST_F(RecordLayer, IsReadToItsLastWholeFrame) {
  {
    NullDriver driver;
    for (int i = 0; i < 3; ++i) {
      driver.bind(driver.buffer(100), driver.memory(4096));
      driver.submit();
      std::this_thread::sleep_for(std::chrono::milliseconds(150));  // in which it is written
    }
  }
  const Trace whole = traces().at(0);
  ASSERT_EQ(whole.objects.size(), 3u);
  EXPECT_TRUE(whole.recorded.left_out.empty());
  const fs::path file = fs::directory_iterator(folder_.path())->path();
  std::size_t least = whole.objects.size();  // the first frame has one
  for (std::uintmax_t size = fs::file_size(file) - 1; least > 1; --size) {
    fs::resize_file(file, size);
    const Trace cut = read_trace(file, 0);
    EXPECT_LE(cut.objects.size(), least);
    least = cut.objects.size();
    ASSERT_EQ(cut.recorded.left_out.size(), 1u) << size;
    EXPECT_EQ(cut.recorded.left_out[0].what, "the end, where it was cut");
    EXPECT_EQ(cut.recorded.placements.size(), cut.objects.size());
  }
}

TEST_F(RecordLayer, TellsOfAFileThatCannotBe) {
  setenv("VKMEMBENCH_RECORD_FILE", "/nonexistent/t.jsonl.zst", 1);
  ::testing::internal::CaptureStderr();
  NullDriver driver;
  driver.bind(driver.buffer(100), driver.memory(4096));
  driver.end();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), ::testing::HasSubstr("cannot be written: No such file"));
}

}  // namespace
}  // namespace vkmembench::testing
