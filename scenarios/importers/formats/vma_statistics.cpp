// What vmaBuildStatsString() of VMA writes with a detailed map: everything that lives, block by block. It becomes a
// trace that creates that, with the places where it lay. Layouts of VMA 3 (MemoryInfo, DefaultPools, CustomPools) and
// of VMA 2 (heaps at the top, DefaultPools, DedicatedAllocations by type, Pools).

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/importers/content.h"
#include "scenarios/importers/formats/json_events.h"

namespace vkmembench {
namespace {

// "Type 4" with "Type " is 4; nullopt for another text.
std::optional<std::uint32_t> numbered(std::string_view text, std::string_view prefix, std::uint32_t most) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (number >= most) throw Error(fmt::format("'{}{}' is beyond Vulkan's {}", prefix, number, most));
  return number;
}

class StatisticsReader {
 public:
  explicit StatisticsReader(Import& import) : import_(import) { import_.frame(); }

  bool value(const JsonPath& path, const JsonScalar& scalar);
  bool begin(const JsonPath& path);
  bool end(const JsonPath& path);

  void finish();

 private:
  struct Found {
    std::string type, name;
    Bytes size = 0;
    Offset offset = 0;
    std::uint64_t usage = 0;
  };

  static std::uint64_t whole(const JsonPath& path, const JsonScalar& scalar) {
    if (scalar.kind != JsonScalar::Kind::number) throw Error(fmt::format("'{}' is not a whole number", path.last()));
    return scalar.number;
  }
  void device_value(const JsonPath& path, const JsonScalar& scalar);
  void heap_value(const JsonPath& path, std::size_t level, const JsonScalar& scalar);
  void allocation_value(const JsonPath& path, const JsonScalar& scalar);
  [[nodiscard]] std::uint32_t type_of(const JsonPath& path) const;
  [[nodiscard]] std::uint32_t open_block(Bytes size, std::uint32_t type);
  void create(std::uint32_t type, std::uint32_t block);

  // Levels of a path that mean something: of an allocation the array that it is in, 0 outside of one.
  static bool is_list(std::string_view key) { return key == "Suballocations" || key == "DedicatedAllocations"; }
  [[nodiscard]] bool in_allocation(const JsonPath& path) const {
    return allocation_depth_ != 0 && path.depth() > allocation_depth_;
  }

  Import& import_;
  RecordedDevice device_;
  Found found_;
  std::size_t allocation_depth_ = 0;  // levels of the path to the allocation that is read
  bool is_dedicated_ = false;
  std::uint32_t pool_type_ = RecordedBlock::kNoType;  // of a custom pool of VMA 2
  Bytes total_bytes_ = 0;                             // of the block that is read
  std::uint32_t block_ = 0;
  std::uint64_t next_id_ = 1;
  bool has_map_ = false;
  Shape shape_;
};

void StatisticsReader::heap_value(const JsonPath& path, std::size_t level, const JsonScalar& scalar) {
  const std::optional<std::uint32_t> heap =
      level < path.depth() ? numbered(path.key(level), "Heap ", VK_MAX_MEMORY_HEAPS) : std::nullopt;
  if (!heap) return;
  VkPhysicalDeviceMemoryProperties& memory = device_.memory;
  memory.memoryHeapCount = std::max(memory.memoryHeapCount, *heap + 1);
  std::optional<std::uint32_t> type;
  for (std::size_t i = level + 1; i < path.depth() && !type; ++i)
    type = numbered(path.key(i), "Type ", VK_MAX_MEMORY_TYPES);
  if (type) {
    memory.memoryTypeCount = std::max(memory.memoryTypeCount, *type + 1);
    memory.memoryTypes[*type].heapIndex = *heap;
  }
  const bool is_flag =
      scalar.kind == JsonScalar::Kind::text && path.last().empty() && path.is_in(path.depth() - 2, "Flags");
  if (is_flag && type)
    memory.memoryTypes[*type].propertyFlags |=
        flag_by_name(memory_property_names(), lower_case(scalar.text)).value_or(0);
  else if (is_flag)
    memory.memoryHeaps[*heap].flags |= flag_by_name(heap_flag_names(), lower_case(scalar.text)).value_or(0);
  else if (path.depth() == level + 2 && path.last() == "Size")
    memory.memoryHeaps[*heap].size = whole(path, scalar);
}

void StatisticsReader::device_value(const JsonPath& path, const JsonScalar& scalar) {
  if (path.is_in(0, "General")) {
    if (path.last() == "GPU") device_.name = scalar.text;
    if (path.last() == "apiVersion") device_.api_version = scalar.text;
    const auto limit = std::ranges::find(kRecordedLimits, path.last());
    if (limit != kRecordedLimits.end())
      device_.limits[static_cast<std::size_t>(limit - kRecordedLimits.begin())] = whole(path, scalar);
    return;
  }
  heap_value(path, path.is_in(0, "MemoryInfo") ? 1 : 0, scalar);
}

void StatisticsReader::allocation_value(const JsonPath& path, const JsonScalar& scalar) {
  if (path.depth() != allocation_depth_ + 1) return;
  const std::string_view key = path.last();
  if (key == "Type") found_.type = scalar.text;
  if (key == "Size") found_.size = whole(path, scalar);
  if (key == "Offset") found_.offset = whole(path, scalar);
  if (key == "Usage" && scalar.kind == JsonScalar::Kind::number) found_.usage = scalar.number;
  if (key == "Name" || (key == "UserData" && !scalar.text.starts_with("0x"))) found_.name = scalar.text;
}

bool StatisticsReader::value(const JsonPath& path, const JsonScalar& scalar) {
  if (in_allocation(path)) {
    allocation_value(path, scalar);
  } else if (path.last() == "TotalBytes") {
    total_bytes_ = whole(path, scalar);
  } else if (path.last() == "MemoryTypeIndex") {
    pool_type_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(whole(path, scalar), RecordedBlock::kNoType));
  } else {
    device_value(path, scalar);
  }
  return true;
}

