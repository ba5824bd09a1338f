#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "reports/model/report.h"

namespace vkmembench {

// This machine, as far as its system files below `root` tell; what they do not is empty or zero.
[[nodiscard]] HostInfo read_host_info(const std::filesystem::path& root = "/");

// This program: version, commit, how it was compiled and with which libraries.
[[nodiscard]] ToolInfo tool_info();

// The whole text of a small file, without the last newline; empty when it cannot be read.
[[nodiscard]] std::string read_text(const std::filesystem::path& file);

// The lines `key<separator>value` of a text such as /proc/meminfo, trimmed and without quotes; the first of a key
// counts.
[[nodiscard]] std::map<std::string, std::string> read_fields(const std::string& text, char separator);

// "N kB" in bytes, 0 for anything else.
[[nodiscard]] Bytes parse_kilobytes(const std::string& text);

}  // namespace vkmembench
