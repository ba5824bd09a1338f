#pragma once

#include "scenarios/generators/generators.h"

namespace vkmembench {

// X(row): the rows of generators(), each defined in the file of its name.
// clang-format off
#define VKMEMBENCH_GENERATORS(X) \
  X(kSceneLoading) \
  X(kSceneSwitch) \
  X(kTerrainLod) \
  X(kDynamicStreaming) \
  X(kChurn) \
  X(kBimodal) \
  X(kPinAdversary) \
  X(kOffByABit) \
  X(kManyHoles) \
  X(kLongSoak) \
  X(kThreads) \
  X(kTextureStreaming) \
  X(kVirtualTexture) \
  X(kFrameTransient) \
  X(kStagingRing) \
  X(kDynamicBuffers) \
  X(kRaytracing) \
  X(kBudgetSwing) \
  X(kHostChurn) \
  X(kDesktopApp)
// clang-format on

#define VKMEMBENCH_ROW(row) extern const Generator row;
VKMEMBENCH_GENERATORS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW

}  // namespace vkmembench
