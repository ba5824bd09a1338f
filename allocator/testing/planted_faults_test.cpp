#include "allocator/testing/planted_faults_fixture.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <type_traits>
#include <vector>

#include "allocator/seam/basic_strategy.h"
#include "allocator/testing/test_profile.h"
#include "allocator/transfer/command_ring.h"
#include "allocator/transfer/copies.h"

namespace vkmembench {
namespace {

// Of a block, with as many users as resources share it.
struct Taken {
  Offset end = 0;
  std::uint32_t users = 1;
};

struct Block {
  VkDeviceMemory memory = VK_NULL_HANDLE;
  Bytes size = 0;
  std::uint32_t type = 0;
  bool linear = true;
  bool own = false;  // of one resource
  std::uint32_t maps = 0;
  std::byte* address = nullptr;
  std::map<Offset, Taken> taken = {};  // by begin
};

struct Record {
  Allocation allocation = {};
  Block* block = nullptr;
  Offset taken = 0;  // in the block
  bool alias = false;
  VkBufferCreateInfo buffer = {};
  VkImageCreateInfo image = {};
  std::uint64_t user = 0;
  MemoryChoice use = {};
  VkExternalMemoryHandleTypeFlags export_handles = 0;
  Bytes alignment = 0;
  bool shared = false;
  bool has_contents = false;
  std::uint32_t maps = 0;
};

class Toy : public BasicStrategy {
 public:
  Toy(const Device& device, Bug bug) : device_(device), bug_(bug), orders_(order_memory_types(device.info->memory)) {}
  ~Toy() override {
    for (const auto& block : blocks_) device_.fn.free_memory(device_.handle, block->memory, nullptr);
  }

  void start(const StrategyHost& host) override { listener_ = host.listener; }
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    return create(request, request.alignment);
  }
  Expected<Allocation> create_image(const ImageRequest& request) override { return create(request, 0); }
  Expected<Allocation> create_alias(const BufferRequest& request, const Allocation& target, Offset offset) override {
    return alias(request, target, offset, request.alignment);
  }
  Expected<Allocation> create_alias(const ImageRequest& request, const Allocation& target, Offset offset) override {
    return alias(request, target, offset, 0);
  }
  Expected<Allocation> resize(const Allocation& allocation, const BufferRequest& request) override;
  void destroy(const Allocation& allocation, std::uint16_t) override {
    const std::lock_guard lock(mutex_);
    Record* record = record_of(allocation);
    drop(*record);
    std::erase_if(records_, [&](const auto& kept) { return kept.get() == record; });
  }

  Expected<std::byte*> map(const Allocation& allocation) override;
  void unmap(const Allocation& allocation) override;
  VkResult flush(const Allocation& allocation, Offset offset, Bytes size) override {
    if (bug_ == Bug::forgets_flush) return VK_SUCCESS;
    return synchronize(allocation, offset, size, device_.fn.flush_mapped_memory_ranges);
  }
  VkResult invalidate(const Allocation& allocation, Offset offset, Bytes size) override {
    if (bug_ == Bug::forgets_invalidate) return VK_SUCCESS;
    return synchronize(allocation, offset, size, device_.fn.invalidate_mapped_memory_ranges);
  }

  void has_contents(const Allocation& allocation) override { record_of(allocation)->has_contents = true; }
  VkResult mark(const Allocation&) override { return VK_SUCCESS; }
  VkResult defragment(const DefragmentRequest&) override {
    const std::lock_guard lock(mutex_);
    defragments_ = listener_ != nullptr;
    return VK_SUCCESS;
  }
  void begin_frame(std::uint64_t) override {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(defragments_, false)) return;
    for (std::size_t i = 0; i < records_.size(); ++i)
      if (can_move(*records_[i])) move(*records_[i]);
  }

 private:
  struct Place {
    Block* block;
    Offset offset;
  };
  static Record* record_of(const Allocation& allocation) { return static_cast<Record*>(allocation.token); }

