// Every kind of violation is found in a strategy that commits it, and is the caller's where the caller is to blame.
#include <gtest/gtest.h>

#include "allocator/oracle/checked.h"
#include "allocator/testing/planted_faults_fixture.h"
#include "allocator/testing/simulated_fixture.h"
#include "bench/replay/check/planted_fault_stories_test.h"
#include "bench/replay/testing/replay_fixture.h"
#include "bench/replay/testing/spy_strategy_fixture.h"

namespace vkmembench {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

// A toy on a device of its own, and a caller that may do as it likes.
class Caller : public StrategyListener {
 public:
  explicit Caller(Bug bug = Bug::none, bool device_address = false)
      : sim_(profile(device_address), {.verify_contents = true, .features = DeviceFeatureSet::all()}),
        info_(*sim_.d.info) {
    info_.exportable_buffers = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT;
    Device device = sim_.d;
    device.info = &info_;
    strategy_ = std::make_unique<Checked>(device, sim_.d, violations_,
                                          [&](const Device& checked) { return make_toy(checked, bug); });
    strategy_->start({.listener = this});
  }

  [[nodiscard]] BufferRequest request(MemoryUse use = MemoryUse::device) {
    BufferRequest made;
    made.size = 1000;
    made.usage = kTransfer;
    made.memory = use;
    made.user = ++last_user_;
    return made;
  }
  [[nodiscard]] ImageRequest image_request() {
    ImageRequest made;
    made.format = VK_FORMAT_R8G8B8A8_UNORM;
    made.extent = {16, 16, 1};
    made.usage = kImageTransfer;
    made.user = ++last_user_;
    return made;
  }
  [[nodiscard]] Allocation make(MemoryUse use = MemoryUse::device) { return *strategy_->create_buffer(request(use)); }
  [[nodiscard]] Allocation make_shared() {
    BufferRequest shared = request();
    shared.shared = true;
    return *strategy_->create_buffer(shared);
  }

  void moved(std::uint64_t, const Allocation& after) override { moved_ = after; }
  void evicted(std::uint64_t) override {}
  void noticed(const Notice&) override {}

  [[nodiscard]] Checked& strategy() { return *strategy_; }
  [[nodiscard]] const std::optional<Allocation>& last_moved() const { return moved_; }
  // Ends the strategy.
  [[nodiscard]] Counts counts() {
    strategy_.reset();
    return violations_.counts();
  }

 private:
  [[nodiscard]] static DeviceProfile profile(bool device_address) {
    DeviceProfile planted = planted_profile();
    if (device_address) planted.offered.add(DeviceFeature::buffer_device_address);
    return planted;
  }

  SimulatedFixture sim_;
  DeviceInfo info_;
  Violations violations_;
  std::unique_ptr<Checked> strategy_;
  std::uint64_t last_user_ = 0;
  std::optional<Allocation> moved_;
};

// Allocates more than the heap, which Vulkan forbids.
class AsksBeyondTheHeap : public PassingStrategy {
 public:
  explicit AsksBeyondTheHeap(const Device& device) : PassingStrategy(make_toy(device, Bug::none)), device_(device) {}
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, kGiB, 0};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    EXPECT_NE(device_.fn.allocate_memory(device_.handle, &info, nullptr, &memory), VK_SUCCESS);
    return PassingStrategy::create_buffer(request);
  }

 private:
  Device device_;
};

// What a strategy with a bug of this kind is found to do.
Counts by_strategy(Violation kind) {
  if (kind == Violation::device_address) {
    Caller caller(Bug::forgets_device_address, true);
    BufferRequest request = caller.request();
    request.usage |= VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    (void)caller.strategy().create_buffer(request);
    return caller.counts();
  }
  if (kind == Violation::external) {
    Caller caller(Bug::forgets_export);
    BufferRequest request = caller.request();
    request.export_handles = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT;
    (void)caller.strategy().create_buffer(request);
    return caller.counts();
  }
  Stage stage(planted_profile());
  if (kind == Violation::invalid_call) {
    Story story;
    story.make(1000);
    const Trace trace = story.finish();
    const Recording recording =
        stage.play(trace, [](const Device& device) { return std::make_unique<AsksBeyondTheHeap>(device); });
    return {{"invalid_call", count_of(stage.summary(trace, recording), "check.violation_count", "invalid_call")}};
  }
  for (const PlantedFault& fault : planted_faults()) {
    if (fault.kind != kind) continue;
    return stage.play(telling_story(), [&](const Device& device) { return make_toy(device, fault.bug); })
        .violation_counts;
  }
  return {};
}

