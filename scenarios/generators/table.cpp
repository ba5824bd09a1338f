#include "scenarios/generators/table.h"

#include <array>

namespace vkmembench {

std::span<const Generator> generators() {
  static const std::array kGenerators = {kSceneLoading, kSceneSwitch,      kTerrainLod,     kDynamicStreaming,
                                         kChurn,        kTextureStreaming, kVirtualTexture, kFrameTransient,
                                         kStagingRing,  kDynamicBuffers,   kRaytracing,     kBudgetSwing};
  return kGenerators;
}

}  // namespace vkmembench
