#include "allocator/seam/basic_strategy.h"

#include "allocator/base/check.h"

namespace vkmembench {

void BasicStrategy::create_buffers(const BufferRequest& common, std::span<const Bytes> sizes,
                                   std::span<Expected<Allocation>> results) {
  VKMEMBENCH_CHECK(results.size() == sizes.size(), "a batch has a result for each size");
  BufferRequest request = common;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    request.size = sizes[i];
    request.user = common.user + i;
    results[i] = create_buffer(request);
  }
}

}  // namespace vkmembench
