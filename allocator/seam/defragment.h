#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "allocator/base/bytes.h"

namespace vkmembench {

// How hard a defragmentation looks: `fast` empties blocks whose contents fit elsewhere as they are; `balanced` also
// packs into gaps of other size classes; `full` goes on while any block can be emptied; `extensive` replaces blocks
// that stay half empty by smaller ones as well.
enum class DefragmentAlgorithm : std::uint8_t { fast, balanced, full, extensive };
inline constexpr std::array<std::string_view, 4> kDefragmentAlgorithmNames = {"fast", "balanced", "full", "extensive"};

enum class DefragmentSelect : std::uint8_t { all, marked, rules };

struct DefragmentRequest {
  DefragmentSelect select = DefragmentSelect::all;
  // select = rules: what is idle for longer, used more often or larger than this moves.
  std::uint64_t idle_frames = 300;
  std::uint64_t min_uses = 100;
  Bytes min_size = kMiB;
  DefragmentAlgorithm algorithm = DefragmentAlgorithm::balanced;
  Bytes max_bytes_per_pass = 0;          // 0: no bound; a single larger allocation still moves alone
  std::uint32_t max_moves_per_pass = 0;  // 0: no bound
  std::uint32_t passes_per_frame = 1;
};

// What defragmentations did so far.
struct DefragmentTotals {
  Bytes bytes_moved = 0;
  std::uint64_t moves = 0;
  std::uint64_t passes = 0;
  std::uint64_t ignored = 0;  // planned and not made: no memory, or the allocation was destroyed meanwhile
  Bytes bytes_freed = 0;
  std::uint64_t blocks_freed = 0;
  double frag_before = 0;  // external fragmentation before the first pass of the latest
  double frag_after = 0;   // and after its last

  // Adds what another Defragmenter did later.
  DefragmentTotals& operator+=(const DefragmentTotals& later) {
    bytes_moved += later.bytes_moved;
    moves += later.moves;
    passes += later.passes;
    ignored += later.ignored;
    bytes_freed += later.bytes_freed;
    blocks_freed += later.blocks_freed;
    if (later.passes > 0) {
      frag_before = later.frag_before;
      frag_after = later.frag_after;
    }
    return *this;
  }
};

}  // namespace vkmembench
