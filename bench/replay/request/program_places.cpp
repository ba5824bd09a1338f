#include "bench/replay/request/program_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace vkmembench {
namespace {

bool same_types(const VkPhysicalDeviceMemoryProperties& a, const VkPhysicalDeviceMemoryProperties& b) {
  const auto same_type = [](const VkMemoryType& left, const VkMemoryType& right) {
    return left.propertyFlags == right.propertyFlags && left.heapIndex == right.heapIndex;
  };
  return std::equal(a.memoryTypes, a.memoryTypes + a.memoryTypeCount, b.memoryTypes, b.memoryTypes + b.memoryTypeCount,
                    same_type);
}

// What happened to a block before an event. Between two events blocks are allocated in their order; where the trace
// does not tell, what was there is freed first, and what is new last.
struct DatedStep {
  std::uint32_t event = 0;
  std::uint64_t order = 0;
  std::uint32_t block = 0;
  bool frees = false;
};
constexpr std::uint64_t order_of_allocation(std::uint32_t block) { return 2 * std::uint64_t{block} + 1; }
std::uint64_t order_of_free(const RecordedBlock& block) {
  if (block.until_blocks != RecordedBlock::kNotTold) return 2 * std::uint64_t{block.until_blocks};
  return block.from_event == block.until_event ? ~std::uint64_t{0} : 0;
}

}  // namespace

std::string why_no_places(const Trace& trace, const DeviceInfo& device) {
  const Recorded& recorded = trace.recorded;
  if (recorded.placements.empty()) return "the trace does not tell where the program had its objects";
  const auto without_type = [](const RecordedBlock& block) { return block.type == RecordedBlock::kNoType; };
  if (!recorded.device || recorded.device->memory.memoryTypeCount == 0 ||
      std::ranges::any_of(recorded.blocks, without_type))
    return "the trace does not tell the memory types of the device that it was recorded on";
  if (!same_types(recorded.device->memory, device.memory))
    return fmt::format("the trace was recorded on {}, which has other memory types than {}", recorded.device->name,
                       device.name);
  const std::uint32_t types = device.memory.memoryTypeCount;
  if (std::ranges::any_of(recorded.blocks, [&](const RecordedBlock& block) { return block.type >= types; }))
    return "the trace tells a block of a memory type that the device that it was recorded on lacks";
  return {};
}

ProgramPlaces places_of(const Trace& trace) {
  ProgramPlaces places;
  std::vector<DatedStep> steps;
  for (const RecordedBlock& block : trace.recorded.blocks) {
    const auto number = static_cast<std::uint32_t>(places.blocks.size());
    places.blocks.push_back({.size = block.size, .memory_type = block.type});
    steps.push_back({block.from_event, order_of_allocation(number), number, false});
    steps.push_back({block.until_event, order_of_free(block), number, true});
  }
  std::erase_if(steps, [&](const DatedStep& step) { return step.event > trace.events.size(); });
  std::ranges::stable_sort(steps, {}, [](const DatedStep& step) { return std::pair(step.event, step.order); });
  std::vector<std::uint32_t> before;  // steps, by event
  before.reserve(trace.events.size());
  std::uint32_t done = 0;
  for (std::uint32_t event = 0; event < trace.events.size(); ++event) {
    while (done < steps.size() && steps[done].event <= event) ++done;
    before.push_back(done);
  }
  for (const DatedStep& step : steps) places.steps.push_back({step.block, step.frees});

  places.places.resize(trace.objects.size());
  for (ObjectIndex object = 0; object < trace.objects.size(); ++object) {
    places.places[object].steps_before_create = before[trace.objects[object].create_event];
    places.places[object].steps_before_destroy = static_cast<std::uint32_t>(steps.size());
  }
  for (const Event& event : trace.events)
    if (effect_of(event.op) == Effect::frees)
      places.places[event.object].steps_before_destroy = before[static_cast<std::size_t>(&event - trace.events.data())];
  for (const RecordedPlacement& placement : trace.recorded.placements) {
    ProgramPlaces::Place& place = places.places[placement.object];
    if (place.block != ProgramPlaces::Place::kNoBlock) continue;
    place.block = placement.block;
    place.offset = placement.offset;
    const Shape& shape = trace.shape_of(placement.object);
    ProgramPlaces::Block& block = places.blocks[placement.block];
    block.export_handles |= shape.export_handles;
    block.priority = shape.priority;
  }
  return places;
}

}  // namespace vkmembench
