// A tiny trace through the whole pipeline, every figure worked out by hand.
#include "bench/replay/account/summarize.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "allocator/seam/basic_strategy.h"
#include "bench/replay/testing/replay_fixture.h"
#include "reports/model/metric_table.h"

namespace vkmembench {
namespace {

// Places one buffer after the other into one block of 8 KiB, each rounded up to 256 bytes, and keeps the block.
class OneBlock : public BasicStrategy {
 public:
  explicit OneBlock(const Device& device) : device_(device) {}
  ~OneBlock() override { device_.fn.free_memory(device_.handle, memory_, nullptr); }
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    const VkBufferCreateInfo info = create_info(request);
    VkBuffer buffer = VK_NULL_HANDLE;
    device_.fn.create_buffer(device_.handle, &info, nullptr, &buffer);
    VkMemoryRequirements required{};
    device_.fn.get_buffer_memory_requirements(device_.handle, buffer, &required);
    if (memory_ == VK_NULL_HANDLE) {
      const VkMemoryAllocateInfo allocate{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, 8192, 0};
      device_.fn.allocate_memory(device_.handle, &allocate, nullptr, &memory_);
    }
    Allocation made;
    made.resource = reinterpret_cast<std::uint64_t>(buffer);
    made.memory = memory_;
    made.offset = end_;
    made.charged = align_up(required.size, 256);
    end_ += made.charged;
    device_.fn.bind_buffer_memory(device_.handle, buffer, memory_, made.offset);
    return made;
  }
  Expected<Allocation> create_image(const ImageRequest&) override { return VK_ERROR_FEATURE_NOT_PRESENT; }
  void destroy(const Allocation& allocation, std::uint16_t) override {
    device_.fn.destroy_buffer(device_.handle, allocation.buffer(), nullptr);
  }
  Expected<std::byte*> map(const Allocation&) override { return VK_ERROR_MEMORY_MAP_FAILED; }
  void unmap(const Allocation&) override {}
  VkResult flush(const Allocation&, Offset, Bytes) override { return VK_SUCCESS; }
  VkResult invalidate(const Allocation&, Offset, Bytes) override { return VK_SUCCESS; }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return {{"only", 0, 1, 0, 8192, 0}}; }

 private:
  Device device_;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
  Offset end_ = 0;
};

// One frame in flight; test_profile() rounds buffers up to 16 bytes.
//            r     q     c   held at the ends of frames
//   A      100   112   256   0
//   B     4000  4000  4096   0, 1
//   C     2000  2000  2048      1, 2; the harness frees it
Trace tiny() {
  Story story(1);
  story.frame();
  const ObjectIndex a = story.make(100);
  const ObjectIndex b = story.make(4000);
  story.snapshot("full");
  story.free(a);
  story.frame();  // A is gone
  story.make(2000);
  story.free(b);
  story.frame();  // B is gone
  story.snapshot("tail");
  return story.finish();
}

struct Figure {
  const char* id;
  const char* scope;
  double value;
};

class ByHand : public testing::TestWithParam<bool> {
 protected:
  template <typename Strategy>
  auto run(const Trace& trace) {
    Stage stage(replay_profile(), model());
    const Recording recording = stage.play(
        trace, [](const Device& device) { return std::make_unique<Strategy>(device); },
        replay_options(GetParam(), false));
    return stage.summary(trace, recording);
  }
  [[nodiscard]] static bool model() { return !GetParam(); }
  static void expect(const vkmembench::Run& run, const std::vector<Figure>& figures) {
    for (const Figure& figure : figures)
      EXPECT_DOUBLE_EQ(ratio_of(run, figure.id, figure.scope), figure.value) << figure.id << " " << figure.scope;
  }
};
INSTANTIATE_TEST_SUITE_P(Table, ByHand, testing::Bool(),
                         [](const auto& row) { return row.param ? "concurrent" : "ordered_model_clock"; });

