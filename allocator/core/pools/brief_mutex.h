#pragma once

#include <mutex>

namespace vkmembench {

// A mutex for sections of a few hundred nanoseconds: tries for about as long before it lets the thread sleep, for going
// to sleep and waking up cost much more.
class BriefMutex {
 public:
  void lock() {
    for (int tries = 0; tries < kTries; ++tries) {
      if (mutex_.try_lock()) return;
      for (int spins = 0; spins < kPauses; ++spins) pause();
    }
    mutex_.lock();
  }
  bool try_lock() { return mutex_.try_lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  static constexpr int kTries = 64;
  static constexpr int kPauses = 8;
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  std::mutex mutex_;
};

}  // namespace vkmembench
