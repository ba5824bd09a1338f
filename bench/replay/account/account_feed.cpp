#include "bench/replay/account/account_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "bench/replay/account/account_steps.h"
#include "bench/replay/measured/context.h"
#include "bench/replay/record/refusal_text.h"
#include "reports/account/memory_account.h"

namespace vkmembench {
namespace {

// What the account knows of an object.
constexpr std::uint8_t kHeld = 1;     // the trace holds it
constexpr std::uint8_t kPlaced = 2;   // it has memory
constexpr std::uint8_t kPending = 4;  // freed, not completed
constexpr std::uint8_t kInside = 8;   // an alias, in the memory of its owner

class Feed {
 public:
  Feed(Run& run, const Trace& trace, const Requests& requests, const Recording& recording, const DeviceInfo& device,
       const AccountOptions& options)
      : run_(run),
        trace_(trace),
        requests_(requests),
        recording_(recording),
        device_(device),
        options_(options),
        patience_(*options.stop),
        steps_(account_steps(trace, recording, patience_)),
        states_(trace.objects.size()),
        created_frames_(trace.objects.size()) {
    run_.tags = {""};
    for (const Shape& shape : trace.shapes) {
      const auto [entry, fresh] = tags_.try_emplace(shape.tag, 0);
      if (!fresh) continue;
      const std::string& tag = trace.strings[shape.tag];
      if (!tag.empty()) {
        entry->second = static_cast<std::uint32_t>(run_.tags.size());
        run_.tags.push_back(tag);
      }
    }
    std::unordered_set<std::uint64_t> resized;  // positions
    for (const PlacementChange& change : recording.changes) {
      placement_.try_emplace(change.object, &change.before);
      if (change.kind == ChangeKind::resized) resized.insert(change.position);
    }
    for (std::uint64_t position = 0; position < trace.events.size(); ++position) {
      const Event& event = trace.events[position];
      if (effect_of(event.op) == Effect::resizes)
        resizes_.push_back({event.object, event.size(), resized.contains(position)});
    }
    for (const LaneRecord& lane : recording.lanes)
      for (const auto& [object, size] : lane.halved)
        halved_[object] = {size, std::min(requests.required[object], recording.objects[object].allocation.charged)};
    account_ = make_account();
  }

  void play() {
    const std::size_t peak = find_peak();
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (patience_.is_over()) return give_up();
      apply(steps_[i]);
      if (i == peak) account_->capture_peak();
    }
    for (const LaneRecord& lane : recording_.lanes) {
      for (const Refusal& refusal : lane.refusals) {
        not_resized_ += is_resize(trace_, refusal);
      }
    }
    if (recording_.end == ReplayEnd::done) account_->ended();
    account_->finish(run_, left_out());
  }

 private:
  void give_up() {
    run_.events.push_back({"warning", 0, "the run was stopped: there was no time to account for its memory"});
  }

  // What the ratio of reserved to live leaves out; empty when everything was served all the time.
  [[nodiscard]] std::string left_out() const {
    std::vector<std::string> parts;
    const auto add = [&](std::uint64_t count, const char* what) {
      if (count != 0) parts.push_back(fmt::format("{} {}", count, what));
    };
    add(unsupported_, "unsupported");
    add(refused_, "refused");
    add(not_resized_, "not resized");
    add(evicted_, "evicted");
    if (parts.empty()) return {};
    return fmt::format("over what was served: {} of {} request{}", fmt::join(parts, ", "), created_,
                       created_ == 1 ? "" : "s");
  }

  [[nodiscard]] std::unique_ptr<MemoryAccount> make_account() const {
    MemoryAccount::Options options;
    options.series_points = options_.series_points;
    options.keep_snapshots = options_.keep_snapshots;
    options.snapshot_rows = options_.snapshot_rows;
    for (const PoolStatistics& pool : recording_.pools) options.pool_names.push_back(pool.name);
    return std::make_unique<MemoryAccount>(device_, options);
  }

