#pragma once

namespace vkmembench {

// From now on each new thread allocates from a heap of its own, however many there are; where the C library has such.
void allow_a_heap_for_each_thread();

}  // namespace vkmembench
