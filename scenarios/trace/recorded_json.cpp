#include "scenarios/trace/recorded_json.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t kAnyIndex = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kPlacementsInLine = 4096;

std::uint32_t index_of(const JsonValue& json) { return static_cast<std::uint32_t>(json.integer(0, kAnyIndex)); }

std::uint32_t read_named_flags(const JsonValue& json, std::span<const FlagName> names) {
  std::uint32_t flags = 0;
  for (const JsonValue& item : json.items()) {
    const std::string name = item.text();
    const std::optional<std::uint32_t> bit = flag_by_name(names, name);
    if (!bit) item.fail(fmt::format("unknown flag '{}'{}", name, known_names(name, names)));
    flags |= *bit;
  }
  return flags;
}

// The rows of a list, of which Vulkan has a most.
std::vector<JsonValue> rows_of(const JsonValue& json, std::size_t most) {
  std::vector<JsonValue> rows = json.items();
  if (rows.size() > most) json.fail(fmt::format("has more than {}", most));
  return rows;
}

void read_recorded_memory(const JsonValue& json, VkPhysicalDeviceMemoryProperties& memory) {
  for (const JsonValue& row : rows_of(json.at("heaps"), VK_MAX_MEMORY_HEAPS)) {
    row.only_keys({"size_bytes", "flags"});
    memory.memoryHeaps[memory.memoryHeapCount++] = {row.at("size_bytes").integer(0, kAnyNumber),
                                                    read_named_flags(row.at("flags"), heap_flag_names())};
  }
  for (const JsonValue& row : rows_of(json.at("types"), VK_MAX_MEMORY_TYPES)) {
    row.only_keys({"heap", "flags"});
    const std::uint32_t heap = index_of(row.at("heap"));
    if (heap >= memory.memoryHeapCount)
      row.at("heap").fail(fmt::format("no heap {}; there are {}", heap, memory.memoryHeapCount));
    memory.memoryTypes[memory.memoryTypeCount++] = {read_named_flags(row.at("flags"), memory_property_names()), heap};
  }
}

}  // namespace

RecordedDevice read_recorded_device(const JsonValue& json) {
  json.only_keys({"name", "api_version", "vendor_id", "device_id", "heaps", "types", "limits"});
  RecordedDevice device;
  device.name = json.at("name").text();
  if (const auto value = json.find("api_version")) device.api_version = value->text();
  if (const auto value = json.find("vendor_id")) device.vendor_id = index_of(*value);
  if (const auto value = json.find("device_id")) device.device_id = index_of(*value);
  if (json.find("heaps") || json.find("types")) read_recorded_memory(json, device.memory);
  if (const auto limits = json.find("limits")) {
    limits->only_keys(kRecordedLimits);
    for (std::size_t i = 0; i < kRecordedLimits.size(); ++i) {
      if (const auto value = limits->find(kRecordedLimits[i])) device.limits[i] = value->integer(1, kAnyNumber);
    }
  }
  return device;
}

