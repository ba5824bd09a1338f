#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "allocator/base/os/wake_event.h"

namespace vkmembench {

// Calls something at a time, from a thread of its own that sleeps until then; not at all when it is destroyed before.
class Alarm {
 public:
  Alarm(std::chrono::steady_clock::time_point when, std::function<void()> ring);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

 private:
  WakeEvent off_;
  std::thread thread_;
};

}  // namespace vkmembench
