#pragma once

#include <random>
#include <vector>

#include "allocator/core/upkeep/defragmenter.h"
#include "allocator/testing/moving_fixture.h"

namespace vkmembench {

inline AllocatorOptions small_blocks() {
  AllocatorOptions options;
  options.min_block_bytes = options.max_block_bytes = 256 * kKiB;
  options.small_limit_bytes = 8 * kKiB;
  options.medium_limit_bytes = 64 * kKiB;
  return options;
}

// Buffers and images of many sizes, of which every third or so stays.
inline void scatter(MovingFixture& world, unsigned seed, int count = 400) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> made;
  for (int i = 0; i < count; ++i) {
    const Bytes size = 1 + random() % (Bytes{1} << (4 + random() % 14));
    const auto side = static_cast<std::uint32_t>(1 + random() % 60);
    switch (random() % 5) {
      case 0:
        made.push_back(world.image({side, side / 2 + 1, 1}, 1, 1 + random() % 2, random() % 4 != 0));
        break;
      case 1:
        made.push_back(world.buffer(size, MemoryUse::upload));
        break;
      case 2:
        made.push_back(world.buffer(size, MemoryUse::device, Bytes{1} << random() % 13));
        break;
      default:
        made.push_back(world.buffer(size));
    }
  }
  for (const std::uint64_t user : made)
    if (user != 0 && random() % 3 != 0) world.remove(user);
}

// Runs to the end, looking at everything after each pass; the number of passes.
inline std::uint64_t run(MovingFixture& world, Defragmenter& defragmenter, bool contents = true) {
  std::uint64_t passes = 0;
  for (; !defragmenter.finished() && !testing::Test::HasFatalFailure(); ++passes) {
    EXPECT_LT(passes, 2000u);
    if (passes >= 2000) break;
    (void)defragmenter.begin_pass();
    std::pmr::vector<Moved> moved;
    EXPECT_EQ(defragmenter.end_pass(kNoTimeout, moved), VK_SUCCESS);
    if (defragmenter.request().max_moves_per_pass != 0) {
      EXPECT_LE(moved.size(), defragmenter.request().max_moves_per_pass);
    }
    Bytes bytes = 0;
    for (const Moved& move : moved) bytes += move.after.charged;
    if (defragmenter.request().max_bytes_per_pass != 0 && moved.size() > 1) {
      EXPECT_LE(bytes, defragmenter.request().max_bytes_per_pass);
    }
    world.apply(moved);
    if (contents)
      world.verify();
    else
      world.verify_books();
  }
  return passes;
}

}  // namespace vkmembench
