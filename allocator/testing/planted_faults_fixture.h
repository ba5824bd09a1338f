#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "allocator/device/simulated/device_profile.h"
#include "allocator/oracle/violations.h"
#include "allocator/seam/strategy.h"

namespace vkmembench {

// A bug that a toy strategy has: for tests of what has to find it.
enum class Bug : std::uint8_t {
  none,
  rounds_down,
  ignores_alignment,
  moves_unaligned,
  mixes_kinds,
  overruns_block,
  ignores_memory_types,
  ignores_dedicated,
  forgets_device_address,
  forgets_export,
  binds_twice,
  maps_twice,
  maps_an_atom_off,
  flushes_parts_of_atoms,
  forgets_flush,
  forgets_invalidate,
  destroys_twice,
  keeps_freed_block,
  frees_too_early,
  loses_free,
  leaks_resized,
  aliases_outside,
  forgets_aliases,
  answers_old_place,
  moves_without_contents,
  frees_wrong_after_move,
  resizes_without_contents,
};

struct PlantedFault {
  Bug bug;
  std::string_view name;
  Violation kind;  // that it shows as, among others
};
// Every bug but `none`, and forgets_device_address and forgets_export, which need features of a device. Under a Checked
// strategy on planted_profile() each shows in traces of ordinary events.
[[nodiscard]] std::span<const PlantedFault> planted_faults();

// A device on which each can show: no memory is coherent, pages are large, and some images require dedicated memory.
[[nodiscard]] DeviceProfile planted_profile();

// First fit in small blocks, linear and optimal resources apart; resizes, aliases and moves. Sound but for its bug.
[[nodiscard]] std::unique_ptr<Strategy> make_toy(const Device& device, Bug bug);

}  // namespace vkmembench
