#include "scenarios/trace/named_bits.h"

#include <span>

#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

NamedBits by_name(std::span<const FlagName> of_buffers, std::span<const FlagName> of_images) {
  NamedBits bits;
  const auto add = [&](std::string_view name, std::uint32_t NamedBit::*member, std::uint32_t bit) {
    NamedBit& row = bits[name];
    row.name = name;
    row.*member = bit;
  };
  for (const FlagName& row : of_buffers) add(row.name, &NamedBit::buffer, row.bit);
  for (const FlagName& row : of_images) add(row.name, &NamedBit::image, row.bit);
  const NamedBits whole = bits;
  for (const auto& [name, row] : whole) bits.try_emplace(without_vendor(name), row);
  return bits;
}

}  // namespace

const NamedBits& usage_bits() {
  static const NamedBits bits = by_name(buffer_usage_names(), image_usage_names());
  return bits;
}

const NamedBits& flag_bits() {
  static const NamedBits bits = by_name(buffer_flag_names(), image_flag_names());
  return bits;
}

}  // namespace vkmembench
