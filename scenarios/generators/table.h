#pragma once

#include "scenarios/generators.h"

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

}  // namespace vkmembench
