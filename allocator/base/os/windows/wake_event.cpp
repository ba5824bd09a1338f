#include "allocator/base/os/wake_event.h"

#include <algorithm>
#include <cstdint>

#include "allocator/base/error.h"
#include "allocator/base/os/windows/api.h"

namespace vkmembench {

struct WakeEvent::Handles {
  HANDLE event;
};

WakeEvent::WakeEvent() : handles_(new Handles{CreateEventW(nullptr, TRUE, FALSE, nullptr)}) {
  if (handles_->event == nullptr)
    throw Error("a timeout needs an event of the system, and none is left; close programs", ErrorKind::internal);
}

WakeEvent::~WakeEvent() { CloseHandle(handles_->event); }

void WakeEvent::raise() { SetEvent(handles_->event); }

bool WakeEvent::raised_before(std::chrono::steady_clock::time_point when) const {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t kLongest = 3'600'000;  // the system counts in 32 bits
  while (true) {
    const std::int64_t left = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now()).count();
    if (left <= 0) return false;
    if (WaitForSingleObject(handles_->event, static_cast<DWORD>(std::min(left, kLongest))) == WAIT_OBJECT_0)
      return true;
  }
}

}  // namespace vkmembench
