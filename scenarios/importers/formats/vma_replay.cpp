// Recordings that VMA before 3.0 wrote of its calls, formats 1.0 to 1.8 ("Recording file format" in the documentation
// of VMA 2.3; later calls as VmaReplay 2.3 reads them). A line: thread, time, frame index, function, its parameters and
// what it returned. A flush becomes a `write`, an invalidation a `read`. A change of the frame index begins a frame.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>
#include <unordered_set>

#include "allocator/base/error.h"
#include "scenarios/importers/content.h"
#include "scenarios/importers/formats/columns.h"
#include "scenarios/importers/formats/import.h"
#include "scenarios/importers/formats/vma_replay_config.h"
#include "scenarios/names/name_table.h"
#include "scenarios/trace/op_rules.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

constexpr std::uint64_t kNewestMinor = 8;

// VmaAllocationCreateFlagBits and VmaMemoryUsage of VMA 2.3.
constexpr std::uint32_t kDedicated = 0x01;
constexpr std::uint32_t kCanBecomeLost = 0x08;
constexpr std::uint32_t kCanMakeOthersLost = 0x10;
constexpr std::uint32_t kNameIsCopied = 0x20;
constexpr std::uint32_t kLinear = 0x04;  // VMA_POOL_CREATE_LINEAR_ALGORITHM_BIT
constexpr std::array kUses = {MemoryUse::device,   MemoryUse::device, MemoryUse::upload,   MemoryUse::dynamic,
                              MemoryUse::readback, MemoryUse::host,   MemoryUse::transient};  // the first is unknown

class VmaReplay {
 public:
  explicit VmaReplay(Import& import) : import_(import) {}

  void read() {
    static_cast<void>(import_.require_line("the name of the format"));
    read_version(import_.require_line("the version of the format"));
    std::string_view line;
    while (import_.next_line(line)) {
      if (line.starts_with("Config,Begin")) {
        read_vma_replay_config(import_);
        device_ = import_.out().recorded().device ? &import_.out().recorded().device->memory : nullptr;
      } else {
        call(line);
      }
    }
  }

 private:
  void read_version(std::string_view line) {
    Columns columns(line);
    const std::uint64_t major = columns.number("version");
    const std::uint64_t minor = columns.number("version");
    if (major != 1 || minor > kNewestMinor)
      throw Error(fmt::format("version {}.{} of the format; 1.0 to 1.{} are read", major, minor, kNewestMinor));
    import_.out().recorded().recorder = fmt::format("VmaReplay format {}.{}", major, minor);
  }

  void call(std::string_view line);
  void begin_frame(std::uint32_t index) {
    if (has_frame_ && index <= frame_) return;  // a late thread's
    if (has_frame_ && index > frame_ + 1) import_.leave_out("frames without a call", index - frame_ - 1);
    import_.frame();
    frame_ = index;
    has_frame_ = true;
  }

  // What all kinds of allocation have in their parameters.
  struct Asked {
    std::uint32_t flags = 0, usage = 0, required = 0, preferred = 0, types = 0;
    std::uint64_t pool = 0, allocation = 0;
    std::string_view name;
  };
  static void read_memory(Columns& columns, Asked& asked) {
    asked.usage = columns.number32("allocationCreateInfo.usage");
    asked.required = columns.number32("requiredFlags");
    asked.preferred = columns.number32("preferredFlags");
    asked.types = columns.number32("memoryTypeBits");
    asked.pool = columns.pointer("pool");
  }
  static void read_result(Columns& columns, Asked& asked) {
    asked.allocation = columns.pointer("allocation");
    if (!columns.done()) asked.name = columns.rest();
  }
  // Whether there is anything to create.
  bool take(const Asked& asked) {
    if ((asked.flags & kCanBecomeLost) != 0) import_.leave_out("flag CAN_BECOME_LOST, which no longer exists");
    if ((asked.flags & kCanMakeOthersLost) != 0) import_.leave_out("flag CAN_MAKE_OTHER_LOST, which no longer exists");
    if (asked.allocation == 0) import_.leave_out("allocations that failed");
    return asked.allocation != 0;
  }
  [[nodiscard]] MemoryChoice memory_of(const Asked& asked) const;
  void share(Shape& shape, const Asked& asked) {
    shape.memory = memory_of(asked);
    shape.dedicated = (asked.flags & kDedicated) != 0;
    shape.tag = (asked.flags & kNameIsCopied) != 0 ? import_.out().string(asked.name) : 0;
  }

