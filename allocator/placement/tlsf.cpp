#include "allocator/placement/tlsf.h"

#include <algorithm>
#include <bit>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

// How far a search looks: ranges of one bin, and bins where alignment may hide a fit before the search moves to sizes
// at which every range fits.
struct Reach {
  unsigned ranges;
  unsigned bins;
};
constexpr Reach kShort[] = {{1, 2}, {3, 3}, {64, 8}};
constexpr Reach kThorough = {256, 64};

bool fits(const Range& range, Bytes size, Bytes alignment) {
  return align_up(range.offset, alignment) + size <= range.end();
}

}  // namespace

Tlsf::Tlsf(Fit fit, std::pmr::memory_resource& memory)
    : store_(memory), fit_(fit), memory_(memory), open_(make_pmr<Bins>(memory)) {}

unsigned Tlsf::bin_of(Bytes size) {
  if (size < (Bytes{1} << kLinearBits)) return static_cast<unsigned>(size >> kLinearShift);
  const auto log2 = static_cast<unsigned>(std::bit_width(size)) - 1;
  const auto column = static_cast<unsigned>(size >> (log2 - kColumnBits)) & (kColumns - 1);
  return (log2 - kLinearBits + 1) * kColumns + column;
}

Tlsf::Bins* Tlsf::bins_of(RegionAccess access) const {
  if (access == RegionAccess::open) [[likely]]
    return open_.get();
  return access == RegionAccess::reserve ? reserve_.get() : nullptr;
}

unsigned Tlsf::Bins::next(unsigned from) const {
  if (from >= kBins) return kBins;
  unsigned row = from / kColumns;
  const std::uint32_t columns = column_bits[row] & (~0u << (from % kColumns));
  if (columns != 0) return row * kColumns + static_cast<unsigned>(std::countr_zero(columns));
  const std::uint64_t rows = row + 1 < 64 ? row_bits & (~std::uint64_t{0} << (row + 1)) : 0;
  if (rows == 0) return kBins;
  row = static_cast<unsigned>(std::countr_zero(rows));
  return row * kColumns + static_cast<unsigned>(std::countr_zero(column_bits[row]));
}

void Tlsf::Bins::insert(Range* range) {
  const unsigned bin = bin_of(range->size);
  Range* head = heads[bin];
  if (head == nullptr) {
    range->previous = range->next = nullptr;
    heads[bin] = range;
    column_bits[bin / kColumns] |= 1u << (bin % kColumns);
    row_bits |= std::uint64_t{1} << (bin / kColumns);
  } else if (range->serial <= head->serial) {
    range->previous = nullptr;
    range->next = head;
    head->previous = range;
    heads[bin] = range;
  } else {  // behind a range of an older region, which is to be filled first
    range->previous = head;
    range->next = head->next;
    if (head->next != nullptr) head->next->previous = range;
    head->next = range;
  }
}

void Tlsf::Bins::unlink(Range* range) {
  if (range->next != nullptr) range->next->previous = range->previous;
  if (range->previous != nullptr) {
    range->previous->next = range->next;
    return;
  }
  const unsigned bin = bin_of(range->size);
  heads[bin] = range->next;
  if (range->next == nullptr) {
    column_bits[bin / kColumns] &= ~(1u << (bin % kColumns));
    if (column_bits[bin / kColumns] == 0) row_bits &= ~(std::uint64_t{1} << (bin / kColumns));
  }
}

Bytes Tlsf::Bins::largest() const {
  if (row_bits == 0) return 0;
  const auto row = static_cast<unsigned>(std::bit_width(row_bits)) - 1;
  const auto column = static_cast<unsigned>(std::bit_width(column_bits[row])) - 1;
  Bytes largest = 0;
  unsigned limit = kThorough.ranges;
  for (const Range* range = heads[row * kColumns + column]; range != nullptr && limit-- > 0; range = range->next)
    largest = std::max(largest, range->size);
  return largest;
}

void Tlsf::insert(Range* range) {
  range->state = RangeState::free;
  range->listed = range->region->access;
  if (Bins* bins = bins_of(range->listed)) bins->insert(range);
}

void Tlsf::unlink(Range* range) {
  if (Bins* bins = bins_of(range->listed)) bins->unlink(range);
}

