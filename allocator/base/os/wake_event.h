#pragma once

#include <chrono>
#include <memory>

namespace vkmembench {

// Something that a thread sleeps for until another raises it.
class WakeEvent {
 public:
  WakeEvent();  // Throws Error when the system has none left.
  ~WakeEvent();
  WakeEvent(const WakeEvent&) = delete;
  WakeEvent& operator=(const WakeEvent&) = delete;

  void raise();
  // Sleeps until it is raised, or until the time came: then false.
  [[nodiscard]] bool raised_before(std::chrono::steady_clock::time_point when) const;

 private:
  struct Handles;  // of the system
  std::unique_ptr<Handles> handles_;
};

}  // namespace vkmembench
