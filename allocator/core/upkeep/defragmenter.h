#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "allocator/core/allocator.h"
#include "allocator/core/upkeep/block_turns.h"
#include "allocator/core/upkeep/mover.h"
#include "allocator/seam/defragment.h"

namespace vkmembench {

// Packs an allocator's allocations into fewer blocks, a bounded pass at a time:
//
//   defragmenter.start(request);
//   while (!defragmenter.finished()) {
//     defragmenter.begin_pass();              // plans, records, submits
//     ...                                     // the device copies; see Mover for what may happen meanwhile
//     defragmenter.end_pass(timeout, moved);  // what `moved` names lives elsewhere now
//   }
//
// At start() every block that allocations share gets a rank among those of its memory type and kind (with `fast`, or
// when classes do not borrow: of its pool): fuller ones come first, among equals older ones. From the last rank
// to the first each block is a victim once a sweep: its allocations go, largest first, into gaps of blocks of better
// rank. Every move lowers the sum of the ranks that allocations have, so nothing moves back and forth, and sweeps that
// repeat until one moves nothing come to an end.
//   - select = all: a victim is closed to new allocations, is left alone when its contents cannot fit elsewhere, and is
//     opened again when one turns out not to. `fast` and `balanced` make one sweep, `full` and `extensive` repeat.
//   - marked, rules: what is selected moves to a better rank where it fits, whether that empties a block or not; sweeps
//     always repeat. Marks are cleared at the end.
// `extensive` then puts the contents of each block that stays at most 3/4 full into a block of their size, where that
// saves an eighth of it or more and the bytes held, old block included, pass neither the budget nor their peak so far.
//
// Until the end of a sweep, blocks that had their turn serve new allocations only where no other has room.
//
// A pass looks at a bounded number of ranges: whatever walks over a block (closing it, gathering what it holds, opening
// it) goes on in the next pass where it stood.
//
// Dedicated memory, pinned and mapped allocations stay. Blocks that became empty are given back by end_pass(), those
// that were empty by the first pass. A pass without moves is possible: planning is bounded too.
class Defragmenter {
 public:
  // Requires an allocator that outlives it, and to be the only one that works on it. After a std::bad_alloc, which
  // anything here may throw, it can only be destroyed.
  explicit Defragmenter(Allocator& allocator);
  ~Defragmenter();  // moves of a pass that did not end are not made
  Defragmenter(const Defragmenter&) = delete;
  Defragmenter& operator=(const Defragmenter&) = delete;

  // Replaces what is running; works on the heaps whose bits are set. Requires that no pass is begun.
  void start(const DefragmentRequest& request, std::uint32_t heaps = ~0u);
  // Ends it where it stands. Requires that no pass is begun.
  void stop();
  // Nothing left to do, and no pass begun.
  [[nodiscard]] bool finished() const { return stage_ == Stage::done && !in_pass_; }

  // VK_NOT_READY while a pass is begun; after a failure of the submission no move of the pass is made, and the pass is
  // to be ended like any other.
  [[nodiscard]] VkResult begin_pass();
  // Appends what moved. VK_TIMEOUT: the pass goes on, and is to be ended later. Any other failure: it ends, and no move
  // of it is made. Where host memory runs out and it throws, `moved` has what moved until then, and stands.
  [[nodiscard]] VkResult end_pass(std::uint64_t timeout_ns, std::pmr::vector<Moved>& moved);
  // Waits for the copies of the pass, as end_pass() does first. After a failure other than VK_TIMEOUT no move of the
  // pass is made, and it is to be ended like any other.
  [[nodiscard]] VkResult wait_for_device(std::uint64_t timeout_ns) { return mover_.wait_for_device(timeout_ns); }

  [[nodiscard]] const DefragmentRequest& request() const { return request_; }
  [[nodiscard]] const DefragmentTotals& totals() const { return totals_; }  // of all requests so far

 private:
  static constexpr std::size_t kStepsPerPass = 4096;  // ranges and blocks that planning looks at, about
  enum class Stage : std::uint8_t { moving, reopening, replacing, tidying, done };  // what a sweep does with blocks
  struct Candidate {
    Range* range = nullptr;
    std::uint64_t resource = 0;  // tells whether the range is still the allocation's
    Bytes size = 0;
    Bytes alignment = 1;
  };
  // The block whose access changes at present.
  struct Walk {
    Block* block = nullptr;  // gone, perhaps, unless it is closed
    Pool* pool = nullptr;    // the block's
    RegionAccess access = RegionAccess::open;
    bool gathers = false;                    // what may move, to make it a victim
    bool all_move = true;                    // of what was gathered
    bool unmarks = false;                    // what it comes by
    std::pmr::vector<Candidate> candidates;  // a heap, the next in front
    Bytes packed = 0;                        // that the candidates need side by side, largest alignment first, at most
  };
  // The block that is emptied at present.
  struct Victim {
    Block* block = nullptr;                          // gone, perhaps, unless it is `whole`
    Pool* pool = nullptr;                            // the block's
    std::uint32_t rank = 0;                          // the block's
    bool whole = false;                              // the block is closed: all goes, or it is given up
    Block* replacement = nullptr;                    // where everything goes; nullptr: into gaps
    const Range* last = nullptr;                     // in the replacement
    std::pmr::vector<Candidate> left;                // a heap, the next in front
    std::array<Tlsf::Seen, kSizeClassCount> seen{};  // by pool of the group
  };

  void give_back_idle(Pool& pool);

  void step();
  void end_sweep();
  void restart_sweep();
  [[nodiscard]] bool is_selected(const Range& range) const;
  [[nodiscard]] bool later(const Candidate& a, const Candidate& b) const;  // whether a's turn is after b's
  void start_walk(Block& block, RegionAccess access);
  [[nodiscard]] bool visit(Range& range);
  void walk_on();
  void finish_gathering();
  void consider(Block& block);
  [[nodiscard]] bool is_worth_replacing(const Block& block, Bytes packed) const;
  void move_next();
  // nullptr when there is no room, or when the looking goes on in the next pass: then undecided_ too.
  [[nodiscard]] Range* claim(const Candidate& candidate);
  void give_up_victim();
  void finish_victim();
  void tidy(Block& block);
  void abandon();
  void open(Block& block);

  AllocatorParts parts_;
  Mover mover_;
  DefragmentRequest request_;
  DefragmentTotals totals_;
  Stage stage_ = Stage::done;
  BlockTurns turns_;
  bool first_pass_ = false;
  std::uint64_t sweep_moves_ = 0;
  Walk walk_;
  Victim victim_;
  std::pmr::vector<Block*> closed_;   // and planned to the end
  std::pmr::vector<Block*> to_open_;  // closed, with something left in them
  std::pmr::vector<Pool*> left_;      // pools that selected allocations leave in this pass

  bool in_pass_ = false;
  bool pass_over_ = false;
  bool undecided_ = false;
  Bytes pass_bytes_ = 0;
  std::uint32_t pass_moves_ = 0;
  std::size_t pass_steps_ = 0;
  std::uint64_t dropped_ = 0;  // of the mover's, counted already
};

}  // namespace vkmembench
