// Strategies that say what is not so: Checked must find each lie. What they do wrong, and what their callers do, is
// told in bench/replay/check/blame_test.cpp.
#include "allocator/oracle/checked.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "allocator/seam/basic_strategy.h"
#include "allocator/testing/planted_faults_fixture.h"
#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/strategy_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

// A toy whose answers are changed before they are given.
class Liar : public BasicStrategy {
 public:
  using Lie = std::function<void(Allocation&)>;
  Liar(const Device& device, Lie lie) : below_(make_toy(device, Bug::none)), lie_(std::move(lie)) {}
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    Expected<Allocation> answer = below_->create_buffer(request);
    if (!answer) return answer;
    Allocation told = *answer;
    lie_(told);
    truth_[told.resource] = *answer;
    return told;
  }
  Expected<Allocation> create_image(const ImageRequest& request) override { return below_->create_image(request); }
  // Says that memory of another allocation serves.
  Expected<Allocation> create_part(const PartRequest& request) override {
    Allocation told = truth_.begin()->second;
    told.resource = request.part.number;
    told.part = true;
    lie_(told);
    return told;
  }
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override {
    below_->destroy(truth_.at(allocation.resource), 0);
    during_resize();
    return create_buffer(request);
  }
  void destroy(const Allocation& allocation, std::uint16_t lane) override {
    ++destroyed;
    if (allocation.part) return;
    below_->destroy(truth_.at(allocation.resource), lane);
  }
  Expected<std::byte*> map(const Allocation&) override { return VK_ERROR_MEMORY_MAP_FAILED; }
  void unmap(const Allocation&) override {}
  VkResult flush(const Allocation&, Offset, Bytes) override { return VK_INCOMPLETE; }
  VkResult invalidate(const Allocation&, Offset, Bytes) override { return VK_EVENT_SET; }
  void begin_frame(std::uint64_t n) override { frame = n; }
  [[nodiscard]] std::vector<PoolStatistics> pools() const override { return {{"only", 0, 1, 2, 3, 4}}; }

  int destroyed = 0;
  std::uint64_t frame = 0;
  std::function<void()> during_resize = [] {};

 private:
  std::unique_ptr<Strategy> below_;
  Lie lie_;
  std::map<std::uint64_t, Allocation> truth_;
};

class CheckedStrategy : public testing::Test {
 protected:
  CheckedStrategy() : sim_(planted_profile()) {}
  std::unique_ptr<Checked> make(const Liar::Lie& lie = [](Allocation&) {}) {
    return std::make_unique<Checked>(sim_.d, sim_.d, violations_,
                                     [&](const Device& device) -> std::unique_ptr<Strategy> {
                                       auto strategy = std::make_unique<Liar>(device, lie);
                                       liar_ = strategy.get();
                                       return strategy;
                                     });
  }
  SimulatedFixture sim_;
  Violations violations_;
  Liar* liar_ = nullptr;
};

struct Told {
  const char* name;
  void (*lie)(Allocation&);
  Counts expected;
};
void PrintTo(const Told& told, std::ostream* out) { *out << told.name; }
class Lies : public CheckedStrategy, public testing::WithParamInterface<Told> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Lies,
    testing::Values(Told{"none", [](Allocation&) {}, {}},
                    Told{"offset", [](Allocation& told) { told.offset += 64; }, {{"answer", 1}}},
                    Told{"memory",
                         [](Allocation& told) { told.memory = reinterpret_cast<VkDeviceMemory>(&told); },
                         {{"answer", 1}}},
                    Told{"memory_type", [](Allocation& told) { ++told.memory_type; }, {{"answer", 1}}},
                    Told{"charges_too_little", [](Allocation& told) { told.charged -= 1; }, {{"answer", 1}}}),
    [](const auto& row) { return row.param.name; });
TEST_P(Lies, AreFoundOut) {
  {
    const auto strategy = make(GetParam().lie);
    const Allocation made = *strategy->create_buffer(buffer_request(192));
    strategy->destroy(made, 0);
  }
  EXPECT_EQ(violations_.counts(), GetParam().expected);
  EXPECT_EQ(simulated_leaks(*sim_.owner).total(), 0u);
}

TEST_F(CheckedStrategy, BatchesAreCheckedItemByItem) {
  const auto strategy = make([](Allocation& told) { told.charged -= 1; });
  const std::vector<Bytes> sizes = {64, 128, 256};
  std::vector<Expected<Allocation>> results(sizes.size(), VK_NOT_READY);
  strategy->create_buffers(buffer_request(0), sizes, results);
  EXPECT_EQ(violations_.counts(), (Counts{{"answer", 3}}));
  for (const auto& made : results) strategy->destroy(*made, 0);
}

