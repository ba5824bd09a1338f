#include "bench/replay/measured/copy_results.h"

namespace vkmembench {
namespace {

void note_taken(ReplayContext& context, const CopyNote& copy) {
  const Allocation& target = context.recording.objects[copy.target].allocation;
  if (copy.fresh) context.strategy.has_contents(target);
  if (copy.source_fresh) context.strategy.has_contents(context.recording.objects[copy.source].allocation);
  if (context.contents == nullptr) return;
  context.checked->device_writes(target, 0, copy.size);
  if (copy.source_fresh) context.forget_overlapped(copy.source, 0, context.size_of(copy.source));
  context.forget_overlapped(copy.target, 0, copy.size);
  if (copy.source == kNoObject)
    context.contents->written(copy.target, 0, copy.size);
  else if (copy.source_opaque)
    context.contents->forget(copy.target, 0, copy.size);
  else
    context.contents->copied(copy.source, copy.target, copy.size);
}

void note_refused(ReplayContext& context, const CopyNote& copy, VkResult result) {
  if (copy.fresh) std::atomic_ref(context.recording.objects[copy.target].has_layout).store(false);
  if (copy.source_fresh) std::atomic_ref(context.recording.objects[copy.source].has_layout).store(false);
  if (copy.cut) context.forget_contents(copy.target);
  context.note_failure(copy.position, copy.target, result);
}

}  // namespace

void note_copies(ReplayContext& context, std::span<const CopyNote> copies, VkResult result) {
  for (const CopyNote& copy : copies) {
    if (result == VK_SUCCESS)
      note_taken(context, copy);
    else
      note_refused(context, copy, result);
  }
}

}  // namespace vkmembench
