#pragma once

#include <cstdint>

#include "allocator/base/bytes.h"
#include "scenarios/trace/ops.h"

namespace vkmembench {

using ObjectIndex = std::uint32_t;
inline constexpr ObjectIndex kNoObject = ~ObjectIndex{0};

// What a new object shares memory with, and how far behind its begin; by default nothing.
struct AliasOf {
  constexpr AliasOf(ObjectIndex of = kNoObject, Offset at = 0) : object(of), offset(at) {}  // NOLINT(*-explicit-*)
  ObjectIndex object;
  Offset offset;
};

// Pages of sparse objects begin at multiples of this: the sparse block of Vulkan's standard shapes. Devices whose pages
// are smaller have several in it.
inline constexpr Bytes kSparsePage = 64 * kKiB;

// The operands of an event, as its op gives them their meaning.
struct EventWords {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

// One step of a trace, 24 bytes. What it holds besides its object are two words, which its op gives their meaning: ask
// only for what the Operands of the op have.
class Event {
 public:
  constexpr Event() = default;
  constexpr Event(Op op_, std::uint16_t lane_, ObjectIndex object_ = kNoObject, EventWords words = {})
      : op(op_), lane(lane_), object(object_), words_(words) {}

  Op op = Op::frame;
  std::uint8_t reserved = 0;
  std::uint16_t lane = 0;
  ObjectIndex object = kNoObject;  // of a batch the first

  [[nodiscard]] constexpr std::uint64_t frame() const { return words_.first; }  // of `frame`: the number of what begins
  // Of buffer, host_memory, sized, range, pair and pages.
  [[nodiscard]] constexpr Bytes size() const { return words_.first; }
  constexpr void set_size(Bytes size) { words_.first = size; }
  [[nodiscard]] constexpr Offset offset() const { return words_.second; }  // of a range
  constexpr void set_offset(Offset offset) { words_.second = offset; }
  // Of buffer and image: whose memory it shares, kNoObject for memory of its own.
  [[nodiscard]] constexpr ObjectIndex alias() const { return static_cast<ObjectIndex>(words_.second) - 1; }
  [[nodiscard]] constexpr bool is_alias() const { return words_.second != 0 && has_alias(op); }  // of any event
  constexpr void set_alias(ObjectIndex target) { words_.second = alias_word(target); }  // at the target's begin
  // Of an alias: where in Trace::alias_offsets it says how far behind the target's begin its own is.
  [[nodiscard]] constexpr std::uint32_t alias_place() const { return static_cast<std::uint32_t>(words_.second >> 32); }
  [[nodiscard]] static constexpr std::uint64_t alias_word(ObjectIndex target, std::uint32_t place = 0) {
    return target == kNoObject ? 0 : std::uint64_t{place} << 32 | (target + 1);
  }
  // The other object that the event names: what a pair copies to, or whose part gets memory. Else kNoObject.
  [[nodiscard]] constexpr ObjectIndex target() const {
    return operands_of(op) == Operands::pair || makes_part(op) ? static_cast<ObjectIndex>(words_.second) : kNoObject;
  }
  // Of what makes a part: the first page, or the plane.
  [[nodiscard]] constexpr std::uint64_t part_number() const { return words_.second >> 32; }
  [[nodiscard]] constexpr Offset page_offset() const { return part_number() * kSparsePage; }
  [[nodiscard]] constexpr std::uint32_t plane() const { return static_cast<std::uint32_t>(part_number()); }
  // The second word of an event that makes a part: of the page or plane `number`.
  [[nodiscard]] static constexpr std::uint64_t part_word(ObjectIndex of, std::uint64_t number) {
    return number << 32 | of;
  }
  // How many objects from `object` on it names: of a batch several.
  [[nodiscard]] constexpr ObjectIndex count() const {
    if (operands_of(op) == Operands::batch) return static_cast<ObjectIndex>(words_.first);
    return object == kNoObject ? 0 : 1;
  }
  constexpr void set_count(ObjectIndex count) { words_.first = count; }  // of a batch
  // Of defragment, budget and pool: of its request, in Trace::defragments, Trace::budgets and Trace::pools.
  [[nodiscard]] constexpr std::size_t request() const { return words_.first; }
  // Of label and host_memory: of the text, in Trace::strings.
  [[nodiscard]] constexpr std::uint32_t label() const { return static_cast<std::uint32_t>(words_.first); }
  [[nodiscard]] constexpr std::uint32_t category() const { return static_cast<std::uint32_t>(words_.second); }

  [[nodiscard]] constexpr const EventWords& words() const { return words_; }

 private:
  [[nodiscard]] static constexpr bool has_alias(Op op) {
    return operands_of(op) == Operands::buffer || operands_of(op) == Operands::image;
  }

  EventWords words_;
};
static_assert(sizeof(Event) == 24);

}  // namespace vkmembench
