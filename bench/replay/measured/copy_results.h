#pragma once

#include <span>

#include "bench/replay/measured/context.h"

namespace vkmembench {

// What copies changed once the device has taken them in: objects have their contents and layouts, and strategies hear
// of images' contents. Of those that it did not take each is a failure, and their targets are as they were.
void note_copies(ReplayContext& context, std::span<const CopyNote> copies, VkResult result);

}  // namespace vkmembench
