#include <algorithm>
#include <array>
#include <atomic>
#include <memory>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/host/callback_memory.h"
#include "allocator/seam/alias.h"
#include "allocator/seam/basic_strategy.h"
#include "allocator/strategy/common/defragment_driver.h"
#include "allocator/strategy/common/resize_by_copy.h"
#include "allocator/strategy/families.h"
#include "allocator/strategy/vma/vma_defragmenter.h"
#include "allocator/strategy/vma/vma_header.h"
#include "allocator/strategy/vma/vma_pools.h"

namespace vkmembench {
namespace {

constexpr std::array<std::string_view, 3> kPlacements = {"balanced", "min-time", "min-memory"};
constexpr std::array<Parameter, 3> kParameters = {{
    {"placement", ParameterKind::choice, 0, 0, 0, kPlacements,
     "VMA's allocation strategy: its default, or the flag MIN_TIME or MIN_MEMORY on every request"},
    {"preferred_block_bytes",
     ParameterKind::bytes,
     0,
     0,
     64.0 * kGiB,
     {},
     "preferredLargeHeapBlockSize; 0 leaves VMA's default of 256 MiB"},
    {"within_budget",
     ParameterKind::flag,
     0,
     0,
     0,
     {},
     "the flag WITHIN_BUDGET on every request: no new block over the heap's budget"},
}};

constexpr PresetRow kVmaPresets[] = {
    {"vma", "VulkanMemoryAllocator 3 with its defaults"},
    {"vma-min-time", "VMA, strategy MIN_TIME", "placement=min-time"},
    {"vma-min-memory", "VMA, strategy MIN_MEMORY", "placement=min-memory"},
    {"vma-blocks-64m", "VMA, blocks of 64 MiB", "preferred_block_bytes=64MiB"},
    {"vma-blocks-16m", "VMA, blocks of 16 MiB", "preferred_block_bytes=16MiB"},
};

// VulkanMemoryAllocator 3 as its documentation recommends to call it. Memory types are chosen by the mapping that every
// strategy shares, so VMA is asked for one type at a time and for the next best when that one is refused.
class VmaStrategy : public BasicStrategy {
 public:
  VmaStrategy(const Device& device, const Parameters& parameters)
      : device_(device), memory_(device.host), orders_(order_memory_types(device.info->memory)), resizes_(device) {
    const VmaVulkanFunctions functions = vma_functions(device.fn);
    VmaAllocatorCreateInfo info = vma_allocator_info(device, functions);
    for (const auto& [name, value] : parameters) {
      if (name == "placement") {
        const auto& placement = std::get<std::string>(value);
        if (placement == "min-time") flags_ |= VMA_ALLOCATION_CREATE_STRATEGY_MIN_TIME_BIT;
        if (placement == "min-memory") flags_ |= VMA_ALLOCATION_CREATE_STRATEGY_MIN_MEMORY_BIT;
      } else if (name == "preferred_block_bytes") {
        info.preferredLargeHeapBlockSize = std::get<std::uint64_t>(value);
      } else if (name == "within_budget" && std::get<bool>(value)) {
        flags_ |= VMA_ALLOCATION_CREATE_WITHIN_BUDGET_BIT;
      }
    }
    info.pAllocationCallbacks = device.host;
    if (const VkResult result = vmaCreateAllocator(&info, &allocator_); result != VK_SUCCESS)
      throw Error("VMA cannot be set up on " + device.info->name + ": " + result_name(result), ErrorKind::internal);
  }
  ~VmaStrategy() override {
    defragmenter_.reset();
    pools_.clear();
    vmaDestroyAllocator(allocator_);
  }

  // Records cost time and memory: they are kept only where something will be defragmented.
  void start(const StrategyHost& host) override {
    listener_ = host.defragments ? host.listener : nullptr;
    program_pools_ = host.pools;
  }

  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    const ChainedBufferInfo chained(request);
    const VkBufferCreateInfo& info = chained.get();
    Expected<Allocation> made = create(
        request, program_pool(request.pool), Kind::buffer, request.size,
        [&](const VmaAllocationCreateInfo& how) {
          std::uint32_t type = 0;
          return vmaFindMemoryTypeIndexForBufferInfo(allocator_, &info, &how, &type);
        },
        [&](const VmaAllocationCreateInfo& how, Allocation& out, VmaAllocationInfo& placed) {
          VkBuffer buffer = VK_NULL_HANDLE;
          VmaAllocation allocation = nullptr;
          const VkResult result = request.alignment == 0
                                      ? vmaCreateBuffer(allocator_, &info, &how, &buffer, &allocation, &placed)
                                      : vmaCreateBufferWithAlignment(allocator_, &info, &how, request.alignment,
                                                                     &buffer, &allocation, &placed);
          out.resource = reinterpret_cast<std::uint64_t>(buffer);
          out.token = allocation;
          return result;
        });
    if (made && listener_ != nullptr) {
      VmaRecord& record = remember(*made, request);
      record.buffer = info;
      record.is_plain = info.pNext == nullptr && info.flags == 0;
    }
    return made;
  }