  template <typename Request>
  Expected<Allocation> create(const Request& request, Bytes alignment);
  template <typename Request>
  Expected<Allocation> alias(const Request& request, const Allocation& target, Offset behind, Bytes alignment);
  template <typename Request>
  std::unique_ptr<Record> record_for(const Request& request, Bytes alignment);
  [[nodiscard]] ResourceNeeds needs_of(std::uint64_t resource, bool image) const;
  [[nodiscard]] Bytes unit_of(const Record& record, const ResourceNeeds& needs) const;
  [[nodiscard]] std::optional<Place> find(const Record& record, const ResourceNeeds& needs, std::uint32_t type);
  [[nodiscard]] std::optional<Offset> fit(const Block& block, Bytes size, Bytes unit) const;
  [[nodiscard]] Expected<Place> make_block(const Record& record, const ResourceNeeds& needs, std::uint32_t type);
  [[nodiscard]] VkResult place(Record& record, const ResourceNeeds& needs);
  VkResult settle(Record& record, const Place& place, Bytes size);
  void release(Block& block, Offset offset);
  void drop(Record& record);
  [[nodiscard]] bool can_move(const Record& record) const;
  void move(Record& record);
  [[nodiscard]] VkResult copy(const Record& record, std::uint64_t to, Bytes size);
  template <typename Function>
  VkResult synchronize(const Allocation& allocation, Offset offset, Bytes size, Function function);

  static bool is_linear(const Record& record) {
    return !record.allocation.image || record.image.tiling == VK_IMAGE_TILING_LINEAR;
  }

  Device device_;
  Bug bug_;
  MemoryTypeOrders orders_;
  CommandRing ring_{device_, 1};
  StrategyListener* listener_ = nullptr;
  std::recursive_mutex mutex_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::unique_ptr<Record>> records_;
  bool defragments_ = false;
};

template <typename Request>
std::unique_ptr<Record> Toy::record_for(const Request& request, Bytes alignment) {
  auto record = std::make_unique<Record>();
  if constexpr (std::is_same_v<Request, ImageRequest>)
    record->image = create_info(request);
  else
    record->buffer = create_info(request);
  record->allocation.image = std::is_same_v<Request, ImageRequest>;
  record->allocation.token = record.get();
  record->user = request.user;
  record->use = request.memory;
  record->export_handles = request.export_handles;
  record->alignment = alignment;
  record->shared = request.shared;
  return record;
}

template <typename Request>
Expected<Allocation> Toy::create(const Request& request, Bytes alignment) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Record> record = record_for(request, alignment);
  const Expected<std::uint64_t> made = create_resource(device_, chained_info(request).get());
  if (!made) return made.result();
  record->allocation.resource = *made;
  if (const VkResult result = place(*record, needs_of(*made, record->allocation.image)); result != VK_SUCCESS) {
    destroy_resource(device_, *made, record->allocation.image);
    return result;
  }
  records_.push_back(std::move(record));
  return records_.back()->allocation;
}

template <typename Request>
Expected<Allocation> Toy::alias(const Request& request, const Allocation& target, Offset behind, Bytes alignment) {
  const std::lock_guard lock(mutex_);
  const Record& of = *record_of(target);
  std::unique_ptr<Record> record = record_for(request, alignment);
  const Expected<std::uint64_t> made = create_resource(device_, chained_info(request).get());
  if (!made) return made.result();
  record->allocation.resource = *made;
  record->alias = true;
  const ResourceNeeds needs = needs_of(*made, record->allocation.image);
  const Bytes unit = unit_of(*record, needs);
  const Offset offset = target.offset + behind + (bug_ == Bug::aliases_outside ? unit : 0);
  const VkMemoryPropertyFlags required = rule_of(request.memory).required;
  const VkMemoryPropertyFlags flags = device_.info->memory.memoryTypes[of.block->type].propertyFlags;
  VkResult result = VK_ERROR_FEATURE_NOT_PRESENT;
  if (!of.block->own && !needs.dedicated && is_linear(*record) == of.block->linear && offset % unit == 0 &&
      behind + needs.memory.size <= of.block->taken[of.taken].end - target.offset &&
      (needs.memory.memoryTypeBits >> of.block->type & 1u) != 0 && (flags & required) == required)
    result = settle(*record, {of.block, offset}, needs.memory.size);
  if (result == VK_SUCCESS && bug_ != Bug::forgets_aliases) ++of.block->taken[of.taken].users;
  record->taken = of.taken;
  if (result != VK_SUCCESS) {
    destroy_resource(device_, *made, record->allocation.image);
    return result;
  }
  records_.push_back(std::move(record));
  return records_.back()->allocation;
}