std::size_t add_placement_line(const Trace& trace, std::size_t n, fmt::memory_buffer& out) {
  const std::vector<RecordedPlacement>& placements = trace.recorded.placements;
  const auto add = [&](auto format, auto... values) { fmt::format_to(std::back_inserter(out), format, values...); };
  const std::size_t end = std::min(n + kPlacementsInLine, placements.size());
  const char* separator = R"({"placements":[)";
  for (std::size_t i = n; i < end; ++i) {
    const RecordedPlacement& placement = placements[i];
    const std::uint32_t nth = placement.object - trace.events[placement.event].object;
    add(FMT_STRING("{}[{},{},{}"), separator, placement.event, placement.block, placement.offset);
    if (nth != 0) add(FMT_STRING(",{}"), nth);
    add(FMT_STRING("]"));
    separator = ",";
  }
  separator = R"(],"blocks":[)";
  for (std::size_t i = 0; n == 0 && i < trace.recorded.blocks.size(); ++i) {
    const RecordedBlock& block = trace.recorded.blocks[i];
    add(FMT_STRING("{}[{}"), separator, block.size);
    if (block.type != RecordedBlock::kNoType) add(FMT_STRING(",{}"), block.type);
    if (block.type != RecordedBlock::kNoType && block.from_event != 0) add(FMT_STRING(",{}"), block.from_event);
    add(FMT_STRING("]"));
    separator = ",";
  }
  separator = R"(],"freed":[)";
  for (std::size_t i = 0; n == 0 && i < trace.recorded.blocks.size(); ++i) {
    const RecordedBlock& block = trace.recorded.blocks[i];
    if (block.until_event == RecordedBlock::kToTheEnd) continue;
    add(FMT_STRING("{}[{},{}"), separator, i, block.until_event);
    if (block.until_blocks != RecordedBlock::kNotTold) add(FMT_STRING(",{}"), block.until_blocks);
    add(FMT_STRING("]"));
    separator = ",";
  }
  add(FMT_STRING("]"));
  if (n == 0 && !trace.recorded.left_out.empty()) add(FMT_STRING(",{}"), left_out_field(trace.recorded.left_out));
  add(FMT_STRING("}}\n"));
  return end;
}

void WrittenPlacements::read(std::string_view line, const std::string& file, std::uint32_t line_number) {
  const JsonDocument document = JsonDocument::parse(line, file, line_number);
  const JsonValue root = document.root();
  root.only_keys({"placements", "blocks", "freed", "left_out"});
  if (const auto blocks = root.find("blocks")) {
    for (const JsonValue& item : blocks->items()) {
      const std::vector<JsonValue> block = item.items();
      if (block.empty() || block.size() > 3) item.fail("is not [size], [size, type] or [size, type, event]");
      RecordedBlock& row = blocks_.emplace_back(RecordedBlock{.size = block[0].integer(0, kAnyNumber)});
      if (block.size() > 1) row.type = static_cast<std::uint32_t>(block[1].integer(0, VK_MAX_MEMORY_TYPES - 1));
      if (block.size() > 2) row.from_event = index_of(block[2]);
    }
  }
  if (const auto freed = root.find("freed")) {
    for (const JsonValue& item : freed->items()) {
      const std::vector<JsonValue> row = item.items();
      if (row.size() != 2 && row.size() != 3) item.fail("is not [block, event] or [block, event, blocks]");
      const std::uint32_t block = index_of(row[0]);
      if (block >= blocks_.size()) row[0].fail(fmt::format("no block {}; {} are listed", block, blocks_.size()));
      blocks_[block].until_event = index_of(row[1]);
      if (row.size() == 3) blocks_[block].until_blocks = index_of(row[2]);
    }
  }
  if (const auto left_out = root.find("left_out")) {
    has_end_ = true;
    for (const auto& [what, count] : left_out->members()) left_out_.push_back({what, count.integer(1, kAnyNumber)});
  }
  for (const JsonValue& item : root.at("placements").items()) {
    const std::vector<JsonValue> row = item.items();
    if (row.size() != 3 && row.size() != 4) item.fail("is not [event, block, offset] or [event, block, offset, which]");
    rows_.push_back(
        {index_of(row[0]), index_of(row[1]), row[2].integer(0, kAnyNumber), row.size() == 4 ? index_of(row[3]) : 0});
  }
}

void WrittenPlacements::resolve(Trace& trace, const std::string& file) {
  for (const Row& row : rows_) {
    const bool is_there = row.event < trace.events.size() && row.nth < trace.events[row.event].count();
    if (!is_there)
      throw Error(fmt::format("{}: a placement is of event {}, which names no object {}; number events from 0", file,
                              row.event, row.nth));
    if (row.block >= blocks_.size())
      throw Error(fmt::format("{}: a placement is in block {} of {}; list the block", file, row.block, blocks_.size()));
    trace.recorded.placements.push_back({row.event, trace.events[row.event].object + row.nth, row.block, row.offset});
  }
  trace.recorded.blocks = std::move(blocks_);
  trace.recorded.left_out = std::move(left_out_);
}

}  // namespace vkmembench
