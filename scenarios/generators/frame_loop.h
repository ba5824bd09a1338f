#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/generators/emitter.h"

namespace vkmembench {

// What every renderer does each frame, beside the workload proper: constants written to the buffer that no frame in
// flight reads, and once a second GPU results copied to the host and read there.
class FrameLoop {
 public:
  // Creates the buffers in the current frame. Requires that a frame began.
  FrameLoop(Emitter& emitter, Bytes constants_size);
  // Begins the next frame.
  void next();
  void run(std::uint64_t frames);  // next(), `frames` times
  void shutdown();                 // frees the buffers

 private:
  Emitter& emitter_;
  std::vector<ObjectIndex> constants_;  // one a frame in flight
  ObjectIndex results_ = kNoObject;
  ObjectIndex readback_ = kNoObject;
  std::uint64_t frame_ = 0;
};

}  // namespace vkmembench
