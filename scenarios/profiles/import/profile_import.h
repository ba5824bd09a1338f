#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace vkmembench {

struct ProfileImportOptions {
  std::optional<std::uint64_t> gpu;  // of several in the file, from 0
  std::string like;                  // a shipped profile or a file that says what the file does not; empty: by vendor
  std::string when;                  // ISO date, for the provenance
};

struct ImportedProfile {
  std::string text;  // a device profile, which parse_profile() takes
  std::string name;  // of the device
  std::string kind;  // of the file
  std::string like;  // what the rest is taken from
};

// A profile of the device that the file tells of: identity, heaps, types and limits are its; formats, requirements and
// costs are those of a device of the same vendor, the memory types of its rules matched by their properties
// (README.md, "Simulated devices"). Throws Error, one line with a remedy, for a file that tells of no device, of
// several without `gpu`, or of one that Vulkan forbids.
[[nodiscard]] ImportedProfile import_profile(const std::filesystem::path& file, const ProfileImportOptions& options);
// The same of a text, in UTF-8 or UTF-16 with a byte order mark.
[[nodiscard]] ImportedProfile import_profile_text(std::string text, const std::string& file_name,
                                                  const ProfileImportOptions& options);

}  // namespace vkmembench
