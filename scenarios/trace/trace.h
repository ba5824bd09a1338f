#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/seam/defragment.h"
#include "allocator/seam/named_pool.h"
#include "scenarios/trace/event.h"
#include "scenarios/trace/recorded.h"
#include "scenarios/trace/shape.h"

namespace vkmembench {

// One object per create event (an id that is reused after its free is a new object), in order of creation.
struct TraceObject {
  std::uint64_t id = 0;
  Bytes size = 0;  // bytes asked: a buffer's size; an image's tightly packed texels over all mips, layers and samples
  std::uint32_t shape = 0;  // index into Trace::shapes; host_alloc objects have kHostShape
  std::uint32_t create_event = 0;
};
static_assert(sizeof(TraceObject) == 24);
inline constexpr std::uint32_t kHostShape = ~std::uint32_t{0};

struct BudgetRequest {
  std::string heap;  // "device", "host" or a heap index in decimal
  bool is_ratio = false;
  Bytes bytes = 0;
  double ratio = 0;     // of the heap's size
  std::string place{};  // where it was read, for messages; neither hashed nor written
};

// A pool of the program's own.
struct PoolDeclaration {
  std::uint32_t name = 0;  // index into Trace::strings
  Bytes block_bytes = 64 * kMiB;
  std::uint32_t min_blocks = 0;
  std::uint32_t max_blocks = 65535;
  PoolOrder order = PoolOrder::general;
};

// Ids that a file does not spell as numbers get numbers from here on, one after the other.
inline constexpr std::uint64_t kFirstGivenId = 1'000'000'000'000;

// The expanded, flat list of events: the same for every strategy and device, with a hash. Ids are resolved to objects,
// so the replay looks nothing up.
struct Trace {
  std::vector<Event> events;
  std::vector<TraceObject> objects;
  std::vector<Shape> shapes;
  std::vector<std::string> strings = {""};
  std::vector<DefragmentRequest> defragments;
  std::vector<BudgetRequest> budgets;
  std::vector<PoolDeclaration> pools;
  std::vector<Offset> alias_offsets = {0};  // of aliases that do not begin where their target does, from 1 on
  std::vector<std::uint32_t> given_ids;     // of kFirstGivenId + i: index into `strings` of its spelling; not hashed
  std::uint32_t frames_in_flight = 0;
  std::uint32_t lane_count = 1;            // 1 + the highest lane
  std::vector<std::uint16_t> lanes = {0};  // that events are on, in order; always 0, on which frames begin
  std::uint64_t frame_count = 0;           // `frame` events
  std::uint64_t hash = 0;  // of everything above that a strategy can notice; spelt as 16 hex digits in files
  // `--frames A-B`: what is before frame A is replayed unmeasured, the trace ends after frame B. Both enter the hash.
  std::uint64_t measure_from_frame = 0;
  Recorded recorded;  // not hashed
  // What may be among its events, so that nobody walks over all of them for what is not there.
  OpSet ops = 0;
  bool has_aliases = false;

  [[nodiscard]] bool has(Op op) const { return (ops & op_set(op)) != 0; }
  [[nodiscard]] bool has(Effect effect) const { return (ops & ops_with(effect)) != 0; }

  [[nodiscard]] const Shape& shape_of(ObjectIndex object) const { return shapes[objects[object].shape]; }
  // How far behind the begin of event.alias() its object begins. Requires a creation of an alias.
  [[nodiscard]] Offset alias_offset(const Event& event) const { return alias_offsets[event.alias_place()]; }
  [[nodiscard]] bool is_alias(ObjectIndex object) const { return events[objects[object].create_event].is_alias(); }
  // Whose memory it is: the object itself, or what the chain of its aliases ends at.
  [[nodiscard]] ObjectIndex owner_of(ObjectIndex object) const {
    while (is_alias(object)) object = events[objects[object].create_event].alias();
    return object;
  }
};

// An id as its file spells it, for messages.
[[nodiscard]] std::string id_text(const Trace& trace, std::uint64_t id);

}  // namespace vkmembench
