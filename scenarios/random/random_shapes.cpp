#include "scenarios/random/random_shapes.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "allocator/base/vulkan_names.h"
#include "allocator/seam/buffer_kind.h"
#include "allocator/seam/named_pool.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

template <typename T, std::size_t N>
const T& pick(Random& random, const std::array<T, N>& values) {
  return values[random.below(N)];
}

// A power of two times something below two: as many small as large ones.
Bytes spread(Random& random, unsigned least_log2, unsigned most_log2) {
  const Bytes power = Bytes{1} << random.between(least_log2, most_log2 - 1);
  return power + random.below(power);
}

struct SizeFamily {
  std::string_view name;
  Bytes (*draw)(Random& random);
};
constexpr std::array kSizeFamilies = std::to_array<SizeFamily>({
    {"small buffers", [](Random& random) { return random.between(16, kKiB); }},
    {"slices", [](Random& random) { return spread(random, 8, 17); }},
    {"meshes", [](Random& random) { return spread(random, 10, 22); }},
    {"streamed", [](Random& random) { return spread(random, 16, 23); }},
    {"tiles", [](Random&) { return 64 * kKiB; }},
    {"staging",
     [](Random& random) {
       return pick(random, std::array{64 * kKiB, 256 * kKiB, 4 * kMiB});
     }},
    {"acceleration structures", [](Random& random) { return 256 * random.between(1, 512); }},
    {"around powers",
     [](Random& random) {
       const Bytes power = Bytes{1} << random.between(1, 22);
       return power + random.between(0, 2) - 1;
     }},
    {"off by a bit", [](Random& random) { return random.chance(0.1) ? 32 * kMiB + 17 : 2 * kMiB + 17; }},
    {"bimodal",
     [](Random& random) {
       return random.chance(0.912) ? random.between(1, 16 * kKiB) : random.between(10 * kMiB + kMiB / 2, 12 * kMiB);
     }},
    {"pins",
     [](Random& random) {
       return random.chance(0.1) ? pick(random, std::array{45 * kMiB, 91 * kMiB}) : 2 * kMiB;
     }},
    {"bytes", [](Random& random) { return random.between(1, 300); }},
});

struct ImageFamily {
  std::array<VkFormat, 3> formats;
  std::size_t count;
  std::uint32_t usage;  // of which each image gets some
};
constexpr std::uint32_t kColor =
    VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_STORAGE_BIT;
constexpr std::uint32_t kDepth = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
constexpr std::array kImageFamilies = std::to_array<ImageFamily>({
    {{VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_B8G8R8A8_UNORM}, 2, kColor},
    {{VK_FORMAT_BC7_UNORM_BLOCK, VK_FORMAT_ASTC_4x4_UNORM_BLOCK, VK_FORMAT_BC3_UNORM_BLOCK},
     3,
     VK_IMAGE_USAGE_SAMPLED_BIT},
    {{VK_FORMAT_R16G16B16A16_SFLOAT, VK_FORMAT_R16G16B16A16_UNORM}, 2, kColor},
    {{VK_FORMAT_R8_UNORM}, 1, kColor},
    {{VK_FORMAT_R32_UINT}, 1, kColor},
    {{VK_FORMAT_R32G32B32A32_SFLOAT}, 1, kColor},
    {{VK_FORMAT_D32_SFLOAT, VK_FORMAT_X8_D24_UNORM_PACK32}, 2, kDepth},
    {{VK_FORMAT_D24_UNORM_S8_UINT}, 1, kDepth},
    {{VK_FORMAT_D32_SFLOAT_S8_UINT}, 1, kDepth},
    {{VK_FORMAT_G8_B8R8_2PLANE_420_UNORM}, 1, VK_IMAGE_USAGE_SAMPLED_BIT},
    {{VK_FORMAT_R8G8B8_UNORM}, 1, VK_IMAGE_USAGE_SAMPLED_BIT},
});

