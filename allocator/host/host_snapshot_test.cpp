#include "allocator/host/host_snapshot.h"

#include <gmock/gmock.h>

#include "allocator/host/host_tracker.h"

namespace vkmembench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Property;
using testing::SizeIs;

TEST(HostSnapshot, TellsWhatChangedBetweenTwo) {
  HostTracker tracker;
  const Category a = tracker.category("a");
  const Category b = tracker.category("a::b");
  void* early = tracker.allocate(100, 16, a, {"x.cpp", 1});
  const HostSnapshot before = tracker.snapshot();
  EXPECT_THAT(difference(before, tracker.snapshot()).categories, IsEmpty());
  void* late = tracker.allocate(30, 16, b, {"x.cpp", 2});
  tracker.free(early);
  tracker.free(tracker.allocate(7, 16, tracker.category("c"), {"y.cpp", 3}));
  const HostDifference changed = difference(before, tracker.snapshot());
  const auto change = [](const char* category, std::int64_t bytes, std::int64_t count) {
    return AllOf(Field(&HostChange::category, category), Property(&HostChange::live_bytes, bytes),
                 Property(&HostChange::live_count, count));
  };
  EXPECT_THAT(changed.categories,
              ElementsAre(change("(all)", -70, 0), change("a", -70, 0), change("a::b", 30, 1), change("c", 0, 0)));
  EXPECT_THAT(changed.places, ElementsAre(change("a", -100, -1), change("a::b", 30, 1), change("c", 0, 0)));
  EXPECT_EQ(changed.places[0].line, 1);
  EXPECT_EQ(changed.categories[3].allocated_bytes, 7u);
  tracker.free(late);
}

TEST(HostSnapshot, ListsWhatIsLiveWithTheMostBytesFirst) {
  HostTracker tracker;
  void* few = tracker.allocate(1, 16, tracker.category("few"), {"x.cpp", 1});
  void* many = tracker.allocate(1'000, 16, tracker.category("many"), {"x.cpp", 2});
  void* none = tracker.allocate(0, 16, tracker.category("none"), {"x.cpp", 3});
  EXPECT_THAT(live_places(tracker.snapshot()),
              ElementsAre(Field(&HostPlaceRow::category, "many"), Field(&HostPlaceRow::category, "few"),
                          Field(&HostPlaceRow::category, "none")));
  for (void* pointer : {few, many, none}) tracker.free(pointer);
  EXPECT_THAT(live_places(tracker.snapshot()), IsEmpty());
  EXPECT_THAT(tracker.snapshot().places, SizeIs(3)) << "they were used";
}

TEST(HostSnapshot, PrintsATableOfWhatWasUsed) {
  HostTracker tracker;
  (void)tracker.category("never");
  void* pointer = tracker.allocate(123, 16, tracker.category("Renderer::Meshes"));
  EXPECT_THAT(to_table(tracker.snapshot()),
              AllOf(HasSubstr("category"), HasSubstr("Renderer::Meshes"), HasSubstr("123"), Not(HasSubstr("never"))));
  tracker.free(pointer);
}

}  // namespace
}  // namespace vkmembench
