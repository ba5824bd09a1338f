#pragma once

#include "scenarios/importers/formats/import.h"

namespace vkmembench {

// Reads the section of VMA's recordings that says on what they were made, to its end, into what the trace records.
// Throws Error.
void read_vma_replay_config(Import& import);

}  // namespace vkmembench
