#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

#include "allocator/base/bytes.h"
#include "allocator/host/category_tree.h"

namespace vkmembench {

// What the tracker keeps of an allocation, in the 16 bytes before it.
class alignas(16) HostHeader {
 public:
  // Writes a header in front of `pointer`. Requires room for it, a row below CategoryTree::kMaxRows and a size below
  // 2^63.
  static void write(void* pointer, Bytes size, std::uint32_t row, std::size_t alignment, std::uint32_t salt) {
    auto* header = ::new (static_cast<std::byte*>(pointer) - sizeof(HostHeader)) HostHeader;
    header->size_ = size;
    header->tag_ = (row << kShiftBits) | static_cast<std::uint32_t>(std::countr_zero(alignment));
    header->seal_ = header->seal(pointer, salt);
  }
  [[nodiscard]] static HostHeader& of(void* pointer) {
    return *std::launder(reinterpret_cast<HostHeader*>(static_cast<std::byte*>(pointer) - sizeof(HostHeader)));
  }
  [[nodiscard]] static const HostHeader& of(const void* pointer) { return of(const_cast<void*>(pointer)); }

  [[nodiscard]] Bytes size() const { return size_; }
  [[nodiscard]] std::uint32_t row() const { return tag_ >> kShiftBits; }
  [[nodiscard]] std::size_t alignment() const { return std::size_t{1} << (tag_ & ((1u << kShiftBits) - 1)); }

  // Whether the header is what was written with the same salt in front of this pointer, not broken since.
  [[nodiscard]] bool holds(const void* pointer, std::uint32_t salt) const { return seal_ == seal(pointer, salt); }
  // No header any more. Written even though the memory goes back at once, which a compiler would leave out.
  void break_seal() { *const_cast<volatile std::uint32_t*>(&seal_) = ~seal_; }

  // Bytes in front of an allocation. The padding that keeps a larger alignment is part of them.
  [[nodiscard]] static constexpr std::size_t front(std::size_t alignment);

 private:
  static constexpr std::uint32_t kShiftBits = 6;
  [[nodiscard]] std::uint32_t seal(const void* pointer, std::uint32_t salt) const {
    constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;  // multiplicative hashing
    const std::uint64_t address = reinterpret_cast<std::uintptr_t>(pointer);
    return static_cast<std::uint32_t>(((address ^ (size_ << 20) ^ (std::uint64_t{tag_} << 32)) * kGolden) >> 32) ^ salt;
  }

  Bytes size_;
  std::uint32_t tag_;   // row and binary logarithm of the alignment
  std::uint32_t seal_;  // of everything above and the address
};
static_assert(sizeof(HostHeader) == 16);

constexpr std::size_t HostHeader::front(std::size_t alignment) {
  return alignment > sizeof(HostHeader) ? alignment : sizeof(HostHeader);
}

}  // namespace vkmembench
