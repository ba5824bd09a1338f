#pragma once

#include "scenarios/generators.h"

namespace vkmembench {

// The rows of generators(), each defined in the file of its name.
extern const Generator kSceneLoading;
extern const Generator kSceneSwitch;
extern const Generator kTerrainLod;
extern const Generator kDynamicStreaming;
extern const Generator kChurn;

}  // namespace vkmembench