Range* Tlsf::scan(const Bins& bins, unsigned bin, Bytes size, Bytes alignment, unsigned limit) const {
  Range* best = nullptr;
  for (Range* range = bins.heads[bin]; range != nullptr && limit-- > 0; range = range->next) {
    if (!fits(*range, size, alignment)) continue;
    if (fit_ == Fit::first_fit) return range;
    const bool better =
        best == nullptr || range->size < best->size ||
        (range->size == best->size &&
         (range->serial < best->serial || (range->serial == best->serial && range->offset < best->offset)));
    if (better) best = range;
    if (fit_ == Fit::good_fit && best->size == size) break;
  }
  return best;
}

Range* Tlsf::find(const Bins& bins, Bytes size, Bytes alignment, bool thorough) const {
  const Reach reach = thorough ? kThorough : kShort[static_cast<unsigned>(fit_)];
  unsigned bin = bins.next(bin_of(size));
  for (unsigned tried = 0; bin < kBins && tried < reach.bins; ++tried) {
    if (Range* range = scan(bins, bin, size, alignment, reach.ranges)) return range;
    bin = bins.next(bin + 1);
  }
  // From here on the bins hold only ranges with room for the worst padding.
  bin = bins.next(bin_of(size + alignment - 1) + 1);
  return bin < kBins ? scan(bins, bin, size, alignment, reach.ranges) : nullptr;
}

Range* Tlsf::claim(Range* range, Bytes size, Bytes alignment) {
  const Offset start = align_up(range->offset, alignment);
  const Offset end = range->end();
  if (start > range->offset) {  // the padding stays free, in the node that is already linked by address
    Range* padding = range;
    range = store_.take();
    range->region = padding->region;
    range->serial = padding->serial;
    range->before = padding;
    range->after = padding->after;
    if (padding->after != nullptr) padding->after->before = range;
    padding->after = range;
    padding->size = start - padding->offset;
    insert(padding);
  }
  range->offset = start;
  range->size = size;
  range->state = RangeState::used;
  if (start + size < end) {
    Range* rest = store_.take();
    rest->offset = start + size;
    rest->size = end - rest->offset;
    rest->region = range->region;
    rest->serial = range->serial;
    rest->before = range;
    rest->after = range->after;
    if (range->after != nullptr) range->after->before = rest;
    range->after = rest;
    insert(rest);
  }
  range->region->used += size;
  ++range->region->used_count;
  return range;
}

// Claims the start of a free range that is in no bin and larger than that; `rest` stays what is behind it.
Range* Tlsf::split(Range* rest, Bytes size) {
  Range* range = store_.take();
  range->offset = rest->offset;
  range->size = size;
  range->region = rest->region;
  range->serial = rest->serial;
  range->state = RangeState::used;
  range->before = rest->before;
  range->after = rest;
  if (range->before != nullptr) range->before->after = range;
  rest->before = range;
  rest->offset += size;
  rest->size -= size;
  rest->region->used += size;
  ++rest->region->used_count;
  return range;
}

Range* Tlsf::Run::place(Bytes size, Bytes alignment) {
  placement_.store_.prepare(kMostSplits);
  if (rest_ != nullptr) {
    // Nothing tighter in a bin: place() would find the rest, were it in its own.
    if (rest_->size > size && is_aligned(rest_->offset, alignment) &&
        placement_.open_->next(bin_of(size)) >= bin_of(rest_->size))
      return placement_.split(rest_, size);
    put_back();
  }
  Range* range = placement_.place(size, alignment);
  if (range == nullptr || range->region->access != RegionAccess::open) return range;
  if (Range* rest = range->after; rest != nullptr && rest->state == RangeState::free && rest->size > size) {
    placement_.unlink(rest);
    rest_ = rest;
  }
  return range;
}

void Tlsf::Run::put_back() {
  if (rest_ != nullptr) placement_.insert(rest_);
  rest_ = nullptr;
}

void Tlsf::add(Region& region) {
  VKMEMBENCH_CHECK(bin_of(region.capacity) < kBins, "a region is below 16 TiB");
  store_.open(region);
}

void Tlsf::remove(Region& region) { store_.close(region); }

Range* Tlsf::place(Bytes size, Bytes alignment, bool thorough) {
  store_.prepare(kMostSplits);
  Range* range = find(*open_, size, alignment, thorough);
  if (range == nullptr && reserve_ != nullptr) range = find(*reserve_, size, alignment, thorough);
  if (range == nullptr) return nullptr;
  unlink(range);
  return claim(range, size, alignment);
}

