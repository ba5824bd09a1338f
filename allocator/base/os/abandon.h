#pragma once

#include <memory>

namespace vkmembench {

// Keeps a pointer as long as the process lives, so that leak checkers see what it leads to as held. Safe from any
// thread.
void keep_forever(const void* object);

// Leaves an object to the end of the process: it is never destroyed.
template <typename T>
void abandon(std::unique_ptr<T>& object) {
  if (object != nullptr) keep_forever(object.release());
}

}  // namespace vkmembench
