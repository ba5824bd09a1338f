#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// Makes `enum class Enum` from a list that calls X(enumerator) for each, with `count` as the last enumerator, and
// `kEnumNames`, the array of their names by value:
//   #define COLOURS(X) X(red) X(green)
//   VKMEMBENCH_NAMED_ENUM(Colour, COLOURS);  // Colour::green, kColourNames
#define VKMEMBENCH_NAMED_ENUM(Enum, LIST)                               \
  enum class Enum : std::uint8_t { LIST(VKMEMBENCH_ENUMERATOR) count }; \
  inline constexpr auto k##Enum##Names = std::to_array<std::string_view>({LIST(VKMEMBENCH_ENUMERATOR_NAME)})
#define VKMEMBENCH_ENUMERATOR(name) name,
#define VKMEMBENCH_ENUMERATOR_NAME(name) #name,
