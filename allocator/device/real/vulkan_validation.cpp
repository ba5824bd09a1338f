#include "allocator/device/real/vulkan_validation.h"

#include <algorithm>
#include <utility>

namespace vkmembench {
namespace {

VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                                          const VkDebugUtilsMessengerCallbackDataEXT* data, void* log) {
  static_cast<ValidationLog*>(log)->add(data->pMessageIdName != nullptr ? data->pMessageIdName : "unnamed",
                                        data->pMessage != nullptr ? data->pMessage : "");
  return VK_FALSE;
}

}  // namespace

VkDebugUtilsMessengerCreateInfoEXT ValidationLog::messenger_info() {
  VkDebugUtilsMessengerCreateInfoEXT info{};
  info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT;
  info.messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
  info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
  info.pfnUserCallback = on_message;
  info.pUserData = this;
  return info;
}

void ValidationLog::add(std::string rule, std::string text) {
  const std::scoped_lock lock(mutex_);
  const auto known =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.rule == rule; });
  if (known != entries_.end()) {
    ++known->times;
  } else if (entries_.size() < kMaxRules) {
    entries_.push_back({std::move(rule), std::move(text), 1});
  } else {
    ++dropped_;
  }
}

std::vector<std::string> ValidationLog::lines() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> lines;
  for (const Entry& entry : entries_)
    lines.push_back(entry.rule + " (" + std::to_string(entry.times) + " times): " + entry.text);
  if (dropped_ != 0) lines.push_back(std::to_string(dropped_) + " errors of further rules dropped");
  return lines;
}

}  // namespace vkmembench
