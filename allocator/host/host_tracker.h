#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/bytes.h"
#include "allocator/base/origin.h"
#include "allocator/host/category_tree.h"
#include "allocator/host/host_counters.h"
#include "allocator/host/host_header.h"
#include "allocator/host/host_snapshot.h"
#include "allocator/host/live_set.h"

namespace vkmembench {

struct HostTrackerOptions {
  bool checked = false;                 // remember every live pointer
  Bytes large_bytes = ~Bytes{0};        // from here on an allocation counts as large and its place is not looked up
  std::uint32_t max_categories = 1024;  // with three of the tracker's own
  std::uint32_t max_places = 4096;
};

// CPU memory by category (`Renderer::Textures::Diffuse`) and place in the source. Memory comes from malloc(); in front
// of it are 16 bytes of metadata, or the alignment where that is more. Beyond the limits of the options categories
// count as "(other)" and places as their category; nothing is lost.
//
// What leaks is known from the counts of each place, so that no list of live allocations is kept. Freeing what is not
// live is found by the header's seal, as good as always; in checked mode always, and every live pointer can be listed.
//
// Safe from any thread, and memory may be freed by another thread than the one that asked. The tracker's own memory
// comes from elsewhere and is not counted. It must outlive what it gave; it frees nothing by itself.
class HostTracker {
 public:
  // Throws Error on limits that CategoryTree refuses.
  explicit HostTracker(const HostTrackerOptions& options = {});
  HostTracker(const HostTracker&) = delete;
  HostTracker& operator=(const HostTracker&) = delete;

  // The category of a path, which is copied. Takes a lock: to be asked once, not for each allocation. Throws Error on
  // an empty name and on more than CategoryTree::kMaxDepth names.
  [[nodiscard]] Category category(std::string_view path) { return tree_.category(path); }
  [[nodiscard]] std::string path(Category category) const { return tree_.path(category); }
  [[nodiscard]] std::uint32_t max_categories() const { return tree_.max_categories(); }  // every Category::row is below
  [[nodiscard]] std::uint32_t category_count() const { return tree_.category_count(); }
  // The account of a place in a category, which each thread remembers for the places it used last. The file's name must
  // live as long as the tracker, as that of a literal does.
  [[nodiscard]] Account account(Category category, Origin origin = Origin::here()) noexcept;

  // nullptr when memory is exhausted. Throws Error when the alignment is not a power of two or the size beyond what can
  // be addressed. Memory of size 0 is an allocation like any other. Requires a category or account of this tracker.
  [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment, Account account);
  [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment, Category category,
                               Origin origin = Origin::here()) {
    return allocate(size, alignment, size < options_.large_bytes ? account(category, origin) : Account{category.row});
  }
  // Changes the size, keeping contents, alignment and account; the memory may move. nullptr when memory is exhausted,
  // and what was there stays. Throws Error on a size beyond what can be addressed. Requires
  // live memory of this tracker.
  [[nodiscard]] void* reallocate(void* pointer, std::size_t size);
  // Requires nullptr or live memory of this tracker.
  void free(void* pointer) noexcept;

  [[nodiscard]] HostSnapshot snapshot() const;

  // One allocation that is live.
  struct Live {
    const void* pointer = nullptr;
    Bytes size = 0;
    std::string category;
    std::string file;  // empty when no place is known
    std::uint16_t line = 0;
  };
  // All of them, in checked mode; empty otherwise.
  [[nodiscard]] std::vector<Live> live() const;

 private:
  // Puts the metadata in front of an allocation whose memory starts at `base`. nullptr when there is no memory to
  // remember it; `base` is the caller's still.
  void* start(void* base, std::size_t size, std::size_t alignment, std::uint32_t row);
  HostHeader& live_header(void* pointer) const;
  void* move(void* pointer, std::size_t size);
  void* resize(void* pointer, std::size_t size);

  const HostTrackerOptions options_;
  CategoryTree tree_;
  HostCounters counters_;
  const std::uint32_t salt_;       // of the headers' seals
  std::unique_ptr<LiveSet> live_;  // in checked mode
};

}  // namespace vkmembench
