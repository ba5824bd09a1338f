// Where the repository's files lie, for tests. A function of one source, so that no other object depends on the folder.
#pragma once

#include <string>

namespace vkmembench {

// The root of the source tree, absolute, without a slash at its end.
std::string source_dir();

}  // namespace vkmembench
