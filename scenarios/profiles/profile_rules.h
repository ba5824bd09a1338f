#pragma once

#include <cstdint>
#include <span>

#include "allocator/base/vulkan_names.h"
#include "allocator/device/simulated/device_profile.h"
#include "scenarios/json/json_reader.h"

// The parts of a profile that say what a device answers to requests. Only profile*.cpp include this.
namespace vkmembench {

// The bits that an array of names sets. Throws Error for an unknown name.
[[nodiscard]] std::uint32_t read_flags(const JsonValue& names, std::span<const FlagName> table, const char* what);
// The bits of an array of sample counts: 1, 2, 4 ... 64.
[[nodiscard]] VkSampleCountFlags read_samples(const JsonValue& counts);
// A power of two.
[[nodiscard]] Bytes read_power(const JsonValue& value);
// The bits of an array of memory types, of which there are so many; at least one.
[[nodiscard]] std::uint32_t read_type_bits(const JsonValue& types, std::uint32_t type_count);
// Globs that each match a known format.
[[nodiscard]] std::vector<std::string> read_formats(const JsonValue& globs);

// `formats` and `requirements`. Requires the profile's memory types to be read.
void read_format_rules(const JsonValue& rules, DeviceProfile& out);
void read_requirements(const JsonValue& requirements, DeviceProfile& out);

}  // namespace vkmembench
