#include "scenarios/generators/frame_loop.h"

#include <algorithm>

namespace vkmembench {
namespace {

constexpr Bytes kResultsSize = 16 * kKiB;
constexpr std::uint64_t kResultsInterval = 60;  // frames

}  // namespace

FrameLoop::FrameLoop(Emitter& emitter, Bytes constants_size) : emitter_(emitter) {
  TraceBuilder& out = emitter.out();
  const std::uint32_t constants =
      intern(out, BufferShape{.kind = BufferKind::uniform, .memory = MemoryUse::dynamic, .tag = "frame/constants"});
  const std::uint32_t results =
      intern(out, BufferShape{.kind = BufferKind::storage, .memory = MemoryUse::device, .tag = "frame/results"});
  const std::uint32_t readback =
      intern(out, BufferShape{.kind = BufferKind::storage, .memory = MemoryUse::readback, .tag = "frame/readback"});
  for (std::uint32_t i = 0; i < std::max(1u, out.frames_in_flight()); ++i) {
    constants_.push_back(emitter.buffer(constants_size, constants));
  }
  results_ = emitter.buffer(kResultsSize, results);
  readback_ = emitter.buffer(kResultsSize, readback);
  emitter.upload(results_);
}

void FrameLoop::next() {
  TraceBuilder& out = emitter_.out();
  out.frame();
  emitter_.write(constants_[frame_ % constants_.size()]);
  if (results_ != kNoObject && readback_ != kNoObject) {
    if (frame_ % kResultsInterval == 0) out.copy(results_, readback_, kResultsSize);
    if (frame_ % kResultsInterval == out.frames_in_flight()) out.read(readback_, 0, kResultsSize);
  }
  ++frame_;
}

void FrameLoop::run(std::uint64_t frames) {
  for (std::uint64_t i = 0; i < frames; ++i) next();
}

void FrameLoop::shutdown() {
  for (const ObjectIndex object : constants_) emitter_.free(object);
  emitter_.free(results_);
  emitter_.free(readback_);
}

}  // namespace vkmembench
