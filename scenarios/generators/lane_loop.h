#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "scenarios/generators/emitter.h"

namespace vkmembench {

// A whole trace of lanes that work side by side: `operations` times an operation of each, a frame every
// `operations_per_frame`, snapshots half way, after the work and at the end. Lanes run freely between frames; barriers
// make what a snapshot shows of one time.
// `make(seed)` gives the worker of a lane. Its operate(lane, next_lane) and free_all(lane) set the lane of what they
// emit.
// Requires the parameters `lanes`, `operations` and `operations_per_frame`, and that no frame began.
template <typename Make>
void run_lanes(const GeneratorValues& values, std::uint64_t seed, Emitter& emitter, Make make) {
  constexpr std::uint64_t kSeedStep = 0x9e3779b97f4a7c15u;  // apart, so that lanes share no sequence
  const auto lanes = static_cast<std::uint16_t>(values.integer("lanes"));
  const std::uint64_t operations = emitter.scaled(values.integer("operations"));
  const std::uint64_t half_way = std::max<std::uint64_t>(1, operations / 2);
  const std::uint64_t per_frame = values.integer("operations_per_frame");
  TraceBuilder& out = emitter.out();
  std::vector<decltype(make(seed))> workers;
  for (std::uint64_t lane = 0; lane < lanes; ++lane) workers.push_back(make(seed + lane * kSeedStep));

  const auto show = [&](const char* label) {
    out.barrier();
    out.snapshot(label);
  };
  emitter.frames();
  for (std::uint64_t i = 1; i <= operations; ++i) {
    for (std::uint16_t lane = 0; lane < lanes; ++lane)
      workers[lane].operate(lane, static_cast<std::uint16_t>((lane + 1) % lanes));
    out.lane(0);
    if (i % per_frame == 0) emitter.frames();
    if (i == half_way) show("half_way");
  }
  show("worked");
  for (std::uint16_t lane = 0; lane < lanes; ++lane) workers[lane].free_all(lane);
  out.lane(0);
  emitter.drain();
  out.snapshot("end");
}

}  // namespace vkmembench