  void create_buffer(Columns& columns);
  void create_image(Columns& columns);
  void allocate(Columns& columns, bool for_resource);
  void allocate_pages(Columns& columns);
  void create_memory(const Asked& asked, Bytes size, Bytes alignment);
  void create_pool(Columns& columns);
  [[nodiscard]] std::uint32_t declare(std::uint32_t flags, Bytes block_size, std::uint64_t min_blocks,
                                      std::uint64_t max_blocks);
  [[nodiscard]] std::uint32_t pool_name(const Asked& asked) const {
    const auto pool = asked.pool == 0 ? pools_.end() : pools_.find(asked.pool);
    return pool == pools_.end() ? 0 : pool->second.name;
  }
  void free(std::uint64_t allocation);
  void free_pages(Columns& columns);
  void access(Columns& columns, Op op);

  Import& import_;
  const VkPhysicalDeviceMemoryProperties* device_ = nullptr;
  std::uint32_t frame_ = 0;
  bool has_frame_ = false;
  Shape buffer_;  // kept, so that nothing is allocated for most calls
  Shape image_;
  struct RecordedPool {
    std::uint32_t memory_type = 0;
    std::uint32_t name = 0;  // 0: a trace cannot say it
  };
  std::unordered_map<std::uint64_t, RecordedPool> pools_;
  std::unordered_set<std::uint64_t> lost_;
};

// The memory type of a pool, or the only one that may serve; else a usage of VMA's and the flags that come beside it.
MemoryChoice VmaReplay::memory_of(const Asked& asked) const {
  const auto pool = asked.pool == 0 ? pools_.end() : pools_.find(asked.pool);
  std::uint32_t type = RecordedBlock::kNoType;
  if (pool != pools_.end())
    type = pool->second.memory_type;
  else if (std::has_single_bit(asked.types))
    type = static_cast<std::uint32_t>(std::countr_zero(asked.types));
  if (device_ != nullptr && type < device_->memoryTypeCount) return memory_of_type(type, *device_);
  const MemoryUse use = asked.usage < kUses.size() ? kUses[asked.usage] : MemoryUse::device;
  const MemoryUseRule rule = rule_of(use);
  const std::uint32_t flags = asked.required | asked.preferred;
  if ((asked.required & ~rule.required) == 0 && (asked.preferred & ~(rule.required | rule.preferred)) == 0) return use;
  const bool has_usage = asked.usage != 0;
  MemoryChoice choice = MemoryUse::custom;
  choice.required = static_cast<std::uint16_t>(asked.required | (has_usage ? rule.required : 0));
  choice.preferred = static_cast<std::uint16_t>(asked.preferred | (has_usage ? rule.preferred : 0));
  choice.unwanted = static_cast<std::uint16_t>(has_usage ? rule.unwanted & ~flags : 0);
  return choice;
}