TEST_P(ByHand, OneBlockForAll) {
  const auto result = run<OneBlock>(tiny());
  expect(result, {{"alloc.count", "", 3},
                  {"alloc.failed_count", "", 0},
                  {"free.count", "", 3},
                  {"trace.unfreed_count", "", 1},
                  {"leak.count", "", 0},
                  {"leak.bytes", "", 0},
                  {"mem.requested_peak_bytes", "", 4000 + 2000},
                  {"mem.required_peak_bytes", "", 4000 + 2000},  // LOAD
                  {"mem.pending_free_peak_bytes", "", 4000},
                  {"mem.charged_peak_bytes", "", 4096 + 2048},
                  {"mem.reserved_peak_bytes", "", 8192},
                  {"mem.reserved_end_bytes", "", 8192},
                  {"mem.reserved_over_live_ratio", "", 8192.0 / 6000},
                  {"mem.reserved_over_live_at_ratio", "full", 8192.0 / (112 + 4000)},
                  {"mem.reserved_over_live_at_ratio", "tail", 8192.0 / 2000},
                  {"mem.waste_byte_frames", "", (8192 - 112 - 4000) + (8192 - 4000 - 2000) + (8192 - 2000)},
                  {"mem.retention_ratio", "", 1},
                  {"mem.stranded_bytes.worst", "", 8192},
                  {"mem.stranded_bytes.end", "", 8192},
                  // Frame ends: free [4352, 8192); [0, 256) and [6400, 8192); [0, 4352) and [6400, 8192).
                  {"frag.external_ratio.max", "", 1 - 4352.0 / (4352 + 1792)},
                  {"frag.external_ratio.mean", "", (0 + (1 - 1792.0 / 2048) + (1 - 4352.0 / 6144)) / 3},
                  {"block.count_peak", "", 1},
                  {"dedicated.count_peak", "", 0},
                  {"pool.reserved_peak_bytes", "only", 8192},
                  {"pool.live_peak_bytes", "only", 6000},
                  {"api.allocate_memory_count", "", 1},
                  {"api.create_buffer_count", "", 3},
                  {"api.destroy_buffer_count", "", 3},
                  {"api.bind_buffer_memory_count", "", 3},
                  {"api.device_memory_objects_peak", "", 1},
                  {"fallback.count", "", 0},
                  {"placement.preferred_ratio", "", 1},
                  {"budget.over_frames_count", "", 0}});
  if (model()) {
    // At peak reserve, which is as the block came: A alone is placed. Concurrent lanes are not seen that closely.
    expect(result, {{"frag.internal_ratio", "", (256.0 - 112) / 256},
                    {"frag.driver_padding_ratio", "", (112.0 - 100) / 112},
                    {"frag.external_ratio", "", 0},
                    {"frag.rss_ratio", "", 0}});
    expect(result, {{"model.driver_ns", "", 1000 + 3 * 10},
                    {"api.allocate_memory_ns", "", 1000},
                    {"api.create_buffer_ns", "", 30},
                    {"time.driver_ns", "", 1030}});
    EXPECT_EQ(result.metric("time.allocator_ns"), nullptr);
    EXPECT_EQ(result.metric("process.peak_rss_bytes"), nullptr);
  } else {
    EXPECT_NE(result.metric("time.allocator_ns"), nullptr);
    EXPECT_EQ(result.metric("model.driver_ns"), nullptr);
  }
  EXPECT_EQ(result.series.frame, (std::vector<std::uint64_t>{0, 1, 2}));
  ASSERT_EQ(result.snapshots.size(), 2u);
  ASSERT_EQ(result.snapshots[0].blocks.size(), 1u);
  EXPECT_EQ(result.snapshots[0].blocks[0].spans.size(), 2u);
  EXPECT_EQ(result.snapshots[1].blocks[0].spans.size(), 1u);
  EXPECT_EQ(result.snapshots[1].blocks[0].spans[0].offset, 4352u);
  EXPECT_EQ(result.snapshots[0].blocks[0].spans[0].created_frame, 0u);
  EXPECT_EQ(result.snapshots[1].blocks[0].spans[0].created_frame, 1u);
}