Expected<Allocation> Toy::resize(const Allocation& allocation, const BufferRequest& request) {
  const std::lock_guard lock(mutex_);
  const Record& old = *record_of(allocation);
  if (allocation.image || old.alias || old.shared || old.maps > 0) return VK_ERROR_FEATURE_NOT_PRESENT;
  if ((~request.usage & (VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT)) != 0)
    return VK_ERROR_FEATURE_NOT_PRESENT;
  Expected<Allocation> made = create_buffer(request);
  if (!made) return made;
  if (bug_ != Bug::resizes_without_contents) {
    const VkResult copied = copy(old, made->resource, std::min(old.buffer.size, request.size));
    if (copied != VK_SUCCESS) {
      destroy(*made, 0);
      return copied;
    }
  }
  if (bug_ != Bug::leaks_resized) destroy(allocation, 0);
  if (bug_ == Bug::answers_old_place) made->offset = allocation.offset + 1;
  return made;
}

ResourceNeeds Toy::needs_of(std::uint64_t resource, bool image) const {
  ResourceNeeds needs = vkmembench::needs_of(device_, resource, image);
  needs.dedicated = needs.dedicated && bug_ != Bug::ignores_dedicated;
  return needs;
}

Bytes Toy::unit_of(const Record& record, const ResourceNeeds& needs) const {
  const Bytes atom = device_.info->limits.nonCoherentAtomSize;
  const Bytes asked = bug_ == Bug::ignores_alignment ? 1 : record.alignment;
  return std::max({needs.memory.alignment, atom, asked});
}

std::optional<Offset> Toy::fit(const Block& block, Bytes size, Bytes unit) const {
  Offset at = 0;
  for (const auto& [begin, taken] : block.taken) {
    if (at + size <= begin) return at;
    at = bug_ == Bug::rounds_down ? std::max(begin, align_down(taken.end, unit)) : align_up(taken.end, unit);
  }
  const Bytes slack = bug_ == Bug::overruns_block ? unit : 0;
  if (at + size <= block.size + slack) return at;
  return std::nullopt;
}

std::optional<Toy::Place> Toy::find(const Record& record, const ResourceNeeds& needs, std::uint32_t type) {
  for (const auto& block : blocks_) {
    if (block->own || block->type != type) continue;
    if (block->linear != is_linear(record) && bug_ != Bug::mixes_kinds) continue;
    if (const auto offset = fit(*block, needs.memory.size, unit_of(record, needs))) return Place{block.get(), *offset};
  }
  return std::nullopt;
}

Expected<Toy::Place> Toy::make_block(const Record& record, const ResourceNeeds& needs, std::uint32_t type) {
  constexpr Bytes kBlock = 256 * kKiB;
  const VkPhysicalDeviceMemoryProperties& memory = device_.info->memory;
  const bool own = needs.dedicated || record.export_handles != 0 || needs.memory.size > kBlock;
  const Bytes size = own ? needs.memory.size : kBlock;
  if (size > memory.memoryHeaps[memory.memoryTypes[type].heapIndex].size) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  VkMemoryDedicatedAllocateInfo dedicated{};
  dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO;
  (record.allocation.image ? reinterpret_cast<std::uint64_t&>(dedicated.image)
                           : reinterpret_cast<std::uint64_t&>(dedicated.buffer)) = record.allocation.resource;
  VkExportMemoryAllocateInfo exported{};
  exported.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO;
  exported.pNext = needs.dedicated ? &dedicated : nullptr;
  exported.handleTypes = record.export_handles;
  const bool exports = record.export_handles != 0 && bug_ != Bug::forgets_export;
  VkMemoryAllocateFlagsInfo flags{};
  flags.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO;
  flags.pNext = exports ? &exported : exported.pNext;
  if (device_.info->has(DeviceFeature::buffer_device_address) && bug_ != Bug::forgets_device_address)
    flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
  const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, &flags, size, type};
  auto block = std::make_unique<Block>();
  block->size = size;
  block->type = type;
  block->linear = is_linear(record);
  block->own = own;
  const VkResult result = device_.fn.allocate_memory(device_.handle, &info, nullptr, &block->memory);
  if (result != VK_SUCCESS) return result;
  blocks_.push_back(std::move(block));
  return Place{blocks_.back().get(), 0};
}

VkResult Toy::place(Record& record, const ResourceNeeds& needs) {
  const std::uint32_t allowed = needs.memory.memoryTypeBits;
  VkResult refusal = VK_ERROR_FEATURE_NOT_PRESENT;
  std::optional<MemoryTypeOrder> own;
  for (std::uint32_t nth = 0;; ++nth) {
    const int type = bug_ == Bug::ignores_memory_types
                         ? orders_[static_cast<std::size_t>(MemoryUse::device)].pick(allowed, nth)
                         : order_of(record.use, orders_, device_.info->memory, own).pick(allowed, nth);
    if (type < 0) return refusal;
    std::optional<Place> place;
    if (!needs.dedicated && record.export_handles == 0) place = find(record, needs, static_cast<std::uint32_t>(type));
    if (!place) {
      const Expected<Place> made = make_block(record, needs, static_cast<std::uint32_t>(type));
      refusal = made.result();
      if (!made) continue;
      place = *made;
    }
    const VkResult result = settle(record, *place, needs.memory.size);
    if (result != VK_SUCCESS && place->block->taken.empty()) release(*place->block, 0);
    return result;
  }
}