  // The last step of the first moment at which the sum of blocks is largest while measuring.
  [[nodiscard]] std::size_t find_peak() {
    const bool cut = trace_.measure_from_frame != 0;
    bool measuring = !cut;
    Bytes sum = 0;
    Bytes most = 0;
    std::size_t peak = steps_.size();
    std::unordered_map<VkDeviceMemory, Bytes> sizes;
    for (std::size_t i = 0; i < steps_.size() && !patience_.is_over(); ++i) {
      if (steps_[i].kind == StepKind::memory) {
        const MemoryEvent& event = recording_.memory[steps_[i].index];
        if (event.freed) {
          sum -= sizes[event.memory];
        } else {
          sizes[event.memory] = event.size;
          sum += event.size;
        }
      }
      measuring = measuring || steps_[i].kind == StepKind::measure;
      if (measuring && sum > most) {
        most = sum;
        peak = i;
      }
    }
    while (peak + 1 < steps_.size() && steps_[peak + 1].stamp == steps_[peak].stamp) ++peak;
    return peak;
  }

  void apply(const AccountStep& step) {
    switch (step.kind) {
      case StepKind::frame_end:
        end_frame(step.index);
        break;
      case StepKind::measure:
        restart();
        break;
      case StepKind::removal:
        remove(step.index);
        break;
      case StepKind::memory:
        memory(recording_.memory[step.index]);
        break;
      case StepKind::resize:
        resize(step.index);
        break;
      case StepKind::change:
        change(recording_.changes[step.index]);
        break;
      case StepKind::creation:
        create(step.index);
        break;
      case StepKind::pending:
        free_pending(step.index);
        break;
      case StepKind::budget:
        for (const auto& [heap, bytes] :
             resolve_budget(trace_.budgets[trace_.events[step.index].request()], device_.memory))
          account_->budget_changed(heap, bytes);
        break;
      case StepKind::snapshot:
        account_->snapshot(trace_.strings[trace_.events[step.index].label()], frame_);
        break;
    }
  }

  // `count` frames have begun; the last of them ends.
  void end_frame(std::uint32_t count) {
    frame_ = count;
    const std::uint64_t number = count - 1;
    const std::uint64_t first = trace_.measure_from_frame;
    if (number < first) return;
    const std::size_t index = static_cast<std::size_t>(number - first);
    const Ticks work = index < recording_.frames.size() ? recording_.frames[index] : 0;
    account_->frame_ended(number, ticks_to_ns(work, options_.ns_per_tick));
  }

  void memory(const MemoryEvent& event) {
    if (event.freed) {
      account_->block_removed(event.memory);
      blocks_.erase(event.memory);
    } else {
      account_->block_added(event.memory, event.size, event.memory_type, event.dedicated);
      blocks_.emplace(event.memory, &event);
    }
  }

