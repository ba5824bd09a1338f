#pragma once

namespace vkmembench {

#if defined(_WIN32)

// A value for each thread, and what becomes of it when the thread ends.
class ThreadSlot {
 public:
  explicit ThreadSlot(void (*end)(void* value));  // Aborts when the system has no slot left.
  [[nodiscard]] void* get() const;                // nullptr until it is set
  void set(void* value) const;

 private:
  unsigned long slot_;
};

// The thread's own T, destroyed when the thread ends. Throws std::bad_alloc. MinGW-w64 frees what is `thread_local`
// before it is destroyed, so it is not used.
template <typename T>
[[nodiscard]] T& thread_object() {
  static const ThreadSlot slot([](void* value) { delete static_cast<T*>(value); });
  if (slot.get() == nullptr) slot.set(new T);
  return *static_cast<T*>(slot.get());
}

#else

template <typename T>
[[nodiscard]] T& thread_object() {
  static thread_local T object;
  return object;
}

#endif

}  // namespace vkmembench
