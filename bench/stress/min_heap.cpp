#include "bench/stress/min_heap.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <stdexcept>

#include "allocator/base/error.h"
#include "allocator/device/layers/limits_layer.h"
#include "bench/replay/frames_in_flight.h"
#include "bench/replay/measured/context.h"
#include "bench/replay/measured/replay.h"

namespace vkmembench {
namespace {

// A device one of whose heaps is of another size, wherever that is asked.
class ResizedHeap : public Layer<ResizedHeap> {
 public:
  // Requires an info that outlives it.
  ResizedHeap(const Device& next, const DeviceInfo& info) : Layer(with_info(next, info)), info_(info) {}

  [[nodiscard]] static constexpr bool intercepts(EntryPoint entry) {
    return entry == EntryPoint::get_physical_device_memory_properties ||
           entry == EntryPoint::get_physical_device_memory_properties2;
  }
  template <EntryPoint E, typename Call, typename Properties>
  void intercept(const Call& call, Properties*& properties) {
    call();
    if constexpr (E == EntryPoint::get_physical_device_memory_properties)
      *properties = info_.memory;
    else
      properties->memoryProperties = info_.memory;
  }

 private:
  static Device with_info(Device device, const DeviceInfo& info) {
    device.info = &info;
    return device;
  }
  const DeviceInfo& info_;
};

// What was not served as asked.
struct Lack {
  std::size_t refused = 0;
  std::size_t elsewhere = 0;  // objects
  std::size_t failed = 0;
  [[nodiscard]] bool exceeds(const Lack& other) const {
    return refused > other.refused || elsewhere > other.elsewhere || failed > other.failed;
  }
};

Lack lack_of(const Recording& recording) {
  Lack lack;
  for (const LaneRecord& lane : recording.lanes) lack.refused += lane.refusals.size();
  lack.elsewhere = static_cast<std::size_t>(
      std::ranges::count_if(recording.objects, [](const ReplayObject& object) { return object.allocation.fallback; }));
  lack.failed = recording.failures.size();
  return lack;
}

class HeapSearch {
 public:
  HeapSearch(const Trace& trace, const StrategySpec& strategy, const DeviceChoice& device, const StopFlag* stop)
      : trace_(trace),
        strategy_(strategy),
        device_(device),
        stop_(stop),
        owner_(open()),
        info_(*owner_->device().info) {
    found_.heap = resolve_budget({"device", false, 0, 0}, info_.memory).front().first;
    if ((info_.memory.memoryHeaps[found_.heap].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) == 0)
      throw Error(info_.name + " has no device-local heap; choose another device");
    requests_ = resolve_requests(trace, owner_->device());
  }

  MinHeap run() {
    found_.load = load();
    if (found_.load == 0)
      throw Error(
          "the trace has no object for the device-local heap: there is no smallest one; choose another scenario");
    found_.step = std::bit_floor(std::max<Bytes>(1, found_.load / 1024));
    const Bytes most = info_.memory.memoryHeaps[found_.heap].size;
    own_ = replay_in(most);
    if (own_.refused != 0) return found_;
    // `fails` is not survived, `survives` is.
    Bytes fails = 0;
    Bytes survives = std::min(most, align_up(found_.load, found_.step));
    while (survives < most && !is_survived(survives)) {
      fails = survives;
      survives = std::min(most, survives * 2);
    }
    while (survives - fails > found_.step) {
      const Bytes middle = align_up(fails + (survives - fails) / 2, found_.step);
      (is_survived(middle) ? survives : fails) = middle;
    }
    if (stop_ != nullptr && stop_->raised()) return found_;
    found_.bytes = survives;
    for (std::uint32_t below = 2; below <= MinHeap::kBelow && !found_.survived_below; ++below) {
      const Bytes size = survives - std::min(survives, below * found_.step);
      if (size != 0 && is_survived(size)) found_.survived_below = size;
    }
    return found_;
  }

 private:
  [[nodiscard]] std::unique_ptr<DeviceOwner> open() const { return device_.open({.features = features_for(trace_)}); }

  [[nodiscard]] bool is_survived(Bytes size) {
    if (stop_ != nullptr && stop_->raised()) return true;
    return !replay_in(size).exceeds(own_);
  }

  Lack replay_in(Bytes size) {
    ++found_.replays;
    if (info_.simulated) owner_ = open();
    DeviceInfo info = info_;
    info.memory.memoryHeaps[found_.heap].size = info.budgets[found_.heap] = size;
    const ResizedHeap resized(owner_->device(), info);
    LimitsLayer limits(resized.device());
    ReplayOptions options;
    options.settings.timing = false;
    return lack_of(replay(
        trace_, requests_, limits, resized.device(), [&](const Device& device) { return strategy_.make(device); },
        options));
  }

  [[nodiscard]] bool is_for_heap(ObjectIndex object) const {
    if (trace_.objects[object].shape == kHostShape) return false;
    const ResolvedShape& shape = requests_.shapes[trace_.objects[object].shape];
    std::optional<MemoryTypeOrder> own;
    const MemoryTypeOrder& order = order_of(shape.buffer.memory, orders_, info_.memory, own);
    const int type = order.pick(shape.type_bits);
    return shape.is_supported() && type >= 0 && info_.memory.memoryTypes[type].heapIndex == found_.heap;
  }

  // LOAD of the heap, see MinHeap; frees complete as in a replay.
  [[nodiscard]] Bytes load() const {
    std::vector<Bytes> live(trace_.objects.size());
    FramesInFlight<ObjectIndex> freed(trace_.frames_in_flight);
    Bytes sum = 0;
    Bytes most = 0;
    std::size_t resizes = 0;
    const auto set = [&](ObjectIndex object, Bytes bytes) {
      if (!is_for_heap(object)) return;
      sum = sum - live[object] + bytes;
      live[object] = bytes;
      most = std::max(most, sum);
    };
    for (const Event& event : trace_.events) {
      switch (effect_of(event.op)) {
        case Effect::creates:
          for (ObjectIndex i = 0; i < event.count(); ++i) set(event.object + i, requests_.required[event.object + i]);
          break;
        case Effect::resizes:
          set(event.object, requests_.resized_required[resizes++]);
          break;
        case Effect::frees:
          if (freed.defers())
            freed.defer(event.object);
          else
            set(event.object, 0);
          break;
        case Effect::begins_frame:
          freed.begin_frame();
          for (const ObjectIndex object : freed.due()) set(object, 0);
          freed.take(freed.due().size());
          break;
        default:
          break;
      }
    }
    return most;
  }

  const Trace& trace_;
  const StrategySpec& strategy_;
  const DeviceChoice& device_;
  const StopFlag* stop_;
  std::unique_ptr<DeviceOwner> owner_;
  const DeviceInfo info_;
  const MemoryTypeOrders orders_ = order_memory_types(info_.memory);
  Requests requests_;
  Lack own_;  // with the device's own heap
  MinHeap found_;
};

}  // namespace

MinHeap min_heap(const Trace& trace, const StrategySpec& strategy, const DeviceChoice& device, const StopFlag* stop) {
  return HeapSearch(trace, strategy, device, stop).run();
}

}  // namespace vkmembench
