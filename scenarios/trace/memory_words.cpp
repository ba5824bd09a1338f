#include "scenarios/trace/memory_words.h"

#include <fmt/format.h>

#include <array>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "allocator/base/vulkan_names.h"

namespace vkmembench {
namespace {

constexpr std::array<std::string_view, 4> kMemoryKeys = {"required", "preferred", "avoid", "type"};

}  // namespace

void MemoryWords::key(std::string_view name) {
  list_ = nullptr;
  if (name == kMemoryKeys[0]) list_ = &choice_.required;
  if (name == kMemoryKeys[1]) list_ = &choice_.preferred;
  if (name == kMemoryKeys[2]) list_ = &choice_.unwanted;
  if (list_ == nullptr && name != kMemoryKeys[3])
    throw Error(fmt::format("unknown key '{}' of 'memory'{}", name, known_words(name, kMemoryKeys)));
}

void MemoryWords::property(std::string_view name) {
  if (list_ == nullptr) throw Error("'type' of 'memory' is a string, not an integer");
  const auto bit = flag_by_name(memory_property_names(), name);
  if (!bit)
    throw Error(fmt::format("unknown memory property '{}'{}", name, known_names(name, memory_property_names())));
  *list_ = static_cast<std::uint16_t>(*list_ | *bit);
}

void MemoryWords::type(std::uint64_t index) {
  if (list_ != nullptr) throw Error("properties of 'memory' are an integer, not a list of strings");
  if (index >= VK_MAX_MEMORY_TYPES)
    throw Error(fmt::format("memory type {} is above {}, the most that a device has", index, VK_MAX_MEMORY_TYPES - 1));
  choice_.recorded_type = static_cast<std::int8_t>(index);
}

const MemoryChoice& MemoryWords::choice() const {
  const std::uint16_t contradiction = choice_.unwanted & (choice_.required | choice_.preferred);
  if (contradiction != 0)
    throw Error(fmt::format("memory both asks for and avoids {}", names_of(contradiction, memory_property_names())[0]));
  if (choice_.required == 0 && choice_.preferred == 0 && choice_.unwanted == 0 && choice_.recorded_type < 0)
    throw Error("'memory' names no property; give required, preferred or avoid, or a word such as 'device'");
  return choice_;
}

}  // namespace vkmembench
