#pragma once

#include <functional>
#include <mutex>

#include "allocator/seam/strategy.h"
#include "allocator/transfer/command_ring.h"

namespace vkmembench {

// How a strategy without anything better gives a buffer a new size: creates another one, copies what both hold on the
// queue, waits for that and destroys the old one. Safe from any thread that may use the queue.
class ResizeByCopy {
 public:
  explicit ResizeByCopy(const Device& device) : device_(device) {}
  ResizeByCopy(const ResizeByCopy&) = delete;
  ResizeByCopy& operator=(const ResizeByCopy&) = delete;

  // The new buffer, of `strategy`. A failure leaves the old one as it was: what create_buffer() or the driver says,
  // VK_ERROR_FEATURE_NOT_PRESENT for buffers without both transfer usages. Requires a live buffer of `old_size` bytes
  // that is not mapped and has no aliases.
  [[nodiscard]] Expected<Allocation> resize(Strategy& strategy, const Allocation& old, Bytes old_size,
                                            const BufferRequest& request);
  // The same where buffers are made and destroyed otherwise: `create` gives the new one, `destroy` takes one of the
  // two.
  using Create = std::function<Expected<Allocation>()>;
  using Destroy = std::function<void(const Allocation&)>;
  [[nodiscard]] Expected<Allocation> resize(const Allocation& old, Bytes old_size, const BufferRequest& request,
                                            const Create& create, const Destroy& destroy);

 private:
  [[nodiscard]] VkResult copy(const Allocation& from, const Allocation& to, Bytes size);

  Device device_;
  std::mutex mutex_;
  CommandRing ring_{device_, 1};
};

}  // namespace vkmembench
