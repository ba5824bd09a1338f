#pragma once

#include <string>
#include <vector>

namespace vkmembench {

// Gives stdin, stdout and stderr a place where they were closed, so that no file that is opened later takes it and gets
// what is printed. A closed stdout still fails when it is written to. On Windows they carry bytes and UTF-8 from now
// on. Call first.
void hold_standard_streams();

// From now on what is printed on stdout after its reader left (`| head -1`) vanishes: the reader has what it wanted,
// and the command ends as it would have. Any other failure to write shows as ever.
void let_the_reader_leave();
// Whether a failure to write stdout is just that, on systems where it shows nevertheless. Requires such a failure.
[[nodiscard]] bool reader_left();

// What main() was called with, as UTF-8.
[[nodiscard]] std::vector<std::string> utf8_arguments(int argc, const char* const* argv);

}  // namespace vkmembench
