#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "scenarios/trace_builder.h"

namespace vkmembench {

// The live objects of a builder by id. An open-addressing table that keeps only object indices (ids and liveness are
// asked of the builder), so that a free costs it nothing: a slot of a dead object is taken by the next insertion that
// passes it, or dropped when the table is rebuilt. Multiplicative hashing (Knuth, TAOCP 3, 6.4).
class IdMap {
 public:
  explicit IdMap(const TraceBuilder& builder) : builder_(&builder), slots_(kSmallest, kNoObject) {}

  // kNoObject when no live object has the id.
  [[nodiscard]] ObjectIndex find(std::uint64_t id) const {
    for (std::size_t slot = home(id);; slot = (slot + 1) & (slots_.size() - 1)) {
      const ObjectIndex object = slots_[slot];
      if (object == kNoObject) return kNoObject;
      if (id_of(object) == id && builder_->is_live(object)) return object;
    }
  }
  // Makes a live object of the builder findable; false, without effect, when another live one has its id.
  [[nodiscard]] bool insert(ObjectIndex object) {
    if (4 * (used_ + 1) > 3 * slots_.size()) rebuild();
    return place(object);
  }

 private:
  static constexpr std::size_t kSmallest = 64;

  [[nodiscard]] std::uint64_t id_of(ObjectIndex object) const { return builder_->trace().objects[object].id; }
  [[nodiscard]] std::size_t home(std::uint64_t id) const {
    return static_cast<std::size_t>(id * 0x9e3779b97f4a7c15u >> (64 - std::countr_zero(slots_.size())));
  }
  bool place(ObjectIndex object) {
    const std::uint64_t id = id_of(object);
    constexpr auto kNone = ~std::size_t{0};
    std::size_t reusable = kNone;
    std::size_t slot = home(id);
    for (; slots_[slot] != kNoObject; slot = (slot + 1) & (slots_.size() - 1)) {
      const bool live = builder_->is_live(slots_[slot]);
      if (live && id_of(slots_[slot]) == id) return false;
      if (!live && reusable == kNone) reusable = slot;
    }
    if (reusable == kNone) {
      ++used_;
      reusable = slot;
    }
    slots_[reusable] = object;
    return true;
  }
  void rebuild() {
    std::vector<ObjectIndex> live;
    for (const ObjectIndex object : slots_) {
      if (object != kNoObject && builder_->is_live(object)) live.push_back(object);
    }
    slots_.assign(std::bit_ceil(2 * live.size() + kSmallest), kNoObject);
    used_ = 0;
    for (const ObjectIndex object : live) place(object);
  }

  const TraceBuilder* builder_;
  std::vector<ObjectIndex> slots_;  // a power of two of them
  std::size_t used_ = 0;
};

}  // namespace vkmembench