// Binds the resource and takes the range, unless it is an alias.
VkResult Toy::settle(Record& record, const Place& place, Bytes size) {
  Allocation& allocation = record.allocation;
  VkResult result = bind_resource(device_, allocation.resource, allocation.image, place.block->memory, place.offset);
  if (bug_ == Bug::binds_twice)
    (void)bind_resource(device_, allocation.resource, allocation.image, place.block->memory, place.offset);
  if (result != VK_SUCCESS) return result;
  if (!record.alias) place.block->taken[place.offset] = {place.offset + size};
  record.taken = place.offset;
  record.block = place.block;
  allocation.memory = place.block->memory;
  allocation.offset = place.offset;
  allocation.charged = size;
  allocation.memory_type = static_cast<std::uint8_t>(place.block->type);
  allocation.dedicated = place.block->own;
  return VK_SUCCESS;
}

// The last user of a range frees it. An empty block goes.
void Toy::release(Block& block, Offset offset) {
  const auto taken = block.taken.find(offset);
  if (taken != block.taken.end() && --taken->second.users > 0) return;
  if (taken != block.taken.end()) block.taken.erase(taken);
  const bool early = bug_ == Bug::frees_too_early && offset == 0;
  if (!block.taken.empty() && !early) return;
  if (bug_ != Bug::loses_free) device_.fn.free_memory(device_.handle, block.memory, nullptr);
  if (bug_ == Bug::keeps_freed_block || !block.taken.empty()) return;
  std::erase_if(blocks_, [&](const auto& kept) { return kept.get() == &block; });
}

void Toy::drop(Record& record) {
  const Allocation& allocation = record.allocation;
  destroy_resource(device_, allocation.resource, allocation.image);
  if (bug_ == Bug::destroys_twice) destroy_resource(device_, allocation.resource, allocation.image);
  if (!record.alias || bug_ != Bug::forgets_aliases) release(*record.block, record.taken);
}

Expected<std::byte*> Toy::map(const Allocation& allocation) {
  const std::lock_guard lock(mutex_);
  Block& block = *record_of(allocation)->block;
  if (block.maps == 0 || bug_ == Bug::maps_twice) {
    void* address = nullptr;
    const VkResult result = device_.fn.map_memory(device_.handle, block.memory, 0, VK_WHOLE_SIZE, 0, &address);
    if (result != VK_SUCCESS) return result;
    block.address = static_cast<std::byte*>(address);
  }
  ++block.maps;
  ++record_of(allocation)->maps;
  const Offset off = bug_ == Bug::maps_an_atom_off ? device_.info->limits.nonCoherentAtomSize : 0;
  return block.address + allocation.offset + off;
}

void Toy::unmap(const Allocation& allocation) {
  const std::lock_guard lock(mutex_);
  --record_of(allocation)->maps;
  Block& block = *record_of(allocation)->block;
  // With the bug the memory stays mapped, for somebody to map it again.
  if (--block.maps == 0 && bug_ != Bug::maps_twice) device_.fn.unmap_memory(device_.handle, block.memory);
}

template <typename Function>
VkResult Toy::synchronize(const Allocation& allocation, Offset offset, Bytes size, Function function) {
  const std::lock_guard lock(mutex_);
  const Block& block = *record_of(allocation)->block;
  const VkMemoryPropertyFlags flags = device_.info->memory.memoryTypes[block.type].propertyFlags;
  if ((flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0) return VK_SUCCESS;
  const Bytes atom = bug_ == Bug::flushes_parts_of_atoms ? 1 : device_.info->limits.nonCoherentAtomSize;
  const Offset begin = align_down(allocation.offset + offset, atom);
  const Offset end = std::min(align_up(allocation.offset + offset + size, atom), block.size);
  const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, block.memory, begin, end - begin};
  return function(device_.handle, 1, &range);
}

