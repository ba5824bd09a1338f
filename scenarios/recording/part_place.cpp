#include "scenarios/recording/part_place.h"

#include <limits>

#include "scenarios/trace/event.h"

namespace vkmembench {

std::vector<PartPlace> pages_beside(const PartPlace& pages, const PartPlace& taken) {
  std::vector<PartPlace> rests;
  const Offset end = pages.at + pages.size;
  const Offset taken_end = taken.at + taken.size;
  if (pages.at < taken.at) rests.push_back({pages.at, taken.at - pages.at, pages.offset});
  if (taken_end < end) rests.push_back({taken_end, end - taken_end, pages.offset + (taken_end - pages.at)});
  return rests;
}

bool are_whole_pages(const PartPlace& pages, bool image, Bytes buffer_size) {
  const bool is_last = !image && pages.at + pages.size == buffer_size;
  return pages.size != 0 && is_aligned(pages.at, kSparsePage) && (is_last || is_aligned(pages.size, kSparsePage)) &&
         pages.at / kSparsePage <= std::numeric_limits<std::uint32_t>::max();
}

}  // namespace vkmembench