void VmaReplay::create_buffer(Columns& columns) {
  buffer_.flags = columns.number32("flags");
  const Bytes size = columns.number("size");
  const std::uint32_t usage = columns.number32("usage");
  columns.skip(1);  // sharingMode
  Asked asked;
  asked.flags = columns.number32("allocationCreateInfo.flags");
  read_memory(columns, asked);
  read_result(columns, asked);
  if (!take(asked)) return;
  buffer_.usage = import_.usage(usage, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
  buffer_.alignment = 0;
  buffer_.pool = pool_name(asked);
  share(buffer_, asked);
  import_.buffer(asked.allocation, size, import_.out().shape(buffer_));
}

void VmaReplay::create_image(Columns& columns) {
  image_.flags = columns.number32("flags");
  const std::uint64_t type = columns.number("imageType", static_cast<std::uint64_t>(VK_IMAGE_TYPE_3D));
  image_.type = static_cast<ImageDimensions>(type + 1);  // after what the extent fills
  const std::uint32_t format = columns.number32("format");
  image_.extent = {columns.number32("width"), columns.number32("height"), columns.number32("depth")};
  image_.mips = columns.number32("mipLevels");
  image_.layers = columns.number32("arrayLayers");
  image_.samples = static_cast<VkSampleCountFlagBits>(columns.number32("samples"));
  image_.tiling = static_cast<VkImageTiling>(columns.number32("tiling"));
  const std::uint32_t usage = columns.number32("usage");
  columns.skip(2);  // sharingMode, initialLayout
  Asked asked;
  asked.flags = columns.number32("allocationCreateInfo.flags");
  read_memory(columns, asked);
  read_result(columns, asked);
  if (!take(asked)) return;
  image_.image = true;
  image_.format.assign(1, static_cast<VkFormat>(format));
  share(image_, asked);
  image_.usage = import_.image_usage(usage, image_.memory);
  import_.image(asked.allocation, import_.out().shape(image_));
}

void VmaReplay::create_memory(const Asked& asked, Bytes size, Bytes alignment) {
  if (!take(asked)) return;
  buffer_.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  buffer_.flags = 0;
  buffer_.alignment = alignment == 1 ? 0 : alignment;
  buffer_.pool = pool_name(asked);
  share(buffer_, asked);
  import_.buffer(asked.allocation, size, import_.out().shape(buffer_));
}

void VmaReplay::allocate(Columns& columns, bool for_resource) {
  const Bytes size = columns.number("size");
  const Bytes alignment = columns.number("alignment");
  columns.skip(1);  // memoryTypeBits
  Asked asked;
  asked.flags = columns.number32("allocationCreateInfo.flags");
  if (for_resource) columns.skip(2);  // whether it requires or prefers dedicated memory
  read_memory(columns, asked);
  read_result(columns, asked);
  create_memory(asked, size, alignment);
}

// Calls action(pointer) for each of a list, which spaces separate.
template <typename Action>
void for_each_pointer(std::string_view list, Action action) {
  while (!list.empty()) {
    const std::size_t space = list.find(' ');
    if (space != 0) action(pointer_of(list.substr(0, space), "allocation"));
    list.remove_prefix(space == std::string_view::npos ? list.size() : space + 1);
  }
}

void VmaReplay::allocate_pages(Columns& columns) {
  const Bytes size = columns.number("size");
  const Bytes alignment = columns.number("alignment");
  columns.skip(1);  // memoryTypeBits
  Asked asked;
  asked.flags = columns.number32("allocationCreateInfo.flags");
  read_memory(columns, asked);
  const std::string_view allocations = columns.text("allocations");
  if (!columns.done()) asked.name = columns.rest();
  for_each_pointer(allocations, [&](std::uint64_t allocation) {
    asked.allocation = allocation;
    create_memory(asked, size, alignment);
  });
}

void VmaReplay::create_pool(Columns& columns) {
  const std::uint32_t type = columns.number32("memoryTypeIndex");
  const std::uint32_t flags = columns.number32("flags");
  const Bytes block_size = columns.number("blockSize");
  const std::uint64_t min_blocks = columns.number("minBlockCount");
  const std::uint64_t max_blocks = columns.number("maxBlockCount");
  if (columns.number("frameInUseCount") != 0)
    import_.leave_out("frameInUseCount of vmaCreatePool, which no longer exists");
  const std::uint64_t pool = columns.pointer("pool");
  if (pool == 0) return import_.leave_out("pools that were not created");
  pools_[pool] = {type, declare(flags, block_size, min_blocks, max_blocks)};
}

// The name of a pool of the trace, by its number; where VMA chose the size of blocks, it is the trace's usual one.
std::uint32_t VmaReplay::declare(std::uint32_t flags, Bytes block_size, std::uint64_t min_blocks,
                                 std::uint64_t max_blocks) {
  TraceBuilder& out = import_.out();
  PoolDeclaration pool;
  pool.name = out.string(fmt::format("pool {}", out.trace().pools.size() + 1));
  if (block_size != 0) pool.block_bytes = block_size;
  pool.min_blocks = static_cast<std::uint32_t>(std::min<std::uint64_t>(min_blocks, pool.max_blocks));
  if (max_blocks != 0)
    pool.max_blocks = static_cast<std::uint32_t>(std::min<std::uint64_t>(max_blocks, pool.max_blocks));
  if ((flags & kLinear) != 0) pool.order = PoolOrder::ring;
  if (pool.block_bytes < 64 * kKiB || pool.min_blocks > pool.max_blocks || out.trace().pools.size() == kMostPools) {
    import_.leave_out("pools that a trace cannot have (what is allocated from them asks for memory of their type)");
    return 0;
  }
  out.pool(pool);
  return pool.name;
}

void VmaReplay::free(std::uint64_t allocation) {
  if (allocation == 0 || (!lost_.empty() && lost_.erase(allocation) != 0)) return;
  import_.free(allocation);
}

void VmaReplay::free_pages(Columns& columns) {
  for_each_pointer(columns.text("allocations"), [&](std::uint64_t allocation) { free(allocation); });
}

void VmaReplay::access(Columns& columns, Op op) {
  const std::uint64_t allocation = columns.pointer("allocation");
  const bool whole = op == Op::touch;
  const Offset offset = whole ? 0 : columns.number("offset");
  Bytes size = whole ? 0 : columns.number("size");
  if (allocation == 0 || lost_.contains(allocation)) return;
  const ObjectIndex object = import_.object(allocation, op_name(op));
  if (object == kNoObject) return;
  TraceBuilder& out = import_.out();
  if (whole) return out.touch(object);
  const Bytes most = out.size_of(object);
  const bool fits = offset < most && why_unfit(op, out.trace().shape_of(object)).empty();
  if (!fits || size == 0)
    return import_.leave_out(op == Op::write ? "flushes of memory that the host does not map, or beyond its end"
                                             : "invalidations of memory that the host does not map, or beyond its end");
  size = std::min(size, most - offset);  // VK_WHOLE_SIZE, or the padding that an allocation has
  out.use(op, {object, size, offset});
}

enum class Function : std::uint8_t {
  create_buffer,
  create_image,
  allocate,
  allocate_for_buffer,
  allocate_for_image,
  allocate_pages,
  destroy_buffer,
  destroy_image,
  free,
  free_pages,
  flush,
  invalidate,
  touch,
  create_pool,
  create_lost,
  ignored,  // says nothing of what lives
  gone,     // the call is no longer there
  left_out,
};

struct FunctionName {
  std::string_view name;
  Function function;
};
constexpr auto kFunctions = std::to_array<FunctionName>({
    {"vmaCreateBuffer", Function::create_buffer},
    {"vmaCreateImage", Function::create_image},
    {"vmaAllocateMemory", Function::allocate},
    {"vmaAllocateMemoryForBuffer", Function::allocate_for_buffer},
    {"vmaAllocateMemoryForImage", Function::allocate_for_image},
    {"vmaAllocateMemoryPages", Function::allocate_pages},
    {"vmaDestroyBuffer", Function::destroy_buffer},
    {"vmaDestroyImage", Function::destroy_image},
    {"vmaFreeMemory", Function::free},
    {"vmaFreeMemoryPages", Function::free_pages},
    {"vmaFlushAllocation", Function::flush},
    {"vmaInvalidateAllocation", Function::invalidate},
    {"vmaTouchAllocation", Function::touch},
    {"vmaCreatePool", Function::create_pool},
    {"vmaCreateLostAllocation", Function::create_lost},
    {"vmaCreateAllocator", Function::ignored},
    {"vmaDestroyAllocator", Function::ignored},
    {"vmaDestroyPool", Function::ignored},
    {"vmaGetAllocationInfo", Function::ignored},
    {"vmaMakePoolAllocationsLost", Function::gone},
    {"vmaResizeAllocation", Function::gone},
    {"vmaMapMemory", Function::left_out},
    {"vmaUnmapMemory", Function::left_out},
    {"vmaSetAllocationUserData", Function::left_out},
    {"vmaSetPoolName", Function::left_out},
    {"vmaDefragmentationBegin", Function::left_out},
    {"vmaDefragmentationEnd", Function::left_out},
});
constexpr NameTable<kFunctions.size()> kFunctionNames([] {
  std::array<std::string_view, kFunctions.size()> names;
  std::ranges::transform(kFunctions, names.begin(), &FunctionName::name);
  return names;
}());

void VmaReplay::call(std::string_view line) {
  Columns columns(line);
  import_.thread(columns.number("thread"));
  columns.skip(1);  // time
  begin_frame(columns.number32("frame"));
  const std::string_view name = columns.text("function");
  const std::size_t row = kFunctionNames.find(name);
  if (row == kFunctions.size()) throw Error(fmt::format("function '{}' is none that VMA recorded", name.substr(0, 40)));
  switch (kFunctions[row].function) {
    case Function::create_buffer:
      return create_buffer(columns);
    case Function::create_image:
      return create_image(columns);
    case Function::allocate:
      return allocate(columns, false);
    case Function::allocate_for_image:
      import_.leave_out("parameters of images that were allocated for apart (they become buffers of that size)");
      return allocate(columns, true);
    case Function::allocate_for_buffer:
      return allocate(columns, true);
    case Function::allocate_pages:
      return allocate_pages(columns);
    case Function::destroy_buffer:
    case Function::destroy_image:
    case Function::free:
      return free(columns.pointer("allocation"));
    case Function::free_pages:
      return free_pages(columns);
    case Function::flush:
      return access(columns, Op::write);
    case Function::invalidate:
      return access(columns, Op::read);
    case Function::touch:
      return access(columns, Op::touch);
    case Function::create_pool:
      return create_pool(columns);
    case Function::create_lost:
      lost_.insert(columns.pointer("allocation"));
      [[fallthrough]];
    case Function::gone:
      return import_.leave_out(fmt::format("{}, which no longer exists", name));
    case Function::left_out:
      return import_.leave_out(name);
    case Function::ignored:
      return;
  }
}

}  // namespace

bool is_vma_replay(std::string_view head) { return first_line(head) == "Vulkan Memory Allocator,Calls recording"; }

void import_vma_replay(Import& import) { VmaReplay(import).read(); }

}  // namespace vkmembench
