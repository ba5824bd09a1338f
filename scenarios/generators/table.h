#pragma once

#include "scenarios/generators/generators.h"

namespace vkmembench {

// The rows of generators(), each defined in the file of its name.
extern const Generator kSceneLoading;
extern const Generator kSceneSwitch;
extern const Generator kTerrainLod;
extern const Generator kDynamicStreaming;
extern const Generator kChurn;
extern const Generator kBimodal;
extern const Generator kPinAdversary;
extern const Generator kOffByABit;
extern const Generator kManyHoles;
extern const Generator kLongSoak;
extern const Generator kThreads;
extern const Generator kTextureStreaming;
extern const Generator kVirtualTexture;
extern const Generator kFrameTransient;
extern const Generator kStagingRing;
extern const Generator kDynamicBuffers;
extern const Generator kRaytracing;
extern const Generator kBudgetSwing;
extern const Generator kHostChurn;

}  // namespace vkmembench
