#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace vkmembench {

// Calls something at a time, from a thread of its own that sleeps until then; not at all when it is destroyed before.
class Alarm {
 public:
  Alarm(std::chrono::steady_clock::time_point when, std::function<void()> ring);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

 private:
  int wake_ = -1;  // an eventfd; readable once the alarm is off
  std::thread thread_;
};

}  // namespace vkmembench