  Expected<Allocation> create_image(const ImageRequest& request) override {
    const ChainedImageInfo chained(request);
    const VkImageCreateInfo& info = chained.get();
    const Kind kind = request.tiling == VK_IMAGE_TILING_LINEAR ? Kind::linear_image : Kind::optimal_image;
    Expected<Allocation> made = create(
        request, nullptr, kind, 0,
        [&](const VmaAllocationCreateInfo& how) {
          std::uint32_t type = 0;
          return vmaFindMemoryTypeIndexForImageInfo(allocator_, &info, &how, &type);
        },
        [&](const VmaAllocationCreateInfo& how, Allocation& out, VmaAllocationInfo& placed) {
          VkImage image = VK_NULL_HANDLE;
          VmaAllocation allocation = nullptr;
          const VkResult result = vmaCreateImage(allocator_, &info, &how, &image, &allocation, &placed);
          out.resource = reinterpret_cast<std::uint64_t>(image);
          out.token = allocation;
          out.image = true;
          return result;
        });
    if (made && listener_ != nullptr) {
      VmaRecord& record = remember(*made, request);
      record.image = info;
      record.is_plain = info.pNext == nullptr && (info.flags & VK_IMAGE_CREATE_PROTECTED_BIT) == 0;
    }
    return made;
  }

