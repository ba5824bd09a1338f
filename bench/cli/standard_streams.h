#pragma once

namespace vkmembench {

// Gives stdin, stdout and stderr a place where they were closed, so that no file that is opened later takes it and gets
// what is printed. A closed stdout still fails when it is written to. Call first.
void hold_standard_streams();

// From now on what is printed on stdout after its reader left (`| head -1`) vanishes: the reader has what it wanted,
// and the command ends as it would have. Any other failure to write shows as ever.
void let_the_reader_leave();

}  // namespace vkmembench