  void create(ObjectIndex object) {
    if (trace_.objects[object].shape == kHostShape) return;
    created_frames_[object] = static_cast<std::uint32_t>(frame_);
    add_load(object);
    const Allocation& allocation = placement_of(object);
    ++created_;
    if (allocation.resource == 0)
      ++(requests_.shapes[trace_.objects[object].shape].is_supported() ? refused_ : unsupported_);
    if (allocation.memory != VK_NULL_HANDLE) place(object);
    if (trace_.is_alias(object)) share(object);
  }
  void free_pending(ObjectIndex object) {
    if ((states_[object] & kHeld) == 0) return;
    account_->free_pending(load_of(object).requested);
    states_[object] |= kPending;
  }
  void add_load(ObjectIndex object) {
    account_->load_added(load_of(object).requested, load_of(object).required);
    states_[object] |= kHeld;
  }
  void place(ObjectIndex object) {
    // Stamps of another thread's clock: counted as not placed.
    if (!blocks_.contains(placement_of(object).memory)) return;
    account_->placed(object, placed_object(object));
    states_[object] |= kPlaced;
  }
  [[nodiscard]] PlacedObject placed_object(ObjectIndex object) const {
    const Allocation& allocation = placement_of(object);
    const Shape& shape = trace_.shape_of(object);
    const Load load = served(object);
    return {.memory = allocation.memory,
            .offset = allocation.offset,
            .requested = load.requested,
            .required = load.required,
            .charged = allocation.charged,
            .memory_type = allocation.memory_type,
            .tag = tags_.at(shape.tag),
            .created_frame = created_frames_[object],
            .pool = allocation.pool,
            .image = allocation.image,
            .dedicated = allocation.dedicated,
            .fallback = allocation.fallback,
            .unmet = (rule_of(shape.memory).preferred &
                      ~device_.memory.memoryTypes[allocation.memory_type].propertyFlags) != 0,
            .alias = trace_.is_alias(object)};
  }
  [[nodiscard]] const Allocation& placement_of(ObjectIndex object) const {
    const auto changed = placement_.find(object);
    return changed == placement_.end() ? recording_.objects[object].allocation : *changed->second;
  }
  // What the trace asks for and the device requires; nothing for an alias, whose memory another object has asked for,
  // and for what the device does not support.
  struct Load {
    Bytes requested = 0;
    Bytes required = 0;
  };
  // What the object's memory is for: the same, but for what was halved after a refusal.
  [[nodiscard]] Load served(ObjectIndex object) const {
    if (!halved_.empty() && !loads_.contains(object))
      if (const auto halved = halved_.find(object); halved != halved_.end()) return halved->second;
    return load_of(object);
  }
  [[nodiscard]] Load load_of(ObjectIndex object) const {
    const auto resized = loads_.find(object);
    if (resized != loads_.end()) return resized->second;
    const ResolvedShape& shape = requests_.shapes[trace_.objects[object].shape];
    if (!shape.is_supported() || is_bound_in_parts(object)) return {};
    return {trace_.is_alias(object) ? 0 : trace_.objects[object].size, requests_.required[object]};
  }
  // Its parts have the bytes.
  [[nodiscard]] bool is_bound_in_parts(ObjectIndex object) const {
    return requests_.shapes[trace_.objects[object].shape].served == Served::in_parts &&
           !makes_part(trace_.events[trace_.objects[object].create_event].op);
  }

  struct Resize {
    ObjectIndex object = kNoObject;
    Bytes size = 0;
    bool done = false;
  };
  // What has memory keeps its size until a resize succeeds; the load of what was never served follows the trace.
  void resize(std::uint32_t number) {
    const auto& [object, size, done] = resizes_[number];
    const bool served = placement_.contains(object) || recording_.objects[object].allocation.memory != VK_NULL_HANDLE;
    if (recording_.objects[object].unsupported || (served && !done)) return;
    const Load before = load_of(object);
    const Load after{size, requests_.resized_required[number]};
    loads_[object] = after;
    if ((states_[object] & kHeld) == 0) return;
    account_->load_removed(before.requested, before.required);
    account_->load_added(after.requested, after.required);
    // Until the strategy has answered, the object stays where it is with what it needs now.
    if ((states_[object] & kPlaced) != 0) account_->moved(object, placed_object(object));
  }

  void change(const PlacementChange& change) {
    placement_[change.object] = &change.after;
    std::uint8_t& state = states_[change.object];
    switch (change.kind) {
      case ChangeKind::moved:
      case ChangeKind::resized:
        if ((state & kPlaced) != 0 && blocks_.contains(change.after.memory))
          account_->moved(change.object, placed_object(change.object));
        break;
      case ChangeKind::evicted:
        ++evicted_;
        if ((state & kPlaced) != 0) account_->removed(change.object);
        state &= static_cast<std::uint8_t>(~kPlaced);
        break;
      case ChangeKind::reloaded:
        place(change.object);
        break;
    }
  }
  void remove(ObjectIndex object) {
    const auto shared = shared_.find(object);
    if (shared != shared_.end()) {
      shared->second.owner_gone = true;
      return remove_shared(object, shared->second);
    }
    const bool alias = (states_[object] & kHeld) != 0 && trace_.is_alias(object);
    const bool inside = (states_[object] & kInside) != 0;
    release(object);
    if (alias) unshare(object, inside);
  }
  void release(ObjectIndex object) {
    complete_free(object);
    remove_placement(object);
    if ((states_[object] & kHeld) != 0) account_->load_removed(load_of(object).requested, load_of(object).required);
    states_[object] = 0;
  }
  void complete_free(ObjectIndex object) {
    if ((states_[object] & kPending) != 0) account_->free_completed(load_of(object).requested);
    states_[object] &= static_cast<std::uint8_t>(~kPending);
  }
  void remove_placement(ObjectIndex object) {
    if ((states_[object] & kPlaced) != 0) account_->removed(object);
    states_[object] &= static_cast<std::uint8_t>(~kPlaced);
  }

