#pragma once

#include <atomic>
#include <mutex>

namespace vkmembench {

// What Vulkan's dispatchable handles lead to: those of a device, its queues and its command buffers begin with the same
// pointer, the loader's. Finding takes no lock. Entries stay where they are as long as the process lives, and serve the
// next handle when theirs is destroyed.
template <typename Value>
class LiveList {
 public:
  template <typename Handle>
  [[nodiscard]] static void* key_of(Handle handle) {
    return *reinterpret_cast<void**>(handle);
  }

  // Requires that no entry has the key.
  Value& add(void* key) {
    const std::lock_guard lock(adding_);
    Entry* entry = first_.load(std::memory_order_relaxed);
    while (entry != nullptr && entry->key.load(std::memory_order_relaxed) != nullptr) entry = entry->next;
    if (entry == nullptr) {
      entry = new Entry;
      entry->next = first_.load(std::memory_order_relaxed);
      first_.store(entry, std::memory_order_release);
    }
    entry->value = Value{};
    entry->key.store(key, std::memory_order_release);
    return entry->value;
  }
  void remove(void* key) {
    for_each_entry([&](Entry& entry) {
      if (entry.key.load(std::memory_order_relaxed) == key) entry.key.store(nullptr, std::memory_order_release);
    });
  }
  // nullptr where there is none.
  [[nodiscard]] Value* find(void* key) {
    for (Entry* entry = first_.load(std::memory_order_acquire); entry != nullptr; entry = entry->next) {
      if (entry->key.load(std::memory_order_acquire) == key) return &entry->value;
    }
    return nullptr;
  }
  template <typename Visit>
  void for_each(Visit visit) {
    for_each_entry([&](Entry& entry) {
      if (entry.key.load(std::memory_order_acquire) != nullptr) visit(entry.value);
    });
  }

 private:
  struct Entry {
    std::atomic<void*> key = nullptr;
    Value value{};
    Entry* next = nullptr;
  };
  template <typename Visit>
  void for_each_entry(Visit visit) {
    for (Entry* entry = first_.load(std::memory_order_acquire); entry != nullptr; entry = entry->next) visit(*entry);
  }

  std::mutex adding_;
  std::atomic<Entry*> first_ = nullptr;
};

}  // namespace vkmembench
