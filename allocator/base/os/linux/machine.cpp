#include "allocator/base/os/machine.h"

namespace vkmembench {

Machine ask_for_machine() { return {}; }

}  // namespace vkmembench
