#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/base/named_enum.h"
#include "allocator/device/memory_use.h"
#include "allocator/seam/defragment.h"

namespace vkmembench {

// X(enumerator), named as in JSON. `free`, `touch` and `mark` of several ids are one event each.
// clang-format off
#define VKMEMBENCH_OPS(X)                                                                                      \
  X(frame) X(buffer) X(image) X(batch) X(free) X(write) X(upload) X(copy) X(read) X(touch) X(resize) X(bind)   \
  X(unbind) X(mark) X(defragment) X(budget) X(host_alloc) X(host_free) X(snapshot) X(barrier)
// clang-format on

VKMEMBENCH_NAMED_ENUM(Op, VKMEMBENCH_OPS);
[[nodiscard]] inline std::string_view op_name(Op op) { return kOpNames[static_cast<std::size_t>(op)]; }

using ObjectIndex = std::uint32_t;
inline constexpr ObjectIndex kNoObject = ~ObjectIndex{0};

// One step of a trace, 24 bytes. What `object`, `a` and `b` mean depends on the op:
//   frame       -                        a = number of the frame that begins
//   buffer      the object               a = size                     b = alias target + 1, 0 for none
//   image       the object               -                            b = alias target + 1, 0 for none
//   batch       first of `a` consecutive objects
//   free, touch, mark, bind, unbind      the object
//   write, read the object               a = size                     b = offset
//   upload      the object               a = size
//   copy        the source               a = size                     b = target object
//   resize      the object               a = new size
//   defragment  a = index into Trace::defragments
//   budget      a = index into Trace::budgets
//   snapshot    a = index into Trace::strings (the label)
//   host_alloc  the object               a = size                     b = index into Trace::strings (the category)
//   host_free   the object
//   barrier     -
struct Event {
  Op op = Op::frame;
  std::uint8_t reserved = 0;
  std::uint16_t lane = 0;
  ObjectIndex object = kNoObject;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};
static_assert(sizeof(Event) == 24);

// What requests share: everything of a create event but id, size and alias. Interned, so that events stay small.
struct Shape {
  bool image = false;
  MemoryUse memory = MemoryUse::device;
  bool evictable = false;
  std::uint32_t usage = 0;  // VkBufferUsageFlags or VkImageUsageFlags as the trace states them
  std::uint32_t tag = 0;    // index into Trace::strings, 0 = ""
  // Buffers.
  Bytes alignment = 0;
  std::uint32_t kind = 0;  // index into Trace::strings, 0 = ""
  std::uint32_t pool = 0;  // index into Trace::strings, 0 = ""
  // Images. The first format that the device supports is taken.
  std::vector<VkFormat> formats;
  VkExtent3D extent{1, 1, 1};
  std::uint32_t mips = 1;
  std::uint32_t layers = 1;
  VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
  VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL;
};

// One object per create event (an id that is reused after its free is a new object), in order of creation.
struct TraceObject {
  std::uint64_t id = 0;
  Bytes size = 0;  // bytes asked: a buffer's size; an image's tightly packed texels over all mips, layers and samples
  std::uint32_t shape = 0;  // index into Trace::shapes; host_alloc objects have kHostShape
  std::uint32_t create_event = 0;
};
static_assert(sizeof(TraceObject) == 24);
inline constexpr std::uint32_t kHostShape = ~std::uint32_t{0};

struct BudgetRequest {
  std::string heap;  // "device", "host" or a heap index in decimal
  bool is_ratio = false;
  Bytes bytes = 0;
  double ratio = 0;     // of the heap's size
  std::string place{};  // where it was read, for messages; neither hashed nor written
};

// Ids that a file does not spell as numbers get numbers from here on, one after the other.
inline constexpr std::uint64_t kFirstGivenId = 1'000'000'000'000;

// The expanded, flat list of events: the same for every strategy and device, with a hash. Ids are resolved to objects,
// so the replay looks nothing up.
struct Trace {
  std::vector<Event> events;
  std::vector<TraceObject> objects;
  std::vector<Shape> shapes;
  std::vector<std::string> strings = {""};
  std::vector<DefragmentRequest> defragments;
  std::vector<BudgetRequest> budgets;
  std::vector<std::uint32_t> given_ids;  // of kFirstGivenId + i: index into `strings` of its spelling; not hashed
  std::uint32_t frames_in_flight = 0;
  std::uint32_t lane_count = 1;            // 1 + the highest lane
  std::vector<std::uint16_t> lanes = {0};  // that events are on, in order; always 0, on which frames begin
  std::uint64_t frame_count = 0;           // `frame` events
  std::uint64_t hash = 0;  // of everything above that a strategy can notice; spelt as 16 hex digits in files
  // `--frames A-B`: what is before frame A is replayed unmeasured, the trace ends after frame B. Both enter the hash.
  std::uint64_t measure_from_frame = 0;

  [[nodiscard]] const Shape& shape_of(ObjectIndex object) const { return shapes[objects[object].shape]; }
};

// An id as its file spells it, for messages.
[[nodiscard]] std::string id_text(const Trace& trace, std::uint64_t id);

}  // namespace vkmembench
