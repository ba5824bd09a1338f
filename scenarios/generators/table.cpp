#include "scenarios/generators/table.h"

#include <array>

namespace vkmembench {

std::span<const Generator> generators() {
  static const std::array kGenerators = {kSceneLoading,   kSceneSwitch,    kTerrainLod,   kDynamicStreaming,
                                         kChurn,          kBimodal,        kPinAdversary, kOffByABit,
                                         kManyHoles,      kLongSoak,       kThreads,      kTextureStreaming,
                                         kVirtualTexture, kFrameTransient, kStagingRing,  kDynamicBuffers,
                                         kRaytracing,     kBudgetSwing,    kHostChurn};
  return kGenerators;
}

}  // namespace vkmembench