Range* Tlsf::place_in_idle(Region& region, Bytes size) {
  VKMEMBENCH_CHECK(region.used_count == 0 && region.first != nullptr && size <= region.capacity,
                   "an idle region with room is needed");
  store_.prepare(kMostSplits);
  return claim(region.first, size, 1);
}

bool Tlsf::release(Range* range) {
  VKMEMBENCH_CHECK(range->state == RangeState::used, "a range is released once");
  __builtin_prefetch(range->after);  // both neighbours at once: with many live they are seldom in a cache
  __builtin_prefetch(range->before);
  Region& region = *range->region;
  region.used -= range->size;
  --region.used_count;
  if (Range* after = range->after; after != nullptr && after->state == RangeState::free) {
    unlink(after);
    range->size += after->size;
    range->after = after->after;
    if (after->after != nullptr) after->after->before = range;
    if (region.walked == after) region.walked = range;
    store_.give(after);
  }
  if (Range* before = range->before; before != nullptr && before->state == RangeState::free) {
    unlink(before);
    before->size += range->size;
    before->after = range->after;
    if (range->after != nullptr) range->after->before = before;
    if (region.walked == range) region.walked = before;
    store_.give(range);
    range = before;
  }
  if (region.used_count == 0) {
    range->state = RangeState::free;
    range->listed = RegionAccess::closed;
    region.walked = nullptr;
    return true;
  }
  insert(range);
  return false;
}

void Tlsf::set_access(Region& region, RegionAccess access) {
  begin_access(region, access);
  while (next_access(region) != nullptr) continue;
}

void Tlsf::begin_access(Region& region, RegionAccess access) {
  VKMEMBENCH_CHECK(region.first != nullptr, "only a region that was taken in has an access");
  if (access == RegionAccess::reserve && reserve_ == nullptr) reserve_ = make_pmr<Bins>(memory_);
  region.access = access;
  region.walked = region.used_count > 0 ? region.first : nullptr;
}

Range* Tlsf::next_access(Region& region) {
  Range* range = region.walked;
  if (range == nullptr) return nullptr;
  region.walked = range->after;
  if (range->state == RangeState::free && range->listed != region.access) {
    unlink(range);
    insert(range);
  }
  return range;
}

Range* Tlsf::place_below(std::uint32_t rank, Bytes size, Bytes alignment, Seen& seen, std::size_t& steps) {
  constexpr unsigned kEnough = 16;  // ranges of a bin that fit
  constexpr unsigned kMost = 1024;  // of a bin, and about as many at once
  store_.prepare(kMostSplits);
  unsigned looked = 0;
  if (seen.rank != rank || seen.size != size || seen.alignment != alignment)
    seen = {rank, size, alignment, bin_of(size)};
  for (unsigned& bin = seen.bin; (bin = open_->next(bin)) < kBins && looked < kMost; ++bin) {
    Range* best = nullptr;
    unsigned fitting = 0;
    unsigned limit = kMost;
    for (Range* range = open_->heads[bin]; range != nullptr && fitting < kEnough && limit-- > 0; range = range->next) {
      ++looked;
      ++steps;
      if (!fits(*range, size, alignment) || range->region->rank >= rank) continue;
      ++fitting;
      if (best == nullptr || range->size < best->size ||
          (range->size == best->size && range->region->rank < best->region->rank))
        best = range;
    }
    if (best == nullptr) continue;
    unlink(best);
    Range* range = claim(best, size, alignment);
    const Range* rest = range->after;  // in a lower bin now, perhaps
    if (rest != nullptr && rest->state == RangeState::free && rest->size >= size)
      bin = std::min(bin, bin_of(rest->size));
    return range;
  }
  return nullptr;
}

Range* Tlsf::place_after(const Range& used, Bytes size, Bytes alignment) {
  Range* range = used.after;
  if (range == nullptr || range->state != RangeState::free || !fits(*range, size, alignment)) return nullptr;
  store_.prepare(kMostSplits);
  unlink(range);
  return claim(range, size, alignment);
}

Bytes Tlsf::largest_free() const {
  return std::max(open_->largest(), reserve_ != nullptr ? reserve_->largest() : Bytes{0});
}

}  // namespace vkmembench