  // Memory with aliases, which stays until the last that is in it is gone; so does what the trace asks for.
  struct Shared {
    std::uint32_t aliases = 0;
    std::uint32_t inside = 0;  // of them where the strategy shares
    bool owner_gone = false;
  };
  void share(ObjectIndex alias) {
    const ObjectIndex owner = trace_.owner_of(alias);
    Shared& shared = shared_[owner];
    ++shared.aliases;
    const Allocation& memory = placement_of(owner);
    const Allocation& place = placement_of(alias);
    if ((states_[owner] & states_[alias] & kPlaced) == 0 || place.memory != memory.memory ||
        place.offset < memory.offset || place.offset >= memory.offset + memory.charged)
      return;
    ++shared.inside;
    states_[alias] |= kInside;
  }
  void unshare(ObjectIndex alias, bool inside) {
    const ObjectIndex owner = trace_.owner_of(alias);
    Shared& shared = shared_.at(owner);
    --shared.aliases;
    shared.inside -= inside;
    if (shared.owner_gone) return remove_shared(owner, shared);
    if (shared.aliases == 0) shared_.erase(owner);
  }
  void remove_shared(ObjectIndex owner, const Shared& shared) {
    complete_free(owner);
    if (shared.inside == 0) remove_placement(owner);
    if (shared.aliases != 0) return;
    release(owner);
    shared_.erase(owner);
  }

  // What came before is not measured: a fresh account that begins with what is there now.
  void restart() {
    account_ = make_account();
    std::vector<const MemoryEvent*> blocks;
    for (const auto& [memory, event] : blocks_) blocks.push_back(event);
    std::ranges::sort(blocks);  // all in one log: the order in which they came
    for (const MemoryEvent* event : blocks)
      account_->block_added(event->memory, event->size, event->memory_type, event->dedicated);
    for (ObjectIndex object = 0; object < states_.size(); ++object) {
      const std::uint8_t state = states_[object];
      if ((state & kHeld) == 0) continue;
      add_load(object);
      if ((state & kPlaced) != 0) place(object);
      if ((state & kPending) != 0) account_->free_pending(load_of(object).requested);
    }
  }

  Run& run_;
  const Trace& trace_;
  const Requests& requests_;
  const Recording& recording_;
  const DeviceInfo& device_;
  const AccountOptions& options_;
  Patience patience_;
  std::vector<AccountStep> steps_;
  std::vector<std::uint8_t> states_;           // by object: kHeld, kPlaced, kPending
  std::vector<std::uint32_t> created_frames_;  // by object
  std::unordered_map<std::uint32_t, std::uint32_t> tags_;
  std::unordered_map<ObjectIndex, const Allocation*> placement_;  // now, of objects that ever change
  std::unordered_map<ObjectIndex, Shared> shared_;                // by owner, of memory with aliases
  std::unordered_map<ObjectIndex, Load> halved_;                  // by the trace's own rule, after a refusal
  std::unordered_map<ObjectIndex, Load> loads_;                   // now, of resized objects
  std::vector<Resize> resizes_;                                   // by the number of the event
  std::unique_ptr<MemoryAccount> account_;
  std::unordered_map<VkDeviceMemory, const MemoryEvent*> blocks_;
  std::uint64_t created_ = 0;
  std::uint64_t unsupported_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t not_resized_ = 0;
  std::uint64_t evicted_ = 0;
  std::uint64_t frame_ = 0;
};

}  // namespace

void account_for(Run& run, const Trace& trace, const Requests& requests, const Recording& recording,
                 const DeviceInfo& device, const AccountOptions& options) {
  Feed(run, trace, requests, recording, device, options).play();
}

}  // namespace vkmembench
