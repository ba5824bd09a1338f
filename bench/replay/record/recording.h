#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "allocator/base/named_enum.h"
#include "allocator/base/os/clock.h"
#include "allocator/device/layers/recording_layer.h"
#include "allocator/seam/strategy.h"
#include "bench/replay/record/host_record.h"
#include "bench/replay/record/refusal_limit.h"
#include "reports/model/histogram.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// in_parts: there, without memory of its own; part: memory for a part of one.
enum class ObjectState : std::uint8_t { absent, live, freed, refused, unsupported, evicted, in_parts, part };

// What became of one object of the trace. With the changes, the table is the record of every placement. One cache line:
// using an object misses the cache once.
struct alignas(64) ReplayObject {
  Allocation allocation;
  ObjectState state = ObjectState::absent;
  std::uint32_t map_count = 0;
  bool has_layout = false;    // an image that was uploaded to
  bool unsupported = false;   // the device has no format for it
  bool device_wrote = false;  // a copy went into memory that the host may map
  bool host_filled = false;   // an image whose bytes the host wrote: they are no texels that a copy could read
  bool bound = false;         // has a slot in the strategy's descriptor array
};
static_assert(sizeof(ReplayObject) == 64);

// X(enumerator): the operations whose latency is measured, named as their metric `time.NAME_ns`.
#define VKMEMBENCH_OPERATIONS(X) \
  X(create_buffer) X(create_image) X(batch) X(destroy) X(map) X(upload) X(resize) X(defrag_pass)
VKMEMBENCH_NAMED_ENUM(Operation, VKMEMBENCH_OPERATIONS);
inline constexpr std::size_t kOperationCount = kOperationNames.size();

// Why a create took the time it took.
#define VKMEMBENCH_CAUSES(X) X(hit) X(new_block) X(dedicated) X(fallback) X(refused)
VKMEMBENCH_NAMED_ENUM(Cause, VKMEMBENCH_CAUSES);
inline constexpr std::size_t kCauseCount = kCauseNames.size();

// Why an event on an object did nothing.
#define VKMEMBENCH_SKIPS(X) X(refused) X(unsupported) X(not_offered) X(failed) X(evicted)
VKMEMBENCH_NAMED_ENUM(Skip, VKMEMBENCH_SKIPS);
inline constexpr std::size_t kSkipCount = kSkipNames.size();

struct Refusal {
  std::uint64_t event = 0;
  ObjectIndex object = kNoObject;  // of a failure none: copying in general
  VkResult result = VK_SUCCESS;
  LimitHit hit;  // of a create or resize
};

// How an object's placement changed after its creation.
enum class ChangeKind : std::uint8_t { moved, evicted, reloaded, resized };
struct PlacementChange {
  std::uint64_t position = 0;  // of the event under way
  Ticks stamp = 0;             // concurrent only
  ObjectIndex object = kNoObject;
  ChangeKind kind = ChangeKind::moved;
  Allocation before;
  Allocation after;  // without a resource when evicted
};

struct NoticeRecord {
  std::uint64_t position = 0;
  Notice notice;
};

// What one lane (one thread in concurrent replay, the whole trace in ordered replay) measured.
struct LaneRecord {
  CallRecord calls;
  std::array<Histogram, kOperationCount> latency;  // ns
  std::array<Histogram, kCauseCount> by_cause;     // ns
  std::array<std::uint64_t, kSkipCount> skipped{};
  std::array<std::uint64_t, static_cast<std::size_t>(Op::count)> not_offered{};  // events by op
  std::vector<Refusal> refusals;
  std::uint64_t create_count = 0;  // asked for, batches by item
  std::uint64_t free_count = 0;    // completed
  std::uint64_t map_count = 0;
  std::int64_t live_count = 0;                             // created and not destroyed
  std::uint64_t unshared_alias_count = 0;                  // aliases that got memory of their own
  std::uint64_t asked_again_count = 0;                     // requests that follow a refusal, as the trace says
  std::vector<std::pair<ObjectIndex, Bytes>> halved = {};  // objects that got fewer bytes so, and how many
  Ticks operation_ticks = 0;                               // inside operations
  Ticks operation_driver_ticks = 0;
  Ticks upload_ticks = 0;
  Ticks frame_ticks = 0;  // of operation_ticks, since the frame began
};

// When things happened in concurrent replay, by object: read_ticks() after its create, at its free and before its
// destroy.
struct ObjectStamps {
  Ticks created = 0;
  Ticks freed = 0;
  Ticks destroyed = 0;
};

// The most lazily allocated memory that a strategy held at the end of a frame, and that was backed.
struct LazyPeaks {
  Bytes held = 0;
  Bytes committed = 0;
};

enum class ReplayEnd : std::uint8_t { done, strategy_timeout, device_lost, timeout, interrupted };

// The raw record of one replay: everything that metrics are computed from afterwards.
struct Recording {
  ReplayEnd end = ReplayEnd::done;
  std::uint64_t events_done = 0;      // how far it came; ordered: the trace up to here was replayed
  std::uint64_t clean_up_ns = 0;      // how long a strategy whose time was up took to free what it held
  std::vector<ReplayObject> objects;  // by ObjectIndex
  std::vector<LaneRecord> lanes;
  std::vector<Ticks> frames;           // work inside operations, by frame; the first entry is before any `frame` event
  std::vector<ObjectStamps> stamps;    // concurrent only
  std::vector<Ticks> frame_stamps;     // concurrent only: when each `frame` event ran
  Ticks end_stamp = 0;                 // concurrent only: when the last event was done
  std::vector<Ticks> snapshot_stamps;  // concurrent only, by the number of the `snapshot` event
  std::vector<PlacementChange> changes;  // in order
  std::vector<NoticeRecord> notices;
  std::vector<StrategyFigure> strategy_figures;
  CallRecord setup;                 // of making the strategy and starting it
  CallRecord teardown;              // of what it puts off until everything is freed, and of destroying it
  std::vector<MemoryEvent> memory;  // of all lanes and the strategy's own end, in order
  std::uint64_t unfreed_count = 0;  // objects that the trace left for the harness to free
  std::vector<MemoryEvent> leaked;  // device memory alive after the strategy is gone
  std::uint64_t leaked_resource_count = 0;
  std::uint64_t overhead_ns = 0;  // what timing adds to an operation: the median of empty ones
  Bytes staging_peak = 0;
  std::uint64_t staging_waits = 0;
  Bytes copied_bytes = 0;
  std::vector<PoolStatistics> pools;  // when everything is freed
  HostRecord host;
  std::optional<LazyPeaks> lazy;                          // of a device that has such memory
  std::map<std::string, std::uint64_t> violation_counts;  // by kind
  std::vector<std::string> violations;                    // the first ones, "kind: text"
  std::vector<Refusal> failures;  // driver calls that failed outside creates (map, flush, copies)

  // What the strategy held is held to the end of the process: nothing is known of leaks.
  [[nodiscard]] bool is_abandoned() const { return end == ReplayEnd::timeout || end == ReplayEnd::interrupted; }
};

}  // namespace vkmembench
