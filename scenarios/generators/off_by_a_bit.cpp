#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/frame_loop.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"cap_bytes", Kind::bytes, 768.0 * kMiB, 128.0 * kMiB, 64.0 * kGiB, {}, "what everything has to fit into"},
    {"small_bytes", Kind::bytes, 2.0 * kMiB, 64.0 * kKiB, 1.0 * kGiB, {}, "size of the small objects, less the excess"},
    {"large_bytes",
     Kind::bytes,
     32.0 * kMiB,
     128.0 * kKiB,
     4.0 * kGiB,
     {},
     "size of the large objects, less the excess"},
    {"excess_bytes", Kind::bytes, 17, 0, 64.0 * kKiB, {}, "by how much each size passes its power of two"},
    {"large_percent", Kind::integer, 50, 1, 99, {}, "share of the cap that goes to large objects"},
    {"rounds", Kind::integer, 3, 1, 10'000, {}, "times that large objects replace small ones"},
};

// Two sizes just above powers of two take turns in one cap; what makes room is chosen at random.
class OffByABit {
 public:
  OffByABit(Emitter& emitter, FrameLoop& loop, Random& random, const GeneratorValues& values)
      : emitter_(emitter), loop_(loop), random_(random) {
    TraceBuilder& out = emitter.out();
    const Bytes excess = values.bytes("excess_bytes");
    sizes_ = {values.bytes("small_bytes") + excess, values.bytes("large_bytes") + excess};
    shapes_ = {intern(out, BufferShape{.kind = BufferKind::vertex, .tag = "off/small"}),
               intern(out, BufferShape{.kind = BufferKind::storage, .tag = "off/large"})};
    cap_ = emitter.scaled(values.bytes("cap_bytes"));
    large_share_ = cap_ / 100 * values.integer("large_percent");
  }

  // Small objects until no more fit; large ones, if there are any, make room to their last.
  void fill_small() {
    while (free_random(large)) loop_.next();
    settle();
    while (bytes_ + sizes_[small] <= cap_ && create(small)) {
      if (objects_[small].size() % kCreatesPerFrame == 0) loop_.next();
    }
  }
  // Large objects to their share of the cap, each in place of random small ones, which are gone before it comes.
  void place_large() {
    while (objects_[large].size() * sizes_[large] + sizes_[large] <= large_share_) {
      while (needs_room()) {
        if (!free_random(small)) return;
      }
      settle();
      if (!create(large)) return;
    }
  }
  void shutdown() {
    for (std::vector<ObjectIndex>& objects : objects_) emitter_.free_over_frames(objects, kFreeFrames);
  }

 private:
  enum Kind : std::size_t { small, large };
  static constexpr std::size_t kCreatesPerFrame = 4;
  static constexpr std::uint64_t kFreeFrames = 8;

  [[nodiscard]] bool needs_room() const { return bytes_ + sizes_[large] > cap_ || !emitter_.fits(sizes_[large]); }
  // Until every free asked for is completed.
  void settle() { loop_.run(emitter_.out().frames_in_flight() + 1); }
  bool create(Kind kind) {
    const ObjectIndex object = emitter_.buffer(sizes_[kind], shapes_[kind]);
    if (object == kNoObject) return false;
    objects_[kind].push_back(object);
    bytes_ += sizes_[kind];
    return true;
  }
  bool free_random(Kind kind) {
    std::vector<ObjectIndex>& objects = objects_[kind];
    if (objects.empty()) return false;
    std::swap(objects[random_.below(objects.size())], objects.back());
    emitter_.free(objects.back());
    objects.pop_back();
    bytes_ -= sizes_[kind];
    return true;
  }

  Emitter& emitter_;
  FrameLoop& loop_;
  Random& random_;
  std::array<Bytes, 2> sizes_{};
  std::array<std::uint32_t, 2> shapes_{};
  std::array<std::vector<ObjectIndex>, 2> objects_;
  Bytes cap_ = 0;
  Bytes large_share_ = 0;
  Bytes bytes_ = 0;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t rounds = values.integer("rounds");
  emitter.frames();
  FrameLoop loop(emitter, 4 * kKiB);
  OffByABit objects(emitter, loop, random, values);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    objects.fill_small();
    if (round == 0) out.snapshot("small");
    if (round + 1 == rounds) out.snapshot("small_again");
    objects.place_large();
    if (round == 0) out.snapshot("mixed");
  }
  // The end is the mixed, full state: what an eviction leaves an allocator with.
  out.snapshot("end");
  objects.shutdown();
  loop.shutdown();
  emitter.drain();
  out.snapshot("empty");
}

}  // namespace

constinit const Generator kOffByABit = {
    "off_by_a_bit",
    "Objects of 2 MiB + 17 B fill a cap, then random ones of them go until objects of 32 MiB + 17 B fit; scale "
    "multiplies the cap",
    kParameters,
    generate,
};

}  // namespace vkmembench
