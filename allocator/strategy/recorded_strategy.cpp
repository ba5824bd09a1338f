#include <algorithm>
#include <mutex>
#include <new>
#include <type_traits>
#include <vector>

#include "allocator/base/check.h"
#include "allocator/device/mapped_range.h"
#include "allocator/device/memory_info.h"
#include "allocator/device/resource.h"
#include "allocator/host/callback_memory.h"
#include "allocator/seam/basic_strategy.h"
#include "allocator/strategy/families.h"

namespace vkmembench {
namespace {

// What the recorded program did itself: its blocks, when it allocated and freed them, and its resources where they lay.
// What has no recorded place, and with several lanes at once what shares its memory, gets memory of its own.
class RecordedStrategy : public BasicStrategy {
 public:
  explicit RecordedStrategy(const Device& device)
      : device_(device), memory_(device.host), others_(dedicated_family().make(device, {})), blocks_(&memory_) {}
  ~RecordedStrategy() override {
    for (const RecordedBlock& block : blocks_)
      if (block.is_there()) device_.fn.free_memory(device_.handle, block.memory, nullptr);
  }

  void start(const StrategyHost& host) override {
    others_->start(host);
    places_ = host.places;
    concurrent_ = host.concurrent;
    if (places_ != nullptr) blocks_.resize(places_->blocks.size());
  }

  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    const Place* place = place_of(request);
    return place == nullptr ? others_->create_buffer(request) : put(request, *place);
  }
  Expected<Allocation> create_image(const ImageRequest& request) override {
    const Place* place = place_of(request);
    return place == nullptr ? others_->create_image(request) : put(request, *place);
  }
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) override {
    return share(request, target, offset);
  }
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) override {
    return share(request, target, offset);
  }
  Expected<Allocation> create_part(const PartRequest& request) override {
    const Place* place = place_of(request);
    return place == nullptr ? others_->create_part(request) : put_part(request, *place);
  }
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override {
    return is_placed(allocation) ? VK_ERROR_FEATURE_NOT_PRESENT : others_->resize(allocation, request);
  }

  void destroy(const Allocation& allocation, std::uint16_t lane) override {
    if (!is_placed(allocation)) return others_->destroy(allocation, lane);
    const Place& place = placed_at(allocation);
    const std::lock_guard lock(mutex_);
    advance(place.steps_before_destroy);
    if (!allocation.part) destroy_resource(device_, allocation.resource, allocation.image);
    RecordedBlock& block = blocks_[place.block];
    if (block.made_for == allocation.resource) block.made_for = kGone;
    if (--block.users == 0 && block.was_freed) free(block);
  }

  Expected<std::byte*> map(const Allocation& allocation) override {
    if (!is_placed(allocation)) return others_->map(allocation);
    const std::lock_guard lock(mutex_);
    RecordedBlock& block = blocks_[placed_at(allocation).block];
    if (block.map_count == 0) {
      void* address = nullptr;
      const VkResult result = device_.fn.map_memory(device_.handle, block.memory, 0, VK_WHOLE_SIZE, 0, &address);
      if (result != VK_SUCCESS) return result;
      block.address = static_cast<std::byte*>(address);
    }
    ++block.map_count;
    return block.address + allocation.offset;
  }
  void unmap(const Allocation& allocation) override {
    if (!is_placed(allocation)) return others_->unmap(allocation);
    const std::lock_guard lock(mutex_);
    RecordedBlock& block = blocks_[placed_at(allocation).block];
    VKMEMBENCH_CHECK(block.map_count > 0, "unmap without map");
    if (--block.map_count == 0) device_.fn.unmap_memory(device_.handle, block.memory);
  }
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    if (!is_placed(allocation)) return others_->flush(allocation, offset, size);
    return synchronize(allocation, offset, size, device_.fn.flush_mapped_memory_ranges);
  }
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override {
    if (!is_placed(allocation)) return others_->invalidate(allocation, offset, size);
    return synchronize(allocation, offset, size, device_.fn.invalidate_mapped_memory_ranges);
  }

 private:
  using Place = ProgramPlaces::Place;
  static constexpr std::uint64_t kGone = ~std::uint64_t{0};
  struct RecordedBlock {
    VkDeviceMemory memory = VK_NULL_HANDLE;
    VkResult refusal = VK_ERROR_FEATURE_NOT_PRESENT;  // where there is no memory
    std::uint32_t users = 0;
    std::uint32_t map_count = 0;
    std::byte* address = nullptr;
    std::uint64_t made_for = 0;  // the resource that it is dedicated to in Vulkan's sense
    bool was_freed = false;      // by the program, while something is in it
    [[nodiscard]] bool is_there() const { return memory != VK_NULL_HANDLE; }
  };

  // nullptr for memory of its own.
  [[nodiscard]] const Place* place_of(const ResourceRequest& request) const {
    if (places_ == nullptr || request.user == 0 || request.user > places_->places.size()) return nullptr;
    const Place& place = places_->places[request.user - 1];
    return place.block == Place::kNoBlock || (concurrent_ && request.shared) ? nullptr : &place;
  }
  // A token is the place; of what others_ made it is none.
  static const Place& placed_at(const Allocation& allocation) { return *static_cast<const Place*>(allocation.token); }
  [[nodiscard]] bool is_placed(const Allocation& allocation) const {
    if (places_ == nullptr) return false;
    const auto* token = static_cast<const Place*>(allocation.token);
    const Place* first = places_->places.data();
    return !std::less<>()(token, first) && std::less<>()(token, first + places_->places.size());
  }

  // Where the program had it, which has to be where it is asked for.
  template <typename Request>
  Expected<Allocation> share(const Request& request, const Allocation& target, Offset offset) {
    const Place* place = place_of(request);
    if (!is_placed(target) || place == nullptr)
      return place != nullptr || is_placed(target) ? VK_ERROR_FEATURE_NOT_PRESENT
                                                   : others_->create_alias(request, target, offset);
    if (placed_at(target).block != place->block || target.offset + offset != place->offset)
      return VK_ERROR_FEATURE_NOT_PRESENT;
    return put(request, *place);
  }

  template <typename Request>
  Expected<Allocation> put(const Request& request, const Place& place) {
    constexpr bool kImage = std::is_same_v<Request, ImageRequest>;
    const Expected<std::uint64_t> made = create_resource(device_, chained_info(request).get());
    if (!made) return made.result();
    const ResourceNeeds needs = needs_of(device_, *made, kImage);
    const std::lock_guard lock(mutex_);
    RecordedBlock& block = blocks_[place.block];
    const ProgramPlaces::Block& recorded = places_->blocks[place.block];
    const bool alone = (needs.dedicated || request.dedicated) && !request.shared && place.offset == 0 &&
                       needs.memory.size == recorded.size;
    advance(place.steps_before_create, alone ? &block : nullptr, kImage, *made);
    VkResult result = block.is_there() ? VK_SUCCESS : block.refusal;
    if (result == VK_SUCCESS && !(may_lie(request, needs.memory, place) && is_right_kind(needs, *made, block)))
      result = VK_ERROR_FEATURE_NOT_PRESENT;
    if (result == VK_SUCCESS) result = bind_resource(device_, *made, kImage, block.memory, place.offset);
    if (result != VK_SUCCESS) {
      destroy_resource(device_, *made, kImage);
      return result;
    }
    ++block.users;
    return Allocation{.resource = *made,
                      .memory = block.memory,
                      .offset = place.offset,
                      .charged = needs.memory.size,
                      .token = const_cast<Place*>(&place),  // NOLINT(cppcoreguidelines-pro-type-const-cast)
                      .memory_type = static_cast<std::uint8_t>(recorded.memory_type),
                      .image = kImage,
                      .dedicated = block.made_for == *made};
  }

  // What the harness binds.
  Expected<Allocation> put_part(const PartRequest& request, const Place& place) {
    const std::lock_guard lock(mutex_);
    RecordedBlock& block = blocks_[place.block];
    advance(place.steps_before_create);
    if (!block.is_there()) return block.refusal;
    if (block.made_for != 0 || !may_lie(request, request.part.needs, place)) return VK_ERROR_FEATURE_NOT_PRESENT;
    ++block.users;
    return Allocation{.resource = request.part.number,
                      .memory = block.memory,
                      .offset = place.offset,
                      .charged = request.part.needs.size,
                      .token = const_cast<Place*>(&place),  // NOLINT(cppcoreguidelines-pro-type-const-cast)
                      .memory_type = static_cast<std::uint8_t>(places_->blocks[place.block].memory_type),
                      .image = request.part.image,
                      .part = true};
  }

  // Whether this device allows what the recorded one did.
  template <typename Request>
  [[nodiscard]] bool may_lie(const Request& request, const VkMemoryRequirements& needs, const Place& place) const {
    const ProgramPlaces::Block& recorded = places_->blocks[place.block];
    const VkMemoryPropertyFlags required = rule_of(request.memory).required;
    const VkMemoryPropertyFlags flags = device_.info->memory.memoryTypes[recorded.memory_type].propertyFlags;
    Bytes alignment = std::max<Bytes>(needs.alignment, 1);
    if constexpr (std::is_same_v<Request, BufferRequest>) alignment = std::max(alignment, request.alignment);
    return (flags & required) == required && (needs.memoryTypeBits >> recorded.memory_type & 1u) != 0 &&
           is_aligned(place.offset, alignment) && place.offset <= recorded.size &&
           needs.size <= recorded.size - place.offset;
  }
  static bool is_right_kind(const ResourceNeeds& needs, std::uint64_t resource, const RecordedBlock& block) {
    return block.made_for == 0 ? !needs.dedicated : block.made_for == resource;
  }

  // Those below require the lock. Does what the program did with blocks up to this step; one of them may be dedicated,
  // in Vulkan's sense, to a resource.
  void advance(std::uint32_t steps, const RecordedBlock* dedicated = nullptr, bool image = false,
               std::uint64_t resource = 0) {
    for (; done_ < steps; ++done_) {
      const auto& [number, frees] = places_->steps[done_];
      RecordedBlock& block = blocks_[number];
      if (!frees)
        allocate(number, image, &block == dedicated ? resource : 0);
      else if (block.users == 0)
        free(block);
      else
        block.was_freed = true;
    }
  }
  void allocate(std::uint32_t number, bool image, std::uint64_t dedicated_to) {
    RecordedBlock& block = blocks_[number];
    const ProgramPlaces::Block& recorded = places_->blocks[number];
    const VkPhysicalDeviceMemoryProperties& memory = device_.info->memory;
    block.refusal = VK_ERROR_OUT_OF_DEVICE_MEMORY;  // invalid to ask for
    if (recorded.size > memory.memoryHeaps[memory.memoryTypes[recorded.memory_type].heapIndex].size) return;
    MemoryFor purpose{.priority = recorded.priority, .export_handles = recorded.export_handles};
    if (dedicated_to != 0)
      (image ? void(purpose.image = image_of(dedicated_to)) : void(purpose.buffer = buffer_of(dedicated_to)));
    const MemoryInfo info(*device_.info, recorded.size, recorded.memory_type, purpose);
    block.refusal = device_.fn.allocate_memory(device_.handle, &info.get(), nullptr, &block.memory);
    block.made_for = dedicated_to;
  }
  void free(RecordedBlock& block) {
    if (block.is_there()) device_.fn.free_memory(device_.handle, block.memory, nullptr);
    block.memory = VK_NULL_HANDLE;
  }

  template <typename Function>
  VkResult synchronize(const Allocation& allocation, Offset offset, Bytes size, Function function) {
    const VkMemoryPropertyFlags flags = device_.info->memory.memoryTypes[allocation.memory_type].propertyFlags;
    if ((flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0) return VK_SUCCESS;
    const VkMappedMemoryRange range = mapped_range(*device_.info, allocation.memory, allocation.offset + offset, size,
                                                   places_->blocks[placed_at(allocation).block].size);
    return function(device_.handle, 1, &range);
  }

  Device device_;
  CallbackMemory memory_;
  std::unique_ptr<Strategy> others_;  // for what has no place
  const ProgramPlaces* places_ = nullptr;
  bool concurrent_ = false;
  std::mutex mutex_;
  std::pmr::vector<RecordedBlock> blocks_;
  std::uint32_t done_ = 0;  // of the program's steps
};

constexpr PresetRow kRecordedPresets[] = {
    {"recorded", "the recorded program's own blocks and places, where the trace tells them"}};

}  // namespace

const StrategyFamily& recorded_family() {
  static const StrategyFamily family = {
      .name = "recorded",
      .presets = presets_of(kRecordedPresets, {}),
      .parameters = {},
      .make = [](const Device& device, const Parameters&) -> std::unique_ptr<Strategy> {
        return std::make_unique<RecordedStrategy>(device);
      },
      .needs_places = true};
  return family;
}

}  // namespace vkmembench