bool Toy::can_move(const Record& record) const {
  constexpr VkBufferUsageFlags kBoth = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  if (record.alias || record.shared || record.maps > 0 || record.user == 0 || record.block->own) return false;
  return record.allocation.image ? !is_mappable(record.use) : (record.buffer.usage & kBoth) == kBoth;
}

// To the first place, should that come before where it is.
void Toy::move(Record& record) {
  const Allocation before = record.allocation;
  Block& old = *record.block;
  const ResourceNeeds needs = needs_of(before.resource, before.image);
  Record where = record;
  if (bug_ == Bug::moves_unaligned) where.alignment = 0;
  const std::optional<Place> place = find(where, needs, old.type);
  if (!place || (place->block == &old && place->offset > before.offset)) return;
  const Expected<std::uint64_t> made =
      before.image ? create_resource(device_, record.image) : create_resource(device_, record.buffer);
  if (!made) return;
  Record moved = record;
  moved.allocation.resource = *made;
  if (settle(moved, *place, needs.memory.size) != VK_SUCCESS ||
      (bug_ != Bug::moves_without_contents && copy(record, *made, record.buffer.size) != VK_SUCCESS)) {
    place->block->taken.erase(place->offset);
    return destroy_resource(device_, *made, before.image);
  }
  record = moved;
  destroy_resource(device_, before.resource, before.image);
  if (bug_ == Bug::frees_wrong_after_move)
    place->block->taken.erase(place->offset);
  else
    release(old, before.offset);
  listener_->moved(record.user, record.allocation);
}

VkResult Toy::copy(const Record& record, std::uint64_t to, Bytes size) {
  if (record.allocation.image && !record.has_contents) return VK_SUCCESS;
  const Expected<VkCommandBuffer> commands = ring_.commands();
  if (!commands) return commands.result();
  if (record.allocation.image)
    record_image_copy(device_, *commands, record.allocation.as_image(), image_of(to), record.image);
  else
    record_buffer_copy(device_, *commands, record.allocation.buffer(), buffer_of(to), {0, 0, size});
  if (const VkResult result = ring_.submit(); result != VK_SUCCESS) return result;
  return ring_.wait_all();
}

}  // namespace

std::span<const PlantedFault> planted_faults() {
  static constexpr auto kFaults = std::to_array<PlantedFault>({
      {Bug::rounds_down, "rounds_down", Violation::overlap},
      {Bug::ignores_alignment, "ignores_alignment", Violation::alignment},
      {Bug::moves_unaligned, "moves_unaligned", Violation::alignment},
      {Bug::mixes_kinds, "mixes_kinds", Violation::granularity},
      {Bug::overruns_block, "overruns_block", Violation::bounds},
      {Bug::ignores_memory_types, "ignores_memory_types", Violation::memory_type},
      {Bug::ignores_dedicated, "ignores_dedicated", Violation::dedicated},
      {Bug::binds_twice, "binds_twice", Violation::binding},
      {Bug::maps_twice, "maps_twice", Violation::mapping},
      {Bug::maps_an_atom_off, "maps_an_atom_off", Violation::mapping},
      {Bug::flushes_parts_of_atoms, "flushes_parts_of_atoms", Violation::atom},
      {Bug::forgets_flush, "forgets_flush", Violation::flush},
      {Bug::forgets_invalidate, "forgets_invalidate", Violation::flush},
      {Bug::destroys_twice, "destroys_twice", Violation::double_release},
      {Bug::keeps_freed_block, "keeps_freed_block", Violation::use_after_free},
      {Bug::frees_too_early, "frees_too_early", Violation::freed_under},
      {Bug::loses_free, "loses_free", Violation::leak},
      {Bug::leaks_resized, "leaks_resized", Violation::leak},
      {Bug::aliases_outside, "aliases_outside", Violation::alias},
      {Bug::forgets_aliases, "forgets_aliases", Violation::overlap},
      {Bug::answers_old_place, "answers_old_place", Violation::answer},
      {Bug::moves_without_contents, "moves_without_contents", Violation::contents},
      {Bug::frees_wrong_after_move, "frees_wrong_after_move", Violation::overlap},
      {Bug::resizes_without_contents, "resizes_without_contents", Violation::contents},
  });
  return kFaults;
}

DeviceProfile planted_profile() {
  DeviceProfile profile = test_profile();
  profile.name = "planted";
  profile.exact_buffers.clear();
  profile.memory.memoryTypes[1].propertyFlags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  return profile;
}

std::unique_ptr<Strategy> make_toy(const Device& device, Bug bug) { return std::make_unique<Toy>(device, bug); }

}  // namespace vkmembench
