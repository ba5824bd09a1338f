#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/device/memory_use.h"
#include "allocator/seam/image_dimensions.h"
#include "scenarios/trace/event_keys.h"
#include "scenarios/trace/refusal_steps.h"

namespace vkmembench {

// What a field of each type is in a Shape. A `name` is an index into Trace::strings, 0 = "".
template <FieldType T>
struct MemberOfType;
template <>
struct MemberOfType<FieldType::integer> {
  using Type = std::uint32_t;
};
template <>
struct MemberOfType<FieldType::bytes> {
  using Type = Bytes;
};
template <>
struct MemberOfType<FieldType::boolean> {
  using Type = bool;
};
template <>
struct MemberOfType<FieldType::name> {
  using Type = std::uint32_t;
};
template <>
struct MemberOfType<FieldType::usage> {
  using Type = std::uint32_t;  // VkBufferUsageFlags or VkImageUsageFlags as the trace states them
};
template <>
struct MemberOfType<FieldType::flags> {
  using Type = std::uint32_t;  // VkBufferCreateFlags or VkImageCreateFlags
};
template <>
struct MemberOfType<FieldType::handles> {
  using Type = VkExternalMemoryHandleTypeFlags;
};
template <>
struct MemberOfType<FieldType::image_type> {
  using Type = ImageDimensions;
};
template <>
struct MemberOfType<FieldType::wide> {
  using Type = std::uint64_t;
};
template <>
struct MemberOfType<FieldType::share> {
  using Type = float;
};
template <>
struct MemberOfType<FieldType::refusals> {
  using Type = RefusalSteps;
};
template <>
struct MemberOfType<FieldType::memory> {
  using Type = MemoryChoice;
};
template <>
struct MemberOfType<FieldType::formats> {
  using Type = std::vector<VkFormat>;  // the first that the device supports is taken
};
template <>
struct MemberOfType<FieldType::extent> {
  using Type = VkExtent3D;
};
template <>
struct MemberOfType<FieldType::samples> {
  using Type = VkSampleCountFlagBits;
};
template <>
struct MemberOfType<FieldType::tiling> {
  using Type = VkImageTiling;
};

// What requests share: everything of a create event but id, size and alias. Interned, so that events stay small. A
// member for each R row of the event keys.
struct Shape {
  bool image = false;
#define VKMEMBENCH_ROW(key, member, type, most, standard, ...) MemberOfType<FieldType::type>::Type member = standard;
  VKMEMBENCH_EVENT_KEYS(VKMEMBENCH_NO_KEY, VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
};

template <typename T>
[[nodiscard]] bool same_value(const T& a, const T& b) {
  return a == b;
}
[[nodiscard]] inline bool same_value(const VkExtent3D& a, const VkExtent3D& b) {
  return a.width == b.width && a.height == b.height && a.depth == b.depth;
}

inline const Shape kStandardShape;  // every field at its default

// A field of a request, as visit_shape_fields() shows it.
template <Field kKey, FieldType kTypeOfField, Need kNeedOfField, Of kOwners>
struct ShapeField {
  using Member = typename MemberOfType<kTypeOfField>::Type;
  static constexpr Field kField = kKey;
  static constexpr FieldType kType = kTypeOfField;
  static constexpr Need kNeed = kNeedOfField;
  static constexpr Of kOf = kOwners;

  Member Shape::*member;

  [[nodiscard]] static constexpr bool is_of(bool image) { return kOf == Of::both || (kOf == Of::image) == image; }
  [[nodiscard]] bool equal(const Shape& a, const Shape& b) const { return same_value(of(a), of(b)); }
  [[nodiscard]] const Member& of(const Shape& shape) const { return shape.*member; }
  [[nodiscard]] Member& of(Shape& shape) const { return shape.*member; }
};

// Calls visit(ShapeField<...>) for each field, in the order of the keys.
template <typename Visit>
constexpr void visit_shape_fields(Visit visit) {
#define VKMEMBENCH_ROW(key, member, type, most, standard, need, of, ...) \
  visit(ShapeField<Field::key, FieldType::type, Need::need, Of::of>{&Shape::member});
  VKMEMBENCH_EVENT_KEYS(VKMEMBENCH_NO_KEY, VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
}

}  // namespace vkmembench
