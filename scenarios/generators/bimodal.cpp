#include <algorithm>
#include <array>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"steps", Kind::integer, 160, 1, 1'000'000, {}, "steps, a frame each"},
    {"objects_per_step", Kind::integer, 120, 1, 100'000, {}, "objects created in each step"},
    {"large_permille", Kind::integer, 88, 1, 999, {}, "large objects, of a thousand"},
};

constexpr Bytes kSmallest = 16;
constexpr Bytes kLargestSmall = 16 * kKiB;
// The least of so many uniform draws: a mean of 1.8 KiB, with which the small ones hold 0.16 % of the bytes.
constexpr int kSmallDraws = 8;
constexpr Bytes kSmallestLarge = 10 * kMiB + kMiB / 2;
constexpr Bytes kLargest = 12 * kMiB + kMiB * 2 / 5;
constexpr std::uint64_t kLongestLife = 3;  // steps

// Many objects with hardly a byte and few with nearly all of them, each freed one to three steps after its own.
class Bimodal {
 public:
  Bimodal(Emitter& emitter, Random& random, std::uint64_t large_permille)
      : emitter_(emitter), random_(random), large_permille_(large_permille) {
    TraceBuilder& out = emitter.out();
    small_ = intern(out, BufferShape{.kind = BufferKind::uniform, .tag = "bimodal/small"});
    large_ = intern(out, BufferShape{.kind = BufferKind::storage, .tag = "bimodal/large"});
  }

  // Frees what is due, then creates.
  void step(std::uint64_t number, std::uint64_t objects) {
    std::vector<ObjectIndex>& due = due_[number % due_.size()];
    for (const ObjectIndex object : due) emitter_.free(object);
    due.clear();
    for (std::uint64_t i = 0; i < objects; ++i) {
      const ObjectIndex object = create();
      due_[(number + random_.between(1, kLongestLife)) % due_.size()].push_back(object);
    }
  }

 private:
  ObjectIndex create() {
    if (random_.below(1000) < large_permille_) {
      return emitter_.buffer(align_up(random_.between(kSmallestLarge, kLargest - 256), 256), large_);
    }
    Bytes size = kLargestSmall;
    for (int i = 0; i < kSmallDraws; ++i) size = std::min(size, random_.between(kSmallest, kLargestSmall));
    return emitter_.buffer(size, small_);
  }

  Emitter& emitter_;
  Random& random_;
  std::uint64_t large_permille_;
  std::uint32_t small_ = 0;
  std::uint32_t large_ = 0;
  std::array<std::vector<ObjectIndex>, kLongestLife + 1> due_;  // by step, in turn
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t steps = values.integer("steps");
  const std::uint64_t objects = emitter.scaled(values.integer("objects_per_step"));
  Bimodal bimodal(emitter, random, values.integer("large_permille"));
  for (std::uint64_t step = 0; step < steps; ++step) {
    emitter.frames();
    bimodal.step(step, objects);
    if (step == steps / 2) out.snapshot("half_way");
  }
  out.snapshot("last_step");
  for (std::uint64_t step = steps; step < steps + kLongestLife; ++step) {
    emitter.frames();
    bimodal.step(step, 0);
  }
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kBimodal = {
    "bimodal",
    "Nine objects of ten hold 0.16 % of the bytes, the tenth holds the rest, all freed one to three steps later; scale "
    "multiplies the objects of a step",
    kParameters,
    generate,
};

}  // namespace vkmembench
