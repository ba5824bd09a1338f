// Binds of pages, noted when they are submitted: what they wait for on the queue is not known here.

#include <span>

#include "scenarios/recording/create_info.h"
#include "scenarios/recording/layer/noting.h"

namespace vkmembench {
namespace {

CapturedCall bound_bytes(bool image, std::uint64_t resource, const VkSparseMemoryBind& bind) {
  CapturedCall call{
      .kind = CallKind::bind_pages, .image = image, .object = resource, .other = handle_number(bind.memory)};
  call.more = std::make_unique<CallDetails>();
  call.more->pages = bind;
  return call;
}

CapturedCall bound_texels(VkImage image, const VkSparseImageMemoryBind& bind) {
  CapturedCall call{.kind = CallKind::bind_texels,
                    .image = true,
                    .object = handle_number(image),
                    .other = handle_number(bind.memory)};
  call.more = std::make_unique<CallDetails>();
  call.more->texels = bind;
  return call;
}

void note_binds(LayeredDevice& layered, const VkBindSparseInfo& info) {
  for (const VkSparseBufferMemoryBindInfo& buffer : std::span(info.pBufferBinds, info.bufferBindCount))
    for (const VkSparseMemoryBind& bind : std::span(buffer.pBinds, buffer.bindCount))
      note(layered, [&] { return bound_bytes(false, handle_number(buffer.buffer), bind); });
  for (const VkSparseImageOpaqueMemoryBindInfo& image : std::span(info.pImageOpaqueBinds, info.imageOpaqueBindCount))
    for (const VkSparseMemoryBind& bind : std::span(image.pBinds, image.bindCount))
      note(layered, [&] { return bound_bytes(true, handle_number(image.image), bind); });
  for (const VkSparseImageMemoryBindInfo& image : std::span(info.pImageBinds, info.imageBindCount))
    for (const VkSparseImageMemoryBind& bind : std::span(image.pBinds, image.bindCount))
      note(layered, [&] { return bound_texels(image.image, bind); });
}

}  // namespace

VKAPI_ATTR VkResult VKAPI_CALL intercept_queue_bind_sparse(VkQueue queue, std::uint32_t count,
                                                           const VkBindSparseInfo* infos, VkFence fence) {
  LayeredDevice& layered = vkmembench::layered(queue);
  const VkResult result = layered.next.queue_bind_sparse(queue, count, infos, fence);
  if (result != VK_SUCCESS) return result;
  for (const VkBindSparseInfo& info : std::span(infos, count)) {
    note_binds(layered, info);
    if (ends_frame(info.pNext)) note(layered, [] { return CapturedCall{.kind = CallKind::frame_boundary}; });
  }
  return result;
}

}  // namespace vkmembench
