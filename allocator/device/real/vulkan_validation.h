#pragma once

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace vkmembench {

// Collects what the validation layer finds wrong. The layer calls from any thread; repeats of one rule are counted, and
// only the first kMaxRules different rules are kept.
class ValidationLog {
 public:
  static constexpr std::size_t kMaxRules = 64;

  // How a messenger that writes here is made; also chained to the instance's creation. Requires this to outlive both.
  [[nodiscard]] VkDebugUtilsMessengerCreateInfoEXT messenger_info();
  void add(std::string rule, std::string text);
  // One line a rule, oldest first: the rule (VUID), how often it was broken, and the first message; then how many
  // errors of further rules were dropped.
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  struct Entry {
    std::string rule;
    std::string text;
    std::uint64_t times;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::uint64_t dropped_ = 0;
};

}  // namespace vkmembench
