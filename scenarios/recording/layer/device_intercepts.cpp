// Frames, names, and the end of a device.

#include <algorithm>
#include <memory>
#include <mutex>
#include <span>
#include <utility>

#include "scenarios/recording/create_info.h"
#include "scenarios/recording/layer/noting.h"

namespace vkmembench {
namespace {

// What ends with the call: a frame, if any of its structures says so, which goes before what else may end one.
template <typename Info>
void note_end(LayeredDevice& layered, CallKind kind, std::span<const Info> infos) {
  if (std::ranges::any_of(infos, [](const Info& info) { return ends_frame(info.pNext); }))
    note(layered, [] { return CapturedCall{.kind = CallKind::frame_boundary}; });
  note(layered, [&] { return CapturedCall{.kind = kind}; });
}

}  // namespace

VKAPI_ATTR void VKAPI_CALL intercept_destroy_device(VkDevice device, const VkAllocationCallbacks* callbacks) {
  if (device == VK_NULL_HANDLE) return;
  LayeredDevice& layered = vkmembench::layered(device);
  const PFN_vkDestroyDevice destroy = layered.next.destroy_device;
  std::unique_ptr<MemoryReport> report;  // which the driver calls to the end
  {
    const std::lock_guard lock(layered_devices_mutex());
    end_recording(layered);
    report = std::move(layered.report);
    layered_devices().remove(LiveList<LayeredDevice>::key_of(device));  // before another gets its handle
  }
  destroy(device, callbacks);
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_queue_submit(VkQueue queue, std::uint32_t count, const VkSubmitInfo* infos,
                                                      VkFence fence) {
  LayeredDevice& layered = vkmembench::layered(queue);
  const VkResult result = layered.next.queue_submit(queue, count, infos, fence);
  note_end(layered, CallKind::submit, std::span(infos, count));
  return result;
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_queue_submit2(VkQueue queue, std::uint32_t count, const VkSubmitInfo2* infos,
                                                       VkFence fence) {
  LayeredDevice& layered = vkmembench::layered(queue);
  const VkResult result = layered.next.queue_submit2(queue, count, infos, fence);
  note_end(layered, CallKind::submit, std::span(infos, count));
  return result;
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_queue_present_khr(VkQueue queue, const VkPresentInfoKHR* info) {
  LayeredDevice& layered = vkmembench::layered(queue);
  const VkResult result = layered.next.queue_present_khr(queue, info);
  note_end(layered, CallKind::present, std::span(info, 1));
  return result;
}

VKAPI_ATTR VkResult VKAPI_CALL intercept_set_debug_utils_object_name_ext(VkDevice device,
                                                                         const VkDebugUtilsObjectNameInfoEXT* info) {
  LayeredDevice& layered = vkmembench::layered(device);
  const bool is_image = info->objectType == VK_OBJECT_TYPE_IMAGE;
  if ((is_image || info->objectType == VK_OBJECT_TYPE_BUFFER) && info->pObjectName != nullptr) {
    note(layered, [&] {
      return CapturedCall{.kind = CallKind::rename,
                          .image = is_image,
                          .object = info->objectHandle,
                          .more = with_text(info->pObjectName)};
    });
  }
  // An extension of the instance: the loader has the call for programs, and below may be nobody who heeds names.
  const PFN_vkSetDebugUtilsObjectNameEXT next = layered.next.set_debug_utils_object_name_ext;
  return next == nullptr ? VK_SUCCESS : next(device, info);
}

}  // namespace vkmembench