// The memory type that the keys name, or else the pool.
std::uint32_t StatisticsReader::type_of(const JsonPath& path) const {
  for (std::size_t i = 0; i < path.depth(); ++i) {
    if (const auto type = numbered(path.key(i), "Type ", VK_MAX_MEMORY_TYPES)) return *type;
  }
  return pool_type_ < VK_MAX_MEMORY_TYPES ? pool_type_ : RecordedBlock::kNoType;
}

std::uint32_t StatisticsReader::open_block(Bytes size, std::uint32_t type) {
  std::vector<RecordedBlock>& blocks = import_.out().recorded().blocks;
  blocks.push_back({size, type});
  return static_cast<std::uint32_t>(blocks.size() - 1);
}

bool StatisticsReader::begin(const JsonPath& path) {
  if (in_allocation(path)) return true;
  if (path.last() == "DefaultPools") pool_type_ = RecordedBlock::kNoType;
  if (path.last() == "Suballocations") {
    has_map_ = true;
    block_ = open_block(total_bytes_, type_of(path));
  }
  // Of VMA 2, dedicated allocations stand in a list for each type.
  const std::size_t depth = path.depth();
  const bool in_list = depth >= 2 && path.last().empty() &&
                       (is_list(path.key(depth - 2)) || (depth >= 3 && path.key(depth - 3) == "DedicatedAllocations"));
  if (!in_list) return true;
  is_dedicated_ = path.key(depth - 2) != "Suballocations";
  allocation_depth_ = depth;
  found_ = {};
  return true;
}

bool StatisticsReader::end(const JsonPath& path) {
  if (allocation_depth_ == 0 || path.depth() != allocation_depth_) return true;
  allocation_depth_ = 0;
  if (found_.type == "FREE") return true;
  has_map_ = true;
  const std::uint32_t type = type_of(path);
  create(type, is_dedicated_ ? open_block(found_.size, type) : block_);
  return true;
}

void StatisticsReader::create(std::uint32_t type, std::uint32_t block) {
  const bool is_buffer = found_.type == "BUFFER";
  if (!is_buffer)
    import_.leave_out(found_.type.starts_with("IMAGE") ? "extents of images, which are not in it (they become buffers)"
                                                       : "what allocations of unknown use are (they become buffers)");
  shape_.usage = is_buffer && found_.usage != 0 ? import_.usage(found_.usage, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT)
                                                : std::uint32_t{VK_BUFFER_USAGE_STORAGE_BUFFER_BIT};
  shape_.memory = memory_of_type(type, device_.memory);
  shape_.tag = import_.out().string(found_.name);
  const ObjectIndex object = import_.buffer(next_id_++, found_.size, import_.out().shape(shape_));
  import_.out().placed(object, block, found_.offset);
}

void StatisticsReader::finish() {
  if (!has_map_)
    throw Error(fmt::format("{}: has no map of what lives; call vmaBuildStatsString() with VK_TRUE for detailedMap",
                            import_.file()));
  Recorded& recorded = import_.out().recorded();
  recorded.recorder = "vmaBuildStatsString";
  recorded.device = device_;
}

}  // namespace

bool is_vma_statistics(std::string_view head) {
  return is_json(head) && has(head, "\"Total\"") &&
         (has_all(head, "\"BlockBytes\"", "\"UnusedRangeCount\"") ||
          has_all(head, "\"UnusedBytes\"", "\"UnusedRanges\""));
}

void import_vma_statistics(Import& import) {
  StatisticsReader reader(import);
  parse_json(import, reader);
  reader.finish();
}

}  // namespace vkmembench
