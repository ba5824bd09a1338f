#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

// The live objects of a builder by id. An open-addressing table of object indices (ids and liveness are asked of the
// builder), so that a free costs it nothing: a slot of a dead object is taken by the next insertion that passes it, or
// dropped when the table is rebuilt. Multiplicative hashing and linear probing (Knuth, TAOCP 3, 6.4).
class IdMap {
 public:
  explicit IdMap(const TraceBuilder& builder) : builder_(&builder), slots_(kSmallest) {}

  // kNoObject when no live object has the id.
  [[nodiscard]] ObjectIndex find(std::uint64_t id) const {
    const std::uint64_t hash = hash_of(id);
    for (std::size_t slot = home(hash);; slot = (slot + 1) & (slots_.size() - 1)) {
      const Slot& candidate = slots_[slot];
      if (candidate.object == kNoObject) return kNoObject;
      if (candidate.tag == tag(hash) && holds(candidate, id)) return candidate.object;
    }
  }
  // Makes a live object of the builder findable; false, without effect, when another live one has its id.
  [[nodiscard]] bool insert(ObjectIndex object) {
    if (8 * (used_ + 1) > 5 * slots_.size()) rebuild();
    return place(object);
  }

 private:
  static constexpr std::size_t kSmallest = 64;
  struct Slot {
    ObjectIndex object = kNoObject;
    std::uint32_t tag = 0;  // part of the hash: most other ids are passed without a look at their object
  };

  static std::uint64_t hash_of(std::uint64_t id) { return id * 0x9e3779b97f4a7c15u; }
  static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }
  [[nodiscard]] std::size_t home(std::uint64_t hash) const {
    return static_cast<std::size_t>(hash >> (64 - std::countr_zero(slots_.size())));
  }
  [[nodiscard]] std::uint64_t id_of(ObjectIndex object) const { return builder_->trace().objects[object].id; }
  [[nodiscard]] bool holds(const Slot& slot, std::uint64_t id) const {
    return id_of(slot.object) == id && builder_->is_live(slot.object);
  }
  bool place(ObjectIndex object) {
    const std::uint64_t id = id_of(object);
    const std::uint64_t hash = hash_of(id);
    Slot* reusable = nullptr;
    std::size_t slot = home(hash);
    for (; slots_[slot].object != kNoObject; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot].tag == tag(hash) && holds(slots_[slot], id)) return false;
      if (reusable == nullptr && !builder_->is_live(slots_[slot].object)) reusable = &slots_[slot];
    }
    if (reusable == nullptr) {
      ++used_;
      reusable = &slots_[slot];
    }
    *reusable = {object, tag(hash)};
    return true;
  }
  void rebuild() {
    std::vector<ObjectIndex> live;
    for (const Slot& slot : slots_) {
      if (slot.object != kNoObject && builder_->is_live(slot.object)) live.push_back(slot.object);
    }
    slots_.assign(std::bit_ceil(2 * live.size() + kSmallest), Slot{});
    used_ = 0;
    for (const ObjectIndex object : live) place(object);
  }

  const TraceBuilder* builder_;
  std::vector<Slot> slots_;  // a power of two of them
  std::size_t used_ = 0;     // live and dead
};

}  // namespace vkmembench
