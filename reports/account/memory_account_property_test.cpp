#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "reports/account/memory_account.h"
#include "reports/account/memory_account_fixture.h"

namespace vkmembench {
namespace {

// The same figures from one byte of state for each byte of memory; shares no code with the account.
class ByteMap {
 public:
  struct Block {
    std::uint32_t type;
    std::vector<int> depth;  // of each byte
    int live = 0;
  };
  std::map<std::uint64_t, Block> blocks;

  void change(std::uint64_t in, Offset offset, Bytes size, int delta) {
    Block& block = blocks.at(in);
    block.live += delta;
    for (Offset i = offset; i < offset + size; ++i) block.depth[i] += delta;
  }
  [[nodiscard]] std::vector<double> holes(const Block& block) const {
    std::vector<double> sizes;
    bool in_hole = false;
    for (const int depth : block.depth) {
      if (depth != 0) {
        in_hole = false;
        continue;
      }
      if (!in_hole) sizes.push_back(0);
      in_hole = true;
      ++sizes.back();
    }
    return sizes;
  }
  struct Figures {
    double reserved = 0, stranded = 0, external = 0, rss = 0;
    std::map<std::uint32_t, std::pair<double, double>> by_type;  // count and largest of the holes
  };
  [[nodiscard]] Figures figures() const {
    Figures out;
    double squares = 0;
    std::map<std::uint32_t, double> free;
    for (const auto& [number, block] : blocks) {
      out.reserved += static_cast<double>(block.depth.size());
      if (block.live == 0) out.stranded += static_cast<double>(block.depth.size());
      auto& [count, largest] = out.by_type[block.type];
      for (const double hole : holes(block)) {
        ++count;
        largest = std::max(largest, hole);
        free[block.type] += hole;
        squares += hole * hole;
      }
    }
    double total = 0;
    for (const auto& [type, bytes] : free) total += bytes;
    if (total == 0) return out;
    for (const auto& [type, bytes] : free) out.external += (1 - out.by_type[type].second / bytes) * bytes / total;
    out.rss = 1 - std::sqrt(squares) / total;
    return out;
  }
};

class RandomRuns : public testing::TestWithParam<unsigned> {};

TEST_P(RandomRuns, AgreeWithAByteMap) {
  std::mt19937 random(GetParam());
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  ByteMap naive;
  struct Span {
    std::uint64_t in;
    PlacedObject object;
  };
  std::map<std::uint32_t, Span> spans;
  std::uint64_t next_block = 1;
  std::uint32_t next_object = 0;
  double waste = 0, stranded_worst = 0, external_sum = 0, external_max = 0, required = 0, reserved_peak = 0;
  std::uint64_t frames = 0;
  ByteMap::Figures at_capture;
  const std::uint64_t capture_step = below(400);

  for (std::uint64_t step = 0; step < 400; ++step) {
    switch (below(10)) {
      case 0: {
        const Bytes size = 1 + below(120);
        const auto type = static_cast<std::uint32_t>(below(3));
        account.block_added(block(next_block), size, type, false);
        naive.blocks[next_block++] = {type, std::vector<int>(size)};
        break;
      }
      case 1: {
        const auto empty = std::find_if(naive.blocks.begin(), naive.blocks.end(),
                                        [](const auto& entry) { return entry.second.live == 0; });
        if (empty == naive.blocks.end()) break;
        account.block_removed(block(empty->first));
        naive.blocks.erase(empty);
        break;
      }
      case 2:
      case 3:
      case 4:
      case 5:
      case 6: {
        if (naive.blocks.empty()) break;
        auto in = naive.blocks.begin();
        std::advance(in, static_cast<std::ptrdiff_t>(below(naive.blocks.size())));
        const Bytes size = in->second.depth.size();
        const Offset offset = below(size);
        PlacedObject object = object_at(block(in->first), offset, 1 + below(std::min<Bytes>(size - offset, 20)));
        object.memory_type = in->second.type;
        account.placed(next_object, object);
        naive.change(in->first, offset, object.charged, 1);
        required += static_cast<double>(object.required);
        spans[next_object++] = {in->first, object};
        break;
      }
      case 7:
      case 8: {
        if (spans.empty()) break;
        auto gone = spans.begin();
        std::advance(gone, static_cast<std::ptrdiff_t>(below(spans.size())));
        account.removed(gone->first);
        naive.change(gone->second.in, gone->second.object.offset, gone->second.object.charged, -1);
        required -= static_cast<double>(gone->second.object.required);
        spans.erase(gone);
        break;
      }
      default: {
        account.frame_ended(frames++, 0);
        const ByteMap::Figures now = naive.figures();
        waste += now.reserved - required;
        stranded_worst = std::max(stranded_worst, now.stranded);
        external_sum += now.external;
        external_max = std::max(external_max, now.external);
        break;
      }
    }
    const ByteMap::Figures now = naive.figures();
    reserved_peak = std::max(reserved_peak, now.reserved);
    ASSERT_EQ(static_cast<double>(account.reserved()), now.reserved);
    if (step == capture_step) {
      account.capture_peak();
      at_capture = now;
    }
  }
  const double stranded_end = naive.figures().stranded;
  account.ended();
  vkmembench::Run run;
  account.finish(run, "");

  EXPECT_EQ(value_of(run, "mem.reserved_peak_bytes"), reserved_peak);
  EXPECT_EQ(value_of(run, "mem.waste_byte_frames"), waste);
  EXPECT_EQ(value_of(run, "mem.stranded_bytes.end"), stranded_end);
  EXPECT_EQ(value_of(run, "mem.stranded_bytes.worst"), std::max(stranded_worst, stranded_end));
  EXPECT_NEAR(value_of(run, "frag.external_ratio"), at_capture.external, 1e-12);
  EXPECT_NEAR(value_of(run, "frag.rss_ratio"), at_capture.rss, 1e-12);
  EXPECT_NEAR(value_of(run, "frag.external_ratio.mean"), external_sum / static_cast<double>(frames), 1e-12);
  EXPECT_NEAR(value_of(run, "frag.external_ratio.max"), external_max, 1e-12);
  ASSERT_EQ(run.types.size(), at_capture.by_type.size());
  for (const StatisticsRow& row : run.types) {
    const auto& [count, largest] = at_capture.by_type.at(static_cast<std::uint32_t>(std::stoul(row.name)));
    EXPECT_EQ(row.unused_range_count, count);
    EXPECT_EQ(static_cast<double>(row.unused_range_bytes_max), largest);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomRuns, testing::Range(1u, 101u));

// Without logarithmic updates this would not come back: one block, a hundred thousand spans, a frame each
// change.
TEST(MemoryAccount, ManySpansInOneBlockChangeEachFrame) {
  constexpr std::uint32_t kSpans = 100'000;
  constexpr std::uint32_t kFrames = 100'000;
  const DeviceInfo device = two_heaps();
  MemoryAccount account(device, {});
  account.block_added(block(1), Bytes{kSpans} * 256, 0, false);
  for (std::uint32_t i = 0; i < kSpans; ++i) account.placed(i, object_at(block(1), Offset{i} * 256, 256));
  std::mt19937 random(1);
  for (std::uint32_t frame = 0; frame < kFrames; ++frame) {
    const auto object = static_cast<std::uint32_t>(random() % kSpans);
    account.removed(object);
    account.frame_ended(2 * frame, 0);
    account.placed(object, object_at(block(1), Offset{object} * 256, 128));
    account.frame_ended(2 * frame + 1, 0);
  }
  vkmembench::Run run;
  account.finish(run, "");
  EXPECT_LE(run.series.frame.size(), 256u);
  EXPECT_GT(value_of(run, "frag.external_ratio.max"), 0.99);
}

}  // namespace
}  // namespace vkmembench
