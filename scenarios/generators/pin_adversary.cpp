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
    {"steps", Kind::integer, 133, 1, 100'000, {}, "steps, each of which leaves a survivor"},
    {"large_bytes",
     Kind::bytes,
     91.0 * kMiB,
     64.0 * kKiB,
     4.0 * kGiB,
     {},
     "first of a step; the second has half of it"},
    {"survivor_bytes", Kind::bytes, 2.0 * kMiB, 4.0 * kKiB, 1.0 * kGiB, {}, "what each step leaves"},
    {"frames_per_step",
     Kind::integer,
     8,
     1,
     10'000,
     {},
     "frames of a step; if fewer than are in flight, its frees overlap the next"},
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t steps = emitter.scaled(values.integer("steps"));
  const Bytes large_bytes = values.bytes("large_bytes");
  const Bytes survivor_bytes = values.bytes("survivor_bytes");
  const std::uint32_t large_shape = intern(out, BufferShape{.kind = BufferKind::storage, .tag = "pin/large"});
  const std::uint32_t survivor_shape = intern(out, BufferShape{.kind = BufferKind::vertex, .tag = "pin/survivor"});

  emitter.frames();
  FrameLoop loop(emitter, 4 * kKiB);
  std::vector<ObjectIndex> survivors;
  for (std::uint64_t step = 0; step < steps; ++step) {
    std::array large = {emitter.buffer(large_bytes, large_shape), emitter.buffer(large_bytes / 2, large_shape)};
    survivors.push_back(emitter.buffer(survivor_bytes, survivor_shape));
    if (random.below(2) == 0) std::swap(large[0], large[1]);
    for (const ObjectIndex object : large) emitter.free(object);
    if (step == steps / 2) out.snapshot("half_way");
    loop.run(values.integer("frames_per_step"));
  }
  loop.run(out.frames_in_flight() + 1);
  out.snapshot("pinned");
  for (const ObjectIndex object : survivors) emitter.free(object);
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kPinAdversary = {
    "pin_adversary",
    "Each step leaves a small survivor behind two large objects that go; scale multiplies the steps",
    kParameters,
    generate,
};

}  // namespace vkmembench
