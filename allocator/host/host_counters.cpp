#include "allocator/host/host_counters.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "allocator/base/os/thread_object.h"

namespace vkmembench {

void HostCounts::add(const HostCounts& other) {
  allocated_count += other.allocated_count;
  freed_count += other.freed_count;
  allocated_bytes += other.allocated_bytes;
  freed_bytes += other.freed_bytes;
}

// The shards of one HostCounters, and which of them no thread owns.
class HostCounters::Shards {
 public:
  explicit Shards(std::uint32_t rows) : rows_(rows), common_(rows) {}

  // Throws std::bad_alloc.
  HostShard* claim() {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      HostShard* shard = idle_.back();
      idle_.pop_back();
      return shard;
    }
    idle_.reserve(all_.size() + 1);  // so that give_back() cannot fail
    all_.push_back(std::make_unique<HostShard>(rows_));
    return all_.back().get();
  }
  void give_back(HostShard* shard) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(shard);
  }

  // For threads without a shard: those that end, and those for which there was no memory.
  template <class Write>
  void write_common(const Write& write) {
    const std::lock_guard lock(mutex_);
    write(common_);
  }
  // Calls `read` with a visitor of all shards, which stay the same meanwhile.
  template <class Read>
  void read(const Read& read) {
    const std::lock_guard lock(mutex_);
    read([this](const auto& visit) {
      visit(std::as_const(common_));
      for (const auto& shard : all_) visit(std::as_const(*shard));
    });
  }

 private:
  const std::uint32_t rows_;
  std::mutex mutex_;
  HostShard common_;
  std::vector<std::unique_ptr<HostShard>> all_;
  std::vector<HostShard*> idle_;
};

namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

// The shards that the thread owns, given back when it ends.
template <class Shards>
struct OwnShards {
  struct Own {
    std::uint64_t serial;
    std::weak_ptr<Shards> shards;
    HostShard* shard;
  };
  std::vector<Own> all;

  OwnShards() = default;
  OwnShards(const OwnShards&) = delete;
  OwnShards& operator=(const OwnShards&) = delete;
  ~OwnShards() {
    t_last_shard = {.serial = 0, .shard = nullptr, .ended = true};
    for (const Own& own : all)
      if (const auto shards = own.shards.lock()) shards->give_back(own.shard);
  }
};

}  // namespace

HostCounters::HostCounters(const CategoryTree& tree)
    : tree_(tree),
      serial_(next_serial()),
      peaks_(std::make_unique<Peak[]>(tree.capacity())),
      shards_(std::make_shared<Shards>(tree.capacity())) {}

HostCounters::~HostCounters() = default;

HostShard* HostCounters::find_mine() const noexcept {
  if (t_last_shard.ended) return nullptr;
  try {
    auto& own = thread_object<OwnShards<Shards>>();
    auto found = std::ranges::find(own.all, serial_, &OwnShards<Shards>::Own::serial);
    if (found == own.all.end()) {
      std::erase_if(own.all, [](const auto& one) { return one.shards.expired(); });
      own.all.reserve(own.all.size() + 1);
      found = own.all.insert(own.all.end(), {serial_, shards_, shards_->claim()});
    }
    t_last_shard.serial = serial_;
    t_last_shard.shard = found->shard;
    return found->shard;
  } catch (const std::exception&) {
    return nullptr;
  }
}

void HostCounters::allocate_on_common(std::uint32_t row, Bytes size) noexcept {
  shards_->write_common([&](HostShard& shard) { allocate_on(shard, row, size); });
}

void HostCounters::free_on_common(std::uint32_t row, Bytes size) noexcept {
  shards_->write_common([&](HostShard& shard) { free_on(shard, row, size); });
}

void HostCounters::pass_on(HostShard& shard, std::uint32_t row, std::int64_t live) noexcept {
  const std::int64_t change = live - shard.row(row).passed.get();
  shard.row(row).passed.set(live);
  for (;;) {
    CounterRow& around = shard.row(row);
    std::int64_t subtree = around.subtree.get() + change;
    std::int64_t high = std::max(around.subtree_high.get(), subtree);
    if (const std::int64_t grain = around.grain.get(); high >= grain || subtree <= -grain) {
      around.grain.set(settle(row, subtree, high));
      subtree = 0;
      high = 0;
    }
    around.subtree.set(subtree);
    around.subtree_high.set(high);
    const std::uint32_t parent = tree_.parent(row);
    if (parent == row) return;
    row = parent;
  }
}

std::int64_t HostCounters::Peak::raise(std::int64_t reached) noexcept {
  std::int64_t known = highest.load(std::memory_order_relaxed);
  while (reached > known && !highest.compare_exchange_weak(known, reached, std::memory_order_relaxed)) {
  }
  return std::max(known, reached);
}

std::int64_t HostCounters::settle(std::uint32_t row, std::int64_t change, std::int64_t high) noexcept {
  Peak& peak = peaks_[row];
  const std::int64_t before = peak.settled.fetch_add(change, std::memory_order_relaxed);
  return std::clamp(peak.raise(before + high) / kGrainsInPeak, kLeastGrain, kPeakGrain);
}

std::vector<HostCounts> HostCounters::read() const {
  std::vector<HostCounts> counts(tree_.capacity());
  std::vector<std::int64_t> live(tree_.capacity());    // of the subtree
  std::vector<std::int64_t> passed(tree_.capacity());  // the same, as the peaks know it
  std::vector<std::uint32_t> rows;
  shards_->read([&](const auto& for_each_shard) {
    tree_.for_each_row([&](std::uint32_t row) { rows.push_back(row); });
    const auto for_each_row = [&](const auto& visit) {
      for_each_shard([&](const HostShard& shard) {
        for (const std::uint32_t row : rows) visit(shard.row(row), row);
      });
    };
    for_each_row([&](const CounterRow& row, std::uint32_t number) {
      counts[number].freed_count += row.freed_count.get(std::memory_order_acquire);
      counts[number].freed_bytes += row.freed_bytes.get(std::memory_order_acquire);
    });
    for_each_row([&](const CounterRow& row, std::uint32_t number) {
      HostCounts& out = counts[number];
      out.allocated_count += row.allocated_count.get();
      out.allocated_bytes += row.allocated_bytes.get();
      passed[number] += row.subtree.get();
      const std::int64_t reached = peaks_[number].settled.load(std::memory_order_relaxed) + row.subtree_high.get();
      out.peak_bytes = std::max(out.peak_bytes, static_cast<Bytes>(std::max<std::int64_t>(reached, 0)));
    });
  });
  // What a row lies in has a lower number. While threads run, what was allocated is read later than what was freed, so
  // that live may be too much by all that was freed meanwhile; what the peaks know is off by the grains at most.
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    Peak& peak = peaks_[*row];
    live[*row] += static_cast<std::int64_t>(counts[*row].live_bytes());
    passed[*row] += peak.settled.load(std::memory_order_relaxed);
    const auto highest = static_cast<Bytes>(peak.raise(std::min(live[*row], passed[*row])));
    counts[*row].peak_bytes = std::max(counts[*row].peak_bytes, highest);
    if (const std::uint32_t parent = tree_.parent(*row); parent != *row) live[parent] += live[*row];
  }
  return counts;
}

}  // namespace vkmembench