TEST_F(CheckedStrategy, OneResourceIsHandedOutOnce) {
  std::optional<Allocation> first;
  const auto strategy = make([&](Allocation& told) {
    if (first) told.resource = first->resource;
    first = told;
  });
  const Allocation made = *strategy->create_buffer(buffer_request(64));
  (void)strategy->create_buffer(buffer_request(64));
  EXPECT_EQ(violations_.counts().at("answer"), 2u);  // nor is it where it is said to be
  strategy->destroy(made, 0);
}

TEST_F(CheckedStrategy, AHandleThatAResizeGivesBackMayServeAnotherThread) {
  std::uint64_t reused = 0;
  const auto strategy = make([&](Allocation& told) {
    if (reused != 0) told.resource = std::exchange(reused, 0);
  });
  const Allocation old = *strategy->create_buffer(buffer_request(64));
  std::optional<Allocation> other;
  liar_->during_resize = [&] {
    reused = old.resource;
    other = *strategy->create_buffer(buffer_request(64));
  };
  const Allocation resized = *strategy->resize(old, buffer_request(128));
  EXPECT_EQ(other->resource, old.resource);
  strategy->destroy(*other, 0);
  strategy->destroy(resized, 0);
  EXPECT_EQ(liar_->destroyed, 2);
  EXPECT_EQ(violations_.counts(), (Counts{{"answer", 1}}));  // simulated devices give no handle twice: of its place
}

TEST_F(CheckedStrategy, ADestroyOfTheDeadIsNotPassedOn) {
  const auto strategy = make();
  const Allocation made = *strategy->create_buffer(buffer_request(64));
  strategy->destroy(made, 0);
  strategy->destroy(made, 0);
  EXPECT_EQ(liar_->destroyed, 1);
  EXPECT_EQ(violations_.counts(), (Counts{{"harness", 1}}));
}

TEST_F(CheckedStrategy, WhatIsNeverDestroyedIsTheCallers) {
  {
    const auto strategy = make();
    (void)strategy->create_buffer(buffer_request(64));
    (void)strategy->create_buffer(buffer_request(64));
  }
  EXPECT_EQ(violations_.counts(), (Counts{{"harness", 1}}));
  EXPECT_EQ(violations_.texts().front(), "harness: 2 allocations are never destroyed");
}

// A part is judged like a resource that is bound there.
TEST_F(CheckedStrategy, PartsAreHeldToWhatTheyNeed) {
  struct Case {
    const char* name;
    Bytes size;
    Bytes alignment;
    std::uint32_t type_bits;
    Offset offset;
    const char* violation;
  };
  for (const Case& c : {Case{"fine", 64, 64, ~0u, 1024, nullptr}, Case{"misaligned", 64, 256, ~0u, 1088, "alignment"},
                        Case{"excluded", 64, 64, 1u << 31, 1024, "memory_type"},
                        Case{"beyond", kGiB, 64, ~0u, 1024, "bounds"}, Case{"taken", 64, 64, ~0u, 0, "overlap"}}) {
    SCOPED_TRACE(c.name);
    Violations found;
    {
      Checked strategy(sim_.d, sim_.d, found, [&](const Device& device) -> std::unique_ptr<Strategy> {
        return std::make_unique<Liar>(device, [&](Allocation& told) {
          if (told.part) told.offset += c.offset, told.charged = c.size;
        });
      });
      const Allocation buffer = *strategy.create_buffer(buffer_request(64));
      PartRequest request;
      request.part = {.number = ~std::uint64_t{7}, .needs = {c.size, c.alignment, c.type_bits}};
      const Allocation part = *strategy.create_part(request);
      strategy.destroy(part, 0);
      strategy.destroy(buffer, 0);
    }
    if (c.violation == nullptr)
      EXPECT_EQ(found.counts(), Counts());
    else
      EXPECT_GE(found.counts()[c.violation], 1u);
  }
}

TEST_F(CheckedStrategy, EverythingElsePassesThrough) {
  const auto strategy = make();
  const Allocation made = *strategy->create_buffer(buffer_request(64, MemoryUse::upload));
  EXPECT_EQ(strategy->map(made).result(), VK_ERROR_MEMORY_MAP_FAILED);
  strategy->begin_frame(42);
  EXPECT_EQ(liar_->frame, 42u);
  ASSERT_EQ(strategy->pools().size(), 1u);
  EXPECT_EQ(strategy->pools().front().name, "only");
  strategy->destroy(made, 0);
  EXPECT_EQ(violations_.counts(), Counts());
}

TEST(CheckedNull, HasNothingToCheck) {
  const SimulatedFixture sim(test_profile());
  Violations violations;
  {
    Checked strategy(sim.d, sim.d, violations,
                     [](const Device& device) { return parse_strategy("null").make(device); });
    const Allocation made = *strategy.create_buffer(buffer_request(64));
    const Allocation other = *strategy.create_buffer(buffer_request(64));
    strategy.destroy(made, 0);
    strategy.destroy(other, 0);
  }
  EXPECT_EQ(violations.counts(), Counts());
}

}  // namespace
}  // namespace vkmembench