// Some bits of a mask, at least one. Requires mask != 0.
std::uint32_t some_of(Random& random, std::uint32_t mask) {
  const auto some = static_cast<std::uint32_t>(random.next()) & mask;
  return some != 0 ? some : mask & (~mask + 1);
}

// Mostly what programs take most.
MemoryUse random_memory(Random& random) {
  return random.chance(0.4) ? MemoryUse::device : static_cast<MemoryUse>(random.below(kMemoryUseCount));
}

// Properties that some device has, or none.
MemoryChoice random_properties(Random& random) {
  constexpr std::uint32_t kUsual = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                   VK_MEMORY_PROPERTY_HOST_COHERENT_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
  MemoryChoice choice = MemoryUse::custom;
  choice.required = static_cast<std::uint16_t>(random.next() & random.next() & kUsual);
  choice.preferred = static_cast<std::uint16_t>(some_of(random, kUsual));
  choice.unwanted = static_cast<std::uint16_t>(random.next() & kUsual & ~(choice.required | choice.preferred));
  return choice;
}

// How a program may want its memory besides what it is for.
void draw_allocation(Random& random, Shape& shape) {
  if (random.chance(0.1)) shape.memory = random_properties(random);
  shape.dedicated = random.chance(0.08);
  if (random.chance(0.05)) shape.device_mask = 1;
  if (random.chance(0.1)) shape.priority = static_cast<float>(random.below(5)) / 4;
  if (random.chance(0.04)) shape.export_handles = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT;
  if (!random.chance(0.1)) return;
  for (std::uint64_t i = random.between(1, 3); i > 0; --i) {
    const bool halves = !shape.image && random.chance(0.5);
    shape.on_refusal.add(halves                      ? RefusalStep::halve
                         : is_mappable(shape.memory) ? RefusalStep::upload
                                                     : RefusalStep::host);
  }
}

// Requires what draw_allocation() drew, and flags that go with sparse memory.
void draw_sparse(Random& random, Shape& shape) {
  if (!random.chance(0.08) || shape.dedicated || shape.export_handles != 0 || shape.on_refusal.size() != 0) return;
  shape.evictable = false;
  shape.flags |= VK_IMAGE_CREATE_SPARSE_BINDING_BIT;  // of buffers the same bits
  const bool residency = random.chance(0.6) && shape.tiling == VK_IMAGE_TILING_OPTIMAL;
  if (residency && !(shape.image && has_depth_and_stencil(shape))) shape.flags |= VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT;
}

std::uint32_t align_up_even(std::uint32_t side) { return (side + 1) / 2 * 2; }

void draw_extent(Random& random, Shape& shape) {
  const auto side = [&](unsigned most_log2) {
    const std::uint32_t power = 1u << random.between(0, most_log2);
    return random.chance(0.7) ? power : static_cast<std::uint32_t>(power + random.below(power));
  };
  switch (random.below(8)) {
    case 0:
      shape.extent = {side(12), 1, 1};  // 1D, as far as this can be said
      break;
    case 1:
      shape.extent = {side(6), side(6), 1 + side(4)};
      break;
    default:
      shape.extent = {side(10), side(10), 1};
      if (random.chance(0.2)) shape.layers = static_cast<std::uint32_t>(random.between(2, 12));
  }
}

}  // namespace

RandomSizes::RandomSizes(Random& random) {
  for (std::uint64_t i = random.below(3) + 1; i > 0; --i) families_.push_back(random.below(kSizeFamilies.size()));
}

Bytes RandomSizes::draw(Random& random) const {
  const Bytes size = kSizeFamilies[families_[random.below(families_.size())]].draw(random);
  return std::max<Bytes>(1, size);
}