// What a caller does to a sound strategy that would look like the kind, were the strategy believed to have done it.
struct Misuse {
  Violation kind;
  void (*commit)(Caller& caller);
};
const Misuse kMisuses[] = {
    {Violation::bounds,
     [](Caller& caller) {
       const Allocation made = caller.make(MemoryUse::upload);
       (void)caller.strategy().map(made);
       EXPECT_EQ(caller.strategy().flush(made, 1000, 1000), VK_ERROR_VALIDATION_FAILED_EXT);
       caller.strategy().unmap(made);
       caller.strategy().destroy(made, 0);
     }},
    {Violation::alignment,
     [](Caller& caller) {
       BufferRequest request = caller.request();
       request.alignment = 48;
       EXPECT_EQ(caller.strategy().create_buffer(request).result(), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
    {Violation::overlap,
     [](Caller& caller) {
       const Allocation target = caller.make();
       EXPECT_EQ(caller.strategy().create_alias(caller.request(), target, 0).result(), VK_ERROR_VALIDATION_FAILED_EXT);
       caller.strategy().destroy(target, 0);
     }},
    {Violation::granularity,
     [](Caller& caller) {
       const Allocation target = caller.make();
       EXPECT_EQ(caller.strategy().create_alias(caller.image_request(), target, 0).result(),
                 VK_ERROR_VALIDATION_FAILED_EXT);
       caller.strategy().destroy(target, 0);
     }},
    {Violation::memory_type,
     [](Caller& caller) {
       const Allocation made = caller.make(MemoryUse::device);
       EXPECT_EQ(caller.strategy().map(made).result(), VK_ERROR_VALIDATION_FAILED_EXT);
       caller.strategy().destroy(made, 0);
     }},
    {Violation::dedicated,
     [](Caller& caller) {
       BufferRequest large = caller.request();
       large.size = kMiB;
       const Allocation target = *caller.strategy().create_buffer(large);
       EXPECT_EQ(caller.strategy().create_alias(caller.request(), target, 0).result(), VK_ERROR_VALIDATION_FAILED_EXT);
       caller.strategy().destroy(target, 0);
     }},
    {Violation::device_address,
     [](Caller& caller) {
       BufferRequest request = caller.request();
       request.usage |= VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
       EXPECT_EQ(caller.strategy().create_buffer(request).result(), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
    {Violation::external,
     [](Caller& caller) {
       BufferRequest request = caller.request();
       request.export_handles = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT;
       EXPECT_EQ(caller.strategy().create_buffer(request).result(), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
    {Violation::binding,
     [](Caller& caller) {
       const BufferRequest request = caller.request();
       const Allocation made = *caller.strategy().create_buffer(request);
       EXPECT_EQ(caller.strategy().create_buffer(request).result(), VK_ERROR_VALIDATION_FAILED_EXT);
       caller.strategy().destroy(made, 0);
     }},
    {Violation::mapping,
     [](Caller& caller) {
       const Allocation made = caller.make(MemoryUse::upload);
       caller.strategy().unmap(made);
       caller.strategy().destroy(made, 0);
     }},
    {Violation::mapping,
     [](Caller& caller) {
       const Allocation made = caller.make(MemoryUse::upload);
       (void)caller.strategy().map(made);
       caller.strategy().destroy(made, 0);
     }},
    {Violation::atom,
     [](Caller& caller) {
       const Allocation made = caller.make(MemoryUse::upload);
       EXPECT_EQ(caller.strategy().flush(made, 1, 1), VK_ERROR_VALIDATION_FAILED_EXT);
       caller.strategy().destroy(made, 0);
     }},
    {Violation::flush,
     [](Caller& caller) {
       const Allocation made = caller.make(MemoryUse::upload);
       (void)caller.strategy().map(made);
       caller.strategy().host_writes(made, 0, 100);
       EXPECT_EQ(caller.strategy().flush(made, 0, 90), VK_SUCCESS);
       EXPECT_TRUE(caller.strategy().device_reads(made, 0, 90));
       EXPECT_FALSE(caller.strategy().device_reads(made, 0, 100));
       caller.strategy().unmap(made);
       caller.strategy().destroy(made, 0);
     }},
    {Violation::flush,
     [](Caller& caller) {
       const Allocation made = caller.make(MemoryUse::readback);
       (void)caller.strategy().map(made);
       caller.strategy().device_writes(made, 0, 100);
       EXPECT_EQ(caller.strategy().invalidate(made, 0, 90), VK_SUCCESS);
       EXPECT_TRUE(caller.strategy().host_reads(made, 0, 90));
       EXPECT_FALSE(caller.strategy().host_reads(made, 0, 100));
       caller.strategy().unmap(made);
       caller.strategy().destroy(made, 0);
     }},
    {Violation::double_release,
     [](Caller& caller) {
       const Allocation made = caller.make();
       caller.strategy().destroy(made, 0);
       caller.strategy().destroy(made, 0);
     }},
    {Violation::use_after_free,
     [](Caller& caller) {
       const Allocation made = caller.make(MemoryUse::upload);
       caller.strategy().destroy(made, 0);
       EXPECT_EQ(caller.strategy().map(made).result(), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
    {Violation::freed_under,
     [](Caller& caller) {
       const Allocation target = caller.make_shared();
       const Allocation alias = *caller.strategy().create_alias(caller.request(), target, 0);
       caller.strategy().destroy(target, 0);
       caller.strategy().destroy(target, 0);  // in place of the alias, which is in its memory
       caller.strategy().destroy(alias, 0);
     }},
    {Violation::alias,
     [](Caller& caller) {
       const Allocation target = caller.make_shared();
       caller.strategy().destroy(target, 0);
       EXPECT_EQ(caller.strategy().create_alias(caller.request(), target, 0).result(), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
    {Violation::answer,
     [](Caller& caller) {
       const Allocation made = caller.make();
       BufferRequest larger = caller.request();
       larger.size = 5000;
       const Allocation resized = *caller.strategy().resize(made, larger);
       caller.strategy().touch(made);  // what it was before
       caller.strategy().destroy(resized, 0);
     }},
    {Violation::leak, [](Caller& caller) { (void)caller.make(); }},
    {Violation::contents,
     [](Caller& caller) {
       const Allocation hole = *caller.strategy().create_image(caller.image_request());
       (void)caller.strategy().create_image(caller.image_request());
       caller.strategy().destroy(hole, 0);
       EXPECT_EQ(caller.strategy().defragment({}), VK_SUCCESS);
       caller.strategy().begin_frame(1);
       ASSERT_TRUE(caller.last_moved());
       caller.strategy().contents_differ(*caller.last_moved(), "image 1 differs");
       caller.strategy().destroy(*caller.last_moved(), 0);
     }},
    {Violation::invalid_call,
     [](Caller& caller) {
       BufferRequest request = caller.request();
       request.size = 0;
       EXPECT_EQ(caller.strategy().create_buffer(request).result(), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
};

class Blame : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static Violation kind() { return static_cast<Violation>(GetParam()); }
  [[nodiscard]] static std::string name() { return std::string(violation_name(kind())); }
};
// Every kind but `harness`, which is the last.
INSTANTIATE_TEST_SUITE_P(Kinds, Blame, testing::Range(std::size_t{0}, static_cast<std::size_t>(Violation::harness)),
                         [](const auto& row) { return std::string(kViolationKinds[row.param].name); });

TEST_P(Blame, IsTheStrategysForItsOwnFault) {
  const Counts counts = by_strategy(kind());
  EXPECT_TRUE(counts.contains(name())) << name() << " needs a planted fault: " << testing::PrintToString(counts);
  EXPECT_FALSE(counts.contains("harness")) << testing::PrintToString(counts);
}

TEST_P(Blame, IsTheCallersForItsMisuse) {
  int misuses = 0;
  for (const Misuse& misuse : kMisuses) {
    if (misuse.kind != kind()) continue;
    ++misuses;
    Caller caller;
    misuse.commit(caller);
    EXPECT_EQ(caller.counts(), (Counts{{"harness", 1}}));
  }
  EXPECT_GT(misuses, 0) << name() << " needs a misuse by its caller";
}

// Somebody else's allocator is not accused of what its adapter does.
TEST_P(Blame, IsTheAdaptersForWhatOnlyItDoes) {
  Violations violations;
  violations.adapts("Other");
  violations.add(kind(), "text");
  const bool adapters = kViolationKinds[GetParam()].doer == Doer::adapter;
  EXPECT_EQ(violations.counts(), (Counts{{adapters ? "harness" : name(), 1}}));
  EXPECT_EQ(violations.texts().front(),
            adapters ? "harness: by our adapter, not by Other: " + name() + ": text" : name() + ": text");
}

TEST(OwnMemory, ThatWasAskedForIsSharedByNobody) {
  Caller caller;  // whose toy does not listen
  BufferRequest first = caller.request();
  first.dedicated = true;
  const Allocation own = *caller.strategy().create_buffer(first);
  const Allocation neighbour = caller.make();
  EXPECT_EQ(own.memory, neighbour.memory);
  caller.strategy().destroy(neighbour, 0);
  caller.strategy().destroy(own, 0);
  EXPECT_EQ(caller.counts(), (Counts{{"dedicated", 1}}));
}

TEST(Aliases, MayOutliveWhatTheyAreOf) {
  Caller caller;
  const Allocation target = caller.make_shared();
  const Allocation first = *caller.strategy().create_alias(caller.request(), target, 0);
  caller.strategy().destroy(target, 0);
  const Allocation second = *caller.strategy().create_alias(caller.request(), first, 0);
  caller.strategy().destroy(first, 0);
  caller.strategy().destroy(second, 0);
  EXPECT_EQ(caller.counts(), Counts{});
}

TEST(OwnMemory, MayHoldAliases) {
  Caller caller;
  BufferRequest first = caller.request();
  first.dedicated = first.shared = true;
  const Allocation own = *caller.strategy().create_buffer(first);
  const Allocation alias = *caller.strategy().create_alias(caller.request(), own, 0);
  caller.strategy().destroy(alias, 0);
  caller.strategy().destroy(own, 0);
  EXPECT_EQ(caller.counts(), Counts{});
}

TEST(Blame, KnowsTheAdapterOfEveryFamily) {
  for (const StrategyPreset& preset : strategy_presets()) {
    const SimulatedFixture sim(planted_profile());
    EXPECT_EQ(parse_strategy(preset.name).make(sim.d)->adapts(), preset.family->name == "vma" ? "VMA" : "");
  }
}

}  // namespace
}  // namespace vkmembench
