#include <algorithm>
#include <utility>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"holes", Kind::integer, 50'000, 1, 10'000'000, {}, "free holes between small buffers"},
    {"asks", Kind::integer, 2000, 1, 10'000'000, {}, "aligned buffers asked for"},
    {"tight_percent", Kind::integer, 75, 0, 100, {}, "asks of a hole's size: alignment lets few holes serve them"},
    {"free_percent", Kind::integer, 50, 0, 100, {}, "asks after which an earlier one is freed"},
};

constexpr Bytes kSmall = kKiB;
constexpr Bytes kAlignment = 2 * kSmall;
constexpr Bytes kAskStep = 256;
constexpr std::uint64_t kWideEvery = 64;  // one hole of so many
constexpr std::size_t kBatch = 1000;
constexpr std::uint64_t kFreeFrames = 32;
constexpr std::uint64_t kAsksPerFrame = 16;

// A shape like that of the index, aligned.
std::uint32_t intern_aligned(TraceBuilder& out, std::uint32_t index) {
  Shape shape = out.trace().shapes[index];
  shape.alignment = kAlignment;
  shape.tag = out.string("holes/aligned");
  return out.shape(shape);
}

// Laid out in order, every plain hole starts at an odd multiple of the buffers' size and holds no aligned address,
// while a wide one, three buffers long, has room for one ask of up to the alignment.
class Holes {
 public:
  Holes(Emitter& emitter, std::uint64_t holes) : emitter_(emitter) {
    const std::uint32_t shape = intern(emitter.out(), BufferShape{.kind = BufferKind::storage, .tag = "holes/small"});
    aligned_ = intern_aligned(emitter.out(), shape);
    const std::vector<Bytes> sizes(kBatch, kSmall);
    const std::uint64_t count = 2 * holes + 2 * (holes / kWideEvery) + 1;  // each hole after a kept buffer, one at last
    objects_.reserve(count);
    while (objects_.size() < count) {
      const std::size_t batch = std::min<std::size_t>(kBatch, count - objects_.size());
      emitter.batch({sizes.data(), batch}, shape, objects_);
      emitter.frames();
    }
  }
  void punch() {
    std::vector<ObjectIndex> kept;
    std::vector<ObjectIndex> freed;
    std::size_t next = 0;
    for (std::uint64_t hole = 1; next + 1 < objects_.size(); ++hole) {
      kept.push_back(objects_[next++]);
      for (std::uint64_t width = hole % kWideEvery == 0 ? 3 : 1; width > 0; --width) freed.push_back(objects_[next++]);
    }
    kept.push_back(objects_.back());
    emitter_.free_over_frames(freed, kFreeFrames);
    emitter_.drain();
    objects_ = std::move(kept);
  }
  void ask(Random& random, std::uint64_t asks, std::uint64_t tight_percent, std::uint64_t free_percent) {
    for (std::uint64_t i = 1; i <= asks; ++i) {
      const bool tight = random.below(100) < tight_percent;
      const Bytes size = tight ? kSmall : kAskStep * random.between(kSmall / kAskStep + 1, kAlignment / kAskStep);
      asked_.push_back(emitter_.buffer(size, aligned_));
      if (random.below(100) < free_percent) {
        std::swap(asked_[random.below(asked_.size())], asked_.back());
        emitter_.free(asked_.back());
        asked_.pop_back();
      }
      if (i % kAsksPerFrame == 0) emitter_.frames();
    }
  }
  void shutdown() {
    emitter_.free_over_frames(asked_, kFreeFrames);
    emitter_.free_over_frames(objects_, kFreeFrames);
  }

 private:
  Emitter& emitter_;
  std::uint32_t aligned_ = 0;
  std::vector<ObjectIndex> objects_;
  std::vector<ObjectIndex> asked_;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  emitter.frames();
  Holes holes(emitter, emitter.scaled(values.integer("holes")));
  out.snapshot("filled");
  holes.punch();
  out.snapshot("holes");
  holes.ask(random, emitter.scaled(values.integer("asks")), values.integer("tight_percent"),
            values.integer("free_percent"));
  out.snapshot("asked");
  holes.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kManyHoles = {
    "many_holes",
    "Aligned buffers are asked for among many free holes, few of which have an aligned address; scale multiplies holes "
    "and asks",
    kParameters,
    generate,
};

}  // namespace vkmembench
