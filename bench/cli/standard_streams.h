#pragma once

namespace vkmembench {

// From now on what is printed on stdout after its reader left (`| head -1`) vanishes: the reader has what it wanted,
// and the command ends as it would have. Any other failure to write shows as ever.
void let_the_reader_leave();

}  // namespace vkmembench
