#include "allocator/base/os/thread_object.h"

#include "allocator/base/check.h"
#include "allocator/base/os/windows/api.h"

namespace vkmembench {

// A callback of the system is called as a function is on x64.
ThreadSlot::ThreadSlot(void (*end)(void* value)) : slot_(FlsAlloc(end)) {
  VKMEMBENCH_CHECK(slot_ != FLS_OUT_OF_INDEXES, "the system has a slot for the counters of threads");
}

void* ThreadSlot::get() const { return FlsGetValue(slot_); }

void ThreadSlot::set(void* value) const { FlsSetValue(slot_, value); }

}  // namespace vkmembench
