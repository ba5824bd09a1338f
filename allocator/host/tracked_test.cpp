// What standard containers and owners make of a tracker.

#include <gmock/gmock.h>

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "allocator/host/tracked_allocator.h"
#include "allocator/host/tracked_memory.h"
#include "allocator/host/tracked_resource.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

class Tracked : public testing::Test {
 protected:
  ~Tracked() override { EXPECT_EQ(tracker_.snapshot().all().live_count(), 0u) << "everything goes back"; }
  [[nodiscard]] Bytes live(const char* category = "(all)") const {
    return tracker_.snapshot().counts(category).live_bytes();
  }
  HostTracker tracker_{{.checked = true}};
  Category category_ = tracker_.category("containers::one");
};

TEST_F(Tracked, ServesVectors) {
  using Vector = std::vector<int, TrackedAllocator<int>>;
  Vector vector(TrackedAllocator<int>(tracker_, category_));
  for (int i = 0; i < 1'000; ++i) vector.push_back(i);
  EXPECT_EQ(live("containers::one"), vector.capacity() * sizeof(int));
  EXPECT_THAT(tracker_.live().at(0).file, HasSubstr("tracked_test.cpp"));
  Vector copy = vector;
  EXPECT_EQ(copy.get_allocator(), vector.get_allocator());
  Vector moved = std::move(vector);
  EXPECT_EQ(moved, copy);
  moved.shrink_to_fit();
  EXPECT_EQ(live(), (moved.capacity() + copy.capacity()) * sizeof(int));
}

TEST_F(Tracked, ServesNodeContainersAndStrings) {
  using Text = std::basic_string<char, std::char_traits<char>, TrackedAllocator<char>>;
  const TrackedAllocator<char> allocator(tracker_, category_);
  std::map<int, Text, std::less<>, TrackedAllocator<std::pair<const int, Text>>> map(allocator);
  std::unordered_map<int, int, std::hash<int>, std::equal_to<>, TrackedAllocator<std::pair<const int, int>>> hashed(
      allocator);
  std::list<int, TrackedAllocator<int>> list(allocator);
  std::deque<int, TrackedAllocator<int>> deque(allocator);
  for (int i = 0; i < 100; ++i) {
    map.emplace(i, Text(100, 'x', allocator));
    hashed.emplace(i, i);
    list.push_back(i);
    deque.push_back(i);
  }
  EXPECT_GE(live("containers::one"), 100u * 100u);
  map.erase(5);
  list.remove(7);
  EXPECT_EQ(map.size(), 99u);
}

TEST_F(Tracked, MovesAcrossCategoriesOfOneTracker) {
  using Vector = std::vector<int, TrackedAllocator<int>>;
  Vector one(100, TrackedAllocator<int>(tracker_, category_));
  Vector other(10, TrackedAllocator<int>(tracker_, tracker_.category("other")));
  const int* data = one.data();
  swap(one, other);
  EXPECT_EQ(other.data(), data);
  one = std::move(other);
  EXPECT_EQ(one.data(), data) << "no copy";
  EXPECT_EQ(live("containers::one"), 100 * sizeof(int)) << "counted where it was asked for";
  HostTracker another;
  EXPECT_NE(TrackedAllocator<int>(another, Category{}), one.get_allocator());
}

TEST_F(Tracked, RefusesACountThatNoMemoryHolds) {
  TrackedAllocator<double> allocator(tracker_, category_);
  EXPECT_THROW((void)allocator.allocate(~std::size_t{0} / 4), std::bad_array_new_length);
  EXPECT_THROW((void)allocator.allocate(~std::size_t{0} / sizeof(double) / 2), std::bad_array_new_length);
}

struct alignas(128) Noisy {
  Noisy(int& gone, bool fails) : count(gone) {
    if (fails) throw std::runtime_error("no");
  }
  ~Noisy() { ++count; }
  int& count;
};

TEST_F(Tracked, OwnsAnObject) {
  int gone = 0;
  const Account account = tracker_.account(category_);
  {
    const TrackedResource<Noisy> object = make_tracked<Noisy>(tracker_, account, gone, false);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(object.get()) % 128, 0u);
    EXPECT_EQ(live("containers::one"), sizeof(Noisy));
    EXPECT_EQ(gone, 0);
  }
  EXPECT_EQ(gone, 1);
  EXPECT_THROW((void)make_tracked<Noisy>(tracker_, account, gone, true), std::runtime_error);
  EXPECT_EQ(gone, 1) << "what was never made is not destroyed";
}

TEST_F(Tracked, ServesPolymorphicAllocators) {
  TrackedMemory memory(tracker_, category_);
  TrackedMemory same(tracker_, tracker_.category("other"));
  HostTracker another;
  TrackedMemory different(another, Category{});
  std::pmr::vector<std::pmr::string> texts(&memory);
  texts.emplace_back(200, 'x');
  EXPECT_GE(live("containers::one"), 200u);
  EXPECT_TRUE(memory.is_equal(same));
  EXPECT_FALSE(memory.is_equal(different));
  EXPECT_FALSE(memory.is_equal(*std::pmr::new_delete_resource()));
}

TEST_F(Tracked, FreesAPoolAllAtOnce) {
  HostPool pool(tracker_, category_, 1'024);
  for (int i = 1; i <= 1'000; ++i) {
    auto* bytes = static_cast<unsigned char*>(pool.allocate(static_cast<std::size_t>(i), 1));
    bytes[0] = bytes[i - 1] = 1;
  }
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pool.allocate(3, 64)) % 64, 0u);
  EXPECT_GE(live("containers::one"), 500'500u);
  EXPECT_LE(tracker_.snapshot().counts("containers::one").allocated_count, 20u) << "few chunks";
  pool.free_all();
  EXPECT_EQ(live(), 0u);
  std::pmr::vector<int> numbers(100, &pool.resource());
  EXPECT_GE(live("containers::one"), 100 * sizeof(int));
}

}  // namespace
}  // namespace vkmembench