Shape random_buffer_shape(Random& random, TraceBuilder& out) {
  constexpr std::uint32_t kCoreUsages = (1u << 9) - 1;
  constexpr std::array kPools = std::to_array<std::string_view>({"", "", "", "ring", "stack"});
  constexpr std::array kTags = std::to_array<std::string_view>({"", "mesh",
                                                                "B\xc3\xbc"
                                                                "ffer/\\\n"});
  Shape shape;
  shape.memory = random_memory(random);
  const auto kind = static_cast<BufferKind>(random.below(kBufferKindCount));
  shape.kind = out.string(info_of(kind).name);
  shape.usage = kind == BufferKind::none ? some_of(random, kCoreUsages) : info_of(kind).usage;
  if (random.chance(0.5)) shape.usage |= VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  constexpr std::uint32_t kOfFeatures = VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT |
                                        VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_STORAGE_BIT_KHR |
                                        VK_BUFFER_USAGE_SHADER_BINDING_TABLE_BIT_KHR;
  if (random.chance(0.15)) shape.usage |= some_of(random, kOfFeatures);
  draw_allocation(random, shape);
  if (random.chance(0.25)) shape.alignment = Bytes{1} << random.between(0, random.chance(0.1) ? 22 : 16);
  shape.evictable = random.chance(0.2);
  shape.pool =
      out.string(random.chance(0.2) ? kNamedPools[random.below(kNamedPools.size())].name : pick(random, kPools));
  if (const auto& own = out.trace().pools; !own.empty() && random.chance(0.3))
    shape.pool = own[random.below(own.size())].name;
  shape.tag = out.string(pick(random, kTags));
  draw_sparse(random, shape);
  return shape;
}

Shape random_image_shape(Random& random, TraceBuilder& out) {
  const ImageFamily& family = pick(random, kImageFamilies);
  Shape shape;
  shape.image = true;
  shape.format.assign(family.formats.begin(), family.formats.begin() + family.count);
  shape.usage = some_of(random, family.usage);
  shape.memory = random.chance(0.6) ? MemoryUse::device : random_memory(random);
  constexpr std::uint32_t kAttachments =
      VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
  if (shape.memory == MemoryUse::transient && (family.usage & kAttachments) != 0)
    shape.usage = (family.usage & kAttachments) | VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT;
  draw_extent(random, shape);
  if (shape.memory != MemoryUse::transient) draw_allocation(random, shape);
  const bool planar = format_info(shape.format.front()).plane_count > 1;
  if (planar) {
    shape.extent = {align_up_even(shape.extent.width), align_up_even(shape.extent.height), 1};
    shape.tag = out.string("video");
    if (random.chance(0.5) && !shape.dedicated && shape.export_handles == 0 && shape.on_refusal.size() == 0)
      shape.flags |= VK_IMAGE_CREATE_DISJOINT_BIT;
    return shape;
  }
  if (random.chance(0.15)) {
    shape.flags |= VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT;
    if (random.chance(0.5)) shape.view_formats = shape.format;
  }
  if (random.chance(0.1) && shape.extent.depth == 1) {
    shape.flags |= VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT;
    shape.extent.height = shape.extent.width;
    shape.layers = 6;
  }
  if (shape.extent.height == 1 && shape.extent.depth == 1 && random.chance(0.3)) shape.type = ImageDimensions::two;
  const bool flat = shape.extent.depth == 1;
  switch (random.below(4)) {
    case 0:
      shape.mips = full_mip_count(shape.extent);
      break;
    case 1:
      shape.mips = static_cast<std::uint32_t>(random.between(1, full_mip_count(shape.extent)));
      break;
    case 2:
      if (flat && shape.layers == 1 && (shape.usage & kAttachments) != 0)
        shape.samples = static_cast<VkSampleCountFlagBits>(1u << random.between(1, 3));
      break;
    default:
      if (is_mappable(shape.memory) || random.chance(0.2)) shape.tiling = VK_IMAGE_TILING_LINEAR;
      if (shape.tiling == VK_IMAGE_TILING_LINEAR && random.chance(0.3)) shape.drm_modifier = 0;
  }
  shape.evictable = random.chance(0.2);
  shape.tag = out.string(random.chance(0.5) ? "texture" : "");
  draw_sparse(random, shape);
  return shape;
}

}  // namespace vkmembench