class EachItsOwn : public BasicStrategy {
 public:
  explicit EachItsOwn(const Device& device) : below_(parse_strategy("dedicated").make(device)) {}
  Expected<Allocation> create_buffer(const BufferRequest& request) override { return below_->create_buffer(request); }
  Expected<Allocation> create_image(const ImageRequest& request) override { return below_->create_image(request); }
  void destroy(const Allocation& allocation, std::uint16_t lane) override { below_->destroy(allocation, lane); }
  Expected<std::byte*> map(const Allocation& allocation) override { return below_->map(allocation); }
  void unmap(const Allocation& allocation) override { below_->unmap(allocation); }
  VkResult flush(const Allocation& a, Offset offset, Bytes size) override { return below_->flush(a, offset, size); }
  VkResult invalidate(const Allocation& a, Offset offset, Bytes size) override {
    return below_->invalidate(a, offset, size);
  }

 private:
  std::unique_ptr<Strategy> below_;
};
TEST_P(ByHand, MemoryOfItsOwnForEach) {
  const auto result = run<EachItsOwn>(tiny());
  expect(result, {{"mem.charged_peak_bytes", "", 6000},
                  {"mem.reserved_peak_bytes", "", 6000},
                  {"mem.reserved_end_bytes", "", 0},
                  {"mem.reserved_over_live_ratio", "", 1},
                  {"mem.reserved_over_live_at_ratio", "full", 1},
                  {"mem.waste_byte_frames", "", 0},
                  {"mem.retention_ratio", "", 0},
                  {"mem.stranded_bytes.end", "", 0},
                  {"block.count_peak", "", 0},
                  {"dedicated.count_peak", "", 2},
                  {"dedicated.bytes_peak", "", 6000},
                  {"api.allocate_memory_count", "", 3},
                  {"api.free_memory_count", "", 3},
                  {"api.device_memory_objects_peak", "", 2}});
  if (model()) {
    expect(result, {{"frag.internal_ratio", "", 0},
                    {"frag.driver_padding_ratio", "", 0},  // at peak: B and C, which need no padding
                    {"model.driver_ns", "", 3 * 1000 + 3 * 10 + 3 * 500}});
  }
}

TEST(Summarize, GivesMetricsInTheTablesOrderEachOnce) {
  Stage stage(replay_profile());
  const Trace trace = tiny();
  const auto run = stage.summary(trace, stage.play(trace, "vma"));
  const MetricInfo* last = nullptr;
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  for (const MetricValue& metric : run.metrics) {
    const MetricInfo* info = find_metric(metric.id);
    ASSERT_NE(info, nullptr) << metric.id;
    EXPECT_LE(last, info) << metric.id;
    last = info;
    EXPECT_TRUE(seen.emplace(metric.id, metric.scope_kind, metric.scope).second) << metric.id << " " << metric.scope;
    EXPECT_EQ(metric.scope.empty(), metric.scope_kind.empty()) << metric.id;
    if (std::holds_alternative<std::monostate>(metric.value)) {
      EXPECT_FALSE(metric.reason.empty()) << metric.id;
    }
  }
}

TEST(Summarize, CauseHistogramsHoldEveryCreate) {
  DeviceProfile profile = replay_profile();
  Story story;
  for (int i = 0; i < 20; ++i) story.make(3 * kMiB);  // 60 MiB of a heap of 64, then the other heap, then refusals
  for (int i = 0; i < 20; ++i) story.make(2 * kMiB);
  const Trace trace = story.finish();
  Stage stage(profile);
  const Recording recording = stage.play(trace, "core-default", replay_options(false, false));
  const LaneRecord& lane = recording.lanes[0];
  std::uint64_t sum = 0;
  for (const Histogram& cause : lane.by_cause) sum += cause.count();
  EXPECT_EQ(sum, 40u);
  std::uint64_t fallbacks = 0;
  for (const ReplayObject& object : recording.objects) fallbacks += object.allocation.fallback;
  EXPECT_EQ(lane.by_cause[static_cast<std::size_t>(Cause::fallback)].count(), fallbacks);
  EXPECT_EQ(lane.by_cause[static_cast<std::size_t>(Cause::refused)].count(), lane.refusals.size());
  EXPECT_GT(fallbacks, 0u);
  EXPECT_GT(lane.by_cause[static_cast<std::size_t>(Cause::new_block)].count(), 0u);
  const auto run = stage.summary(trace, recording);
  EXPECT_EQ(count_of(run, "fallback.count"), fallbacks);
  EXPECT_EQ(count_of(run, "time.by_cause_ns.n", "fallback"), fallbacks);
}

}  // namespace
}  // namespace vkmembench
