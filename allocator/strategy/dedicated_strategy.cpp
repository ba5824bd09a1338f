#include <mutex>
#include <new>

#include "allocator/base/pmr_ptr.h"
#include "allocator/device/mapped_range.h"
#include "allocator/host/callback_memory.h"
#include "allocator/seam/alias.h"
#include "allocator/seam/basic_strategy.h"
#include "allocator/strategy/common/resize_by_copy.h"
#include "allocator/strategy/families.h"

namespace vkmembench {
namespace {

// One VkDeviceMemory a resource: what a program without an allocator does. The upper bound of driver calls and objects,
// and no waste but the driver's own.
class DedicatedStrategy : public BasicStrategy {
 public:
  explicit DedicatedStrategy(const Device& device)
      : device_(device), memory_(device.host), orders_(order_memory_types(device.info->memory)), resizes_(device) {}

  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    const Expected<std::uint64_t> buffer = create_resource(device_, chained_info(request).get());
    if (!buffer) return buffer.result();
    const Expected<Allocation> placed = place(*buffer, false, request);
    if (placed) mapping_of(*placed)->size = request.size;
    return placed;
  }

  Expected<Allocation> create_image(const ImageRequest& request) override {
    const Expected<std::uint64_t> image = create_resource(device_, chained_info(request).get());
    if (!image) return image.result();
    return place(*image, true, request);
  }

  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) override {
    if (mapping_of(target)->own) return VK_ERROR_FEATURE_NOT_PRESENT;
    return make_alias(device_, shared_, request, target, offset, [&](std::uint64_t buffer, Offset at) {
      return bind_resource(device_, buffer, false, target.memory, at);
    });
  }
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) override {
    if (mapping_of(target)->own) return VK_ERROR_FEATURE_NOT_PRESENT;
    return make_alias(device_, shared_, request, target, offset, [&](std::uint64_t image, Offset at) {
      return bind_resource(device_, image, true, target.memory, at);
    });
  }

  Expected<Allocation> create_part(const PartRequest& request) override {
    Expected<Allocation> placed = allocate(request.part.needs, request.memory, {.priority = request.priority},
                                           [](VkDeviceMemory) { return VK_SUCCESS; });
    if (placed) {
      placed->resource = request.part.number;
      placed->image = request.part.image;
      placed->part = true;
    }
    return placed;
  }

  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override {
    if (allocation.image || is_alias(allocation) || mapping_of(allocation)->count > 0)
      return VK_ERROR_FEATURE_NOT_PRESENT;
    return resizes_.resize(*this, allocation, mapping_of(allocation)->size, request);
  }

  void destroy(const Allocation& allocation, std::uint16_t) override {
    if (!allocation.part) destroy_resource(device_, allocation.resource, allocation.image);
    if (!shared_.leave(allocation)) return;
    device_.fn.free_memory(device_.handle, allocation.memory, nullptr);
    PmrDelete<Mapping>{&memory_}(mapping_of(allocation));
  }

  Expected<std::byte*> map(const Allocation& allocation) override {
    Mapping& mapping = *mapping_of(allocation);
    const std::lock_guard lock(mapping.mutex);
    if (mapping.count == 0) {
      void* address = nullptr;
      if (const VkResult result =
              device_.fn.map_memory(device_.handle, allocation.memory, 0, VK_WHOLE_SIZE, 0, &address);
          result != VK_SUCCESS)
        return result;
      mapping.address = static_cast<std::byte*>(address);
    }
    ++mapping.count;
    return mapping.address + allocation.offset;
  }

  void unmap(const Allocation& allocation) override {
    Mapping& mapping = *mapping_of(allocation);
    const std::lock_guard lock(mapping.mutex);
    VKMEMBENCH_CHECK(mapping.count > 0, "unmap without map");
    if (--mapping.count == 0) device_.fn.unmap_memory(device_.handle, allocation.memory);
  }

  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    return synchronize(allocation, offset, size, device_.fn.flush_mapped_memory_ranges);
  }
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override {
    return synchronize(allocation, offset, size, device_.fn.invalidate_mapped_memory_ranges);
  }

 private:
  struct Mapping {
    std::mutex mutex;
    std::uint32_t count = 0;
    std::byte* address = nullptr;
    Bytes size = 0;    // of a buffer
    bool own = false;  // the memory is dedicated to the resource in Vulkan's sense
  };
  static Mapping* mapping_of(const Allocation& allocation) { return token_of<Mapping>(allocation); }

  // Gives the resource memory of its own; a failure destroys it.
  Expected<Allocation> place(std::uint64_t resource, bool image, const ResourceRequest& request) {
    const ResourceNeeds needs = request.shared ? needs_of(device_, resource, image)
                                               : ResourceNeeds{requirements_of(device_, resource, image), true};
    const bool own = needs.dedicated;
    MemoryFor purpose{.priority = request.priority, .export_handles = request.export_handles};
    if (own) (image ? void(purpose.image = image_of(resource)) : void(purpose.buffer = buffer_of(resource)));
    Expected<Allocation> placed = allocate(needs.memory, request.memory, purpose, [&](VkDeviceMemory memory) {
      return bind_resource(device_, resource, image, memory, 0);
    });
    if (placed) {
      placed->resource = resource;
      placed->image = image;
      mapping_of(*placed)->own = own;
    } else {
      destroy_resource(device_, resource, image);
    }
    return placed;
  }

  // Tries the memory types in order until one has room.
  template <typename Bind>
  Expected<Allocation> allocate(const VkMemoryRequirements& requirements, const MemoryChoice& choice,
                                const MemoryFor& purpose, const Bind& bind) try {
    PmrPtr<Mapping> mapping = make_pmr<Mapping>(memory_);
    std::optional<MemoryTypeOrder> own;
    const MemoryTypeOrder& order = order_of(choice, orders_, device_.info->memory, own);
    VkResult refusal = VK_ERROR_FEATURE_NOT_PRESENT;
    for (std::uint32_t nth = 0;; ++nth) {
      const int type = order.pick(requirements.memoryTypeBits, nth);
      if (type < 0) return refusal;
      const VkPhysicalDeviceMemoryProperties& memory_types = device_.info->memory;
      if (requirements.size > memory_types.memoryHeaps[memory_types.memoryTypes[type].heapIndex].size) {
        refusal = VK_ERROR_OUT_OF_DEVICE_MEMORY;  // invalid to ask for
        continue;
      }
      const MemoryInfo info(*device_.info, requirements.size, static_cast<std::uint32_t>(type), purpose);
      VkDeviceMemory memory = VK_NULL_HANDLE;
      refusal = device_.fn.allocate_memory(device_.handle, &info.get(), nullptr, &memory);
      if (refusal == VK_ERROR_TOO_MANY_OBJECTS) return refusal;
      if (refusal != VK_SUCCESS) continue;
      if (const VkResult bound = bind(memory); bound != VK_SUCCESS) {
        device_.fn.free_memory(device_.handle, memory, nullptr);
        return bound;
      }
      return Allocation{.memory = memory,
                        .charged = requirements.size,
                        .token = mapping.release(),
                        .memory_type = static_cast<std::uint8_t>(type),
                        .dedicated = true,
                        .fallback = nth > 0};
    }
  } catch (const std::bad_alloc&) {  // of the mapping
    return VK_ERROR_OUT_OF_HOST_MEMORY;
  }

  template <typename Function>
  VkResult synchronize(const Allocation& allocation, Offset offset, Bytes size, Function function) {
    const VkMemoryPropertyFlags flags = device_.info->memory.memoryTypes[allocation.memory_type].propertyFlags;
    if ((flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0) return VK_SUCCESS;
    const VkMappedMemoryRange range = mapped_range(*device_.info, allocation.memory, allocation.offset + offset, size,
                                                   shared_.range_of(allocation).end());
    return function(device_.handle, 1, &range);
  }

  Device device_;
  CallbackMemory memory_;
  SharedMemory shared_{memory_};
  MemoryTypeOrders orders_;
  ResizeByCopy resizes_;
};

constexpr PresetRow kDedicatedPresets[] = {{"dedicated", "one VkDeviceMemory a resource: no allocator at all"}};

}  // namespace

const StrategyFamily& dedicated_family() {
  static const StrategyFamily family = {"dedicated",
                                        presets_of(kDedicatedPresets, {}),
                                        {},
                                        [](const Device& device, const Parameters&) -> std::unique_ptr<Strategy> {
                                          return std::make_unique<DedicatedStrategy>(device);
                                        }};
  return family;
}

}  // namespace vkmembench