  // What vmaCreateAliasingBuffer2() and vmaCreateAliasingImage2() do, with the checks that they leave to their callers
  // between the making of the resource and its binding.
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) override {
    // What VMA makes for one buffer has no address unless that buffer asks for one.
    if (target.dedicated && (request.usage & VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT) != 0)
      return VK_ERROR_FEATURE_NOT_PRESENT;
    const Offset begin = shared_.range_of(target).begin;
    return make_alias(device_, shared_, request, target, offset, [&](std::uint64_t buffer, Offset at) {
      return vmaBindBufferMemory2(allocator_, token(target), at - begin, buffer_of(buffer), nullptr);
    });
  }
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) override {
    const Offset begin = shared_.range_of(target).begin;
    return make_alias(device_, shared_, request, target, offset, [&](std::uint64_t image, Offset at) {
      return vmaBindImageMemory2(allocator_, token(target), at - begin, image_of(image), nullptr);
    });
  }

  // As the quick start of VMA's documentation says of sparse binding: memory for a page by vmaAllocateMemory().
  Expected<Allocation> create_part(const PartRequest& request) override {
    Expected<Allocation> made = create(
        request, nullptr, Kind::part, request.part.needs.size,
        [&](const VmaAllocationCreateInfo& how) {
          std::uint32_t type = 0;
          return vmaFindMemoryTypeIndex(allocator_, request.part.needs.memoryTypeBits, &how, &type);
        },
        [&](const VmaAllocationCreateInfo& how, Allocation& out, VmaAllocationInfo& placed) {
          VmaAllocation allocation = nullptr;
          const VkResult result = vmaAllocateMemory(allocator_, &request.part.needs, &how, &allocation, &placed);
          out.resource = request.part.number;
          out.token = allocation;
          out.image = request.part.image;
          out.part = true;
          return result;
        });
    if (made) vmaSetAllocationUserData(allocator_, token(*made), nullptr);  // nothing that could be moved
    return made;
  }

  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override {
    if (allocation.image || is_alias(allocation)) return VK_ERROR_FEATURE_NOT_PRESENT;
    VmaAllocationInfo info;
    vmaGetAllocationInfo(allocator_, token(allocation), &info);
    if (info.pMappedData != nullptr) return VK_ERROR_FEATURE_NOT_PRESENT;
    const VmaRecord* record = record_of(allocation);
    const Bytes size = record != nullptr ? record->buffer.size : reinterpret_cast<std::uintptr_t>(info.pUserData);
    return resizes_.resize(*this, allocation, size, request);
  }

  void destroy(const Allocation& allocation, std::uint16_t) override {
    const VmaAllocation memory = shared_.leave(allocation) ? token(allocation) : nullptr;
    if (VmaRecord* record = memory != nullptr ? record_of(memory) : nullptr) records_.give(record);
    if (allocation.part)
      vmaFreeMemory(allocator_, memory);
    else if (allocation.image)
      vmaDestroyImage(allocator_, allocation.as_image(), memory);
    else
      vmaDestroyBuffer(allocator_, allocation.buffer(), memory);
  }

  Expected<std::byte*> map(const Allocation& allocation) override {
    void* address = nullptr;
    if (const VkResult result = vmaMapMemory(allocator_, token(allocation), &address); result != VK_SUCCESS)
      return result;
    if (VmaRecord* record = record_of(allocation)) {
      ++record->maps;
      record->was_mapped = true;
    }
    return static_cast<std::byte*>(address) + behind_begin(allocation);
  }
  void unmap(const Allocation& allocation) override {
    if (VmaRecord* record = record_of(allocation)) --record->maps;
    vmaUnmapMemory(allocator_, token(allocation));
  }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    return vmaFlushAllocation(allocator_, token(allocation), behind_begin(allocation) + offset, size);
  }
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override {
    return vmaInvalidateAllocation(allocator_, token(allocation), behind_begin(allocation) + offset, size);
  }
  void begin_frame(std::uint64_t n) override {
    frame_.store(static_cast<std::uint32_t>(n), std::memory_order_relaxed);
    vmaSetCurrentFrameIndex(allocator_, static_cast<std::uint32_t>(n));
    if (defragmenter_) defragmenter_->begin_frame(static_cast<std::uint32_t>(n));
  }

  void touch(const Allocation& allocation) override {
    VmaRecord* record = record_of(allocation);
    if (record == nullptr) return;
    // Threads may touch one allocation at once.
    std::atomic_ref(record->used_frame).store(frame_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    std::atomic_ref(record->uses).fetch_add(1, std::memory_order_relaxed);
  }
  void has_contents(const Allocation& allocation) override {
    if (VmaRecord* record = record_of(allocation)) record->has_contents = true;
  }
  VkResult mark(const Allocation& allocation) override {
    VmaRecord* record = record_of(allocation);
    if (record == nullptr) return VK_ERROR_FEATURE_NOT_PRESENT;
    record->marked = true;
    return VK_SUCCESS;
  }
  VkResult defragment(const DefragmentRequest& request) override {
    if (listener_ == nullptr) return VK_ERROR_FEATURE_NOT_PRESENT;
    {
      const std::lock_guard lock(making_);
      if (!defragmenter_) defragmenter_ = std::make_unique<VmaDefragmenter>(device_, allocator_, records_, *listener_);
    }
    defragmenter_->request(request);
    return VK_SUCCESS;
  }
  [[nodiscard]] std::string_view adapts() const override { return "VMA"; }
  [[nodiscard]] std::vector<StrategyFigure> figures() const override {
    std::vector<StrategyFigure> figures;
    if (defragmenter_) add_figures(defragmenter_->totals(), figures);
    return figures;
  }

  // VMA's default pools: one a memory type.
  [[nodiscard]] std::vector<PoolStatistics> pools() const override {
    VmaTotalStatistics total{};
    vmaCalculateStatistics(allocator_, &total);
    std::vector<PoolStatistics> pools;
    for (std::uint32_t type = 0; type < device_.info->memory.memoryTypeCount; ++type) {
      const VmaStatistics& row = total.memoryType[type].statistics;
      pools.push_back({"default/type" + std::to_string(type), type, row.blockCount, row.allocationCount, row.blockBytes,
                       row.allocationBytes});
    }
    return pools;
  }

 private:
  enum class Kind : std::uint8_t { buffer, linear_image, optimal_image, part, count };
  static VmaAllocation token(const Allocation& allocation) { return token_of<VmaAllocation_T>(allocation); }

  template <typename Request>
  VmaRecord& remember(const Allocation& allocation, const Request& request) {
    VmaRecord* record = records_.take();
    record->allocation = allocation;
    record->user = request.user;
    record->shared = request.shared;
    record->size = allocation.charged;
    record->used_frame = frame_.load(std::memory_order_relaxed);
    vmaSetAllocationUserData(allocator_, token(allocation), record);
    return *record;
  }
  // nullptr while nothing is ever moved, and for an alias, which is not VMA's.
  [[nodiscard]] VmaRecord* record_of(const Allocation& allocation) const {
    return is_alias(allocation) ? nullptr : record_of(token(allocation));
  }
  [[nodiscard]] VmaRecord* record_of(VmaAllocation allocation) const {
    if (listener_ == nullptr) return nullptr;
    VmaAllocationInfo info{};
    vmaGetAllocationInfo(allocator_, allocation, &info);
    return static_cast<VmaRecord*>(info.pUserData);
  }
  // How far into VMA's allocation a resource lies.
  [[nodiscard]] Offset behind_begin(const Allocation& allocation) const {
    return is_alias(allocation) ? allocation.offset - shared_.range_of(allocation).begin : 0;
  }

  // nullptr for none, and for one that only other strategies have.
  [[nodiscard]] const NamedPool* program_pool(std::string_view name) const {
    if (name.empty() || program_pools_.empty()) return nullptr;
    const auto found = std::ranges::find(program_pools_, name, &NamedPool::name);
    return found == program_pools_.end() ? nullptr : &*found;
  }

  [[nodiscard]] bool is_dedicated(VmaAllocation allocation) const {
    VmaAllocationInfo2 info;
    vmaGetAllocationInfo2(allocator_, allocation, &info);
    return info.dedicatedMemory == VK_TRUE;
  }

  // VMA's user data is the size of a buffer, until it is remembered.
  template <typename Find, typename Make>
  Expected<Allocation> create(const ResourceRequest& request, const NamedPool* named, Kind kind, Bytes size,
                              const Find& find, const Make& make) {
    // VMA gives nothing in a pool with blocks of a given size memory of its own.
    const bool needs_own = request.dedicated || request.export_handles != 0;
    const VmaPools::Purpose purpose{needs_own ? nullptr : named, request.export_handles};
    const auto use = static_cast<std::size_t>(request.memory.use);
    std::optional<MemoryTypeOrder> own;
    const MemoryTypeOrder& order = order_of(request.memory, orders_, device_.info->memory, own);
    // The first type of the order that this kind of resource can live in, learnt from what VMA answers.
    std::atomic<std::uint32_t>& first = first_[use][static_cast<std::size_t>(kind)];
    // Of a custom choice, and of parts of any resource, always 0.
    const bool learns = request.memory.use != MemoryUse::custom && kind != Kind::part;
    const std::uint32_t start = first.load(std::memory_order_relaxed);
    VmaAllocationCreateInfo how{};
    how.flags = flags_;
    if (request.shared) how.flags |= VMA_ALLOCATION_CREATE_CAN_ALIAS_BIT;
    if (needs_own) how.flags |= VMA_ALLOCATION_CREATE_DEDICATED_MEMORY_BIT;
    how.priority = request.priority;
    how.requiredFlags = rule_of(request.memory).required;
    how.pUserData = reinterpret_cast<void*>(std::uintptr_t{size});  // NOLINT(performance-no-int-to-ptr)
    VkResult refusal = VK_ERROR_FEATURE_NOT_PRESENT;
    bool fits_none_yet = true;
    for (std::uint32_t nth = start; nth < order.count; ++nth) {
      how.memoryTypeBits = 1u << order.types[nth];
      if (purpose.needs_pool()) {  // VMA believes that the resource may live there
        how.pool = nullptr;
        if (find(how) != VK_SUCCESS) continue;
        const Expected<VmaPool> pool = pools_.of(order.types[nth], purpose);
        if (!pool && purpose.named == nullptr) return pool.result();
        how.pool = pool ? *pool : nullptr;
      }
      Allocation out;
      VmaAllocationInfo placed;
      VkResult result = make(how, out, placed);
      if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY && purpose.named != nullptr) {  // full: VMA's default pools serve
        how.pool = nullptr;
        result = make(how, out, placed);
      }
      if (result == VK_SUCCESS) {
        if (fits_none_yet && nth != start && learns) first.store(nth, std::memory_order_relaxed);
        out.memory = placed.deviceMemory;
        out.offset = placed.offset;
        out.charged = placed.size;
        out.memory_type = static_cast<std::uint8_t>(placed.memoryType);
        out.pool = out.memory_type;
        out.dedicated = placed.offset == 0 && is_dedicated(token(out));
        out.fallback = !fits_none_yet;
        return out;
      }
      if (result == VK_ERROR_FEATURE_NOT_PRESENT) continue;
      fits_none_yet = false;
      refusal = result;
      if (result != VK_ERROR_OUT_OF_DEVICE_MEMORY && result != VK_ERROR_OUT_OF_HOST_MEMORY) break;
    }
    return refusal;
  }

  Device device_;
  CallbackMemory memory_;
  SharedMemory shared_{memory_};
  MemoryTypeOrders orders_;
  ResizeByCopy resizes_;
  VmaAllocator allocator_ = nullptr;
  VmaPools pools_{allocator_};
  std::span<const NamedPool> program_pools_;
  StrategyListener* listener_ = nullptr;
  VmaRecords records_;
  std::mutex making_;
  std::unique_ptr<VmaDefragmenter> defragmenter_;  // made by the first request
  std::atomic<std::uint32_t> frame_{0};
  VmaAllocationCreateFlags flags_ = 0;
  std::array<std::array<std::atomic<std::uint32_t>, static_cast<std::size_t>(Kind::count)>, kMemoryUseCount + 1>
      first_{};
};

}  // namespace

const StrategyFamily& vma_family() {
  static const StrategyFamily family = {
      "vma", presets_of(kVmaPresets, kParameters), kParameters,
      [](const Device& device, const Parameters& parameters) -> std::unique_ptr<Strategy> {
        return std::make_unique<VmaStrategy>(device, parameters);
      }};
  return family;
}

}  // namespace vkmembench
