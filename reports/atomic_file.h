#pragma once

#include <filesystem>
#include <string_view>

namespace vkmembench {

// Writes `text` under `file` so that whoever opens the name finds the old file or the new one, whole: a temporary file
// in the same folder, flushed to the disk, then renamed. An existing file keeps its mode; a symbolic link is followed.
// "-" is stdout, and what exists and is no regular file (/dev/null, a pipe, /dev/stdout) is opened and written
// directly. Throws Error with ExitCode::internal that names the file and the remedy; then no temporary file is left
// behind and an existing file is as it was. Several writers may write the same name at once: the last rename wins.
void write_file(const std::filesystem::path& file, std::string_view text);

}  // namespace vkmembench
