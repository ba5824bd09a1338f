#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace vkmembench {

// Bytes as decisions, one after the other. Where they have ended every decision is the first choice.
class ByteSource {
 public:
  explicit ByteSource(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  // In [0, bound), of two bytes. Requires 0 < bound <= 65536.
  std::uint32_t below(std::size_t bound) {
    const std::uint32_t low = byte();
    return (bound > 256 ? low + 256u * byte() : low) % static_cast<std::uint32_t>(bound);
  }
  bool yes() { return (byte() & 1) != 0; }
  template <typename T, std::size_t N>
  const T& pick(const std::array<T, N>& choices) {
    return choices[below(N)];
  }
  template <typename T>
  T& pick(std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

 private:
  std::string_view bytes_;
};

}  // namespace vkmembench
