#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "allocator/base/named_enum.h"
#include "allocator/device/layers/limits_layer.h"
#include "allocator/device/memory_use.h"

namespace vkmembench {

// X(enumerator): what a refused request ran into. The table of texts and remedies is in the source.
#define VKMEMBENCH_REFUSAL_LIMITS(X) \
  X(memory_type) X(buffer_size) X(object_size) X(heap_size) X(objects) X(heap_full) X(budget) X(pool) X(host) X(driver)
VKMEMBENCH_NAMED_ENUM(RefusalLimit, VKMEMBENCH_REFUSAL_LIMITS);

// The limit that refused, with the figures that its text names.
struct LimitHit {
  RefusalLimit limit = RefusalLimit::driver;
  Bytes wanted = 0;
  Bytes bound = 0;
  Bytes in_use = 0;
  std::uint32_t heap = 0;
};

// What a device requires for a refused request.
struct RefusedRequest {
  MemoryChoice memory = {};
  bool buffer = true;
  Bytes asked = 0;
  Bytes required = 0;
  std::uint32_t type_bits = ~0u;
};

// Finds it from the result, the request and what is held now. A limit that the request breaks alone comes before what
// is in use, and the heap that the use asks for first speaks for all.
[[nodiscard]] LimitHit limit_hit(VkResult result, const RefusedRequest& request, const LimitsLayer& limits);

// "needs 2166360064 bytes, 18876416 more than maxMemoryAllocationSize (2147483648)".
[[nodiscard]] std::string limit_text(const LimitHit& hit);
// "split it; more memory helps nothing".
[[nodiscard]] std::string_view limit_remedy(RefusalLimit limit);

}  // namespace vkmembench
