#pragma once

#include <cstdint>
#include <vector>

#include "allocator/base/bytes.h"

namespace vkmembench {

// Where a part of a resource lies in it and in its memory.
struct PartPlace {
  std::uint64_t at = 0;  // the offset of its pages, or its plane
  Bytes size = 0;
  Offset offset = 0;
};

// What of pages is left in front of others and behind them. Requires that they overlap.
[[nodiscard]] std::vector<PartPlace> pages_beside(const PartPlace& pages, const PartPlace& taken);

// Whether a trace can name the pages, of a buffer of that size or of an image.
[[nodiscard]] bool are_whole_pages(const PartPlace& pages, bool image, Bytes buffer_size);

}  // namespace vkmembench
