#include "scenarios/recording/chronicle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/testing/temporary_folder_fixture.h"
#include "scenarios/generators/random.h"
#include "scenarios/trace/recorded_json.h"
#include "scenarios/trace/trace_reader.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A chronicle that is told calls, of one thread unless they say which, and the lines that come of them.
class ChronicleTest : public testing::Test {
 protected:
  static VkPhysicalDeviceMemoryProperties memory_types() {
    VkPhysicalDeviceMemoryProperties memory{};
    memory.memoryHeapCount = 1;
    memory.memoryTypeCount = 2;
    memory.memoryTypes[0] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0};
    memory.memoryTypes[1] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, 0};
    return memory;
  }

  void tell(CapturedCall call) { chronicle_.take(call); }
  void create(std::uint64_t handle, Bytes size, VkBufferCreateFlags flags = 0) {
    tell({.kind = CallKind::create,
          .number = flags,
          .object = handle,
          .other = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT,
          .size = size});
  }
  void create_image(std::uint64_t handle, VkImageUsageFlags usage, VkExtent3D extent = {16, 16, 1}) {
    auto details = std::make_unique<CallDetails>();
    details->shape.image = true;
    details->shape.usage = usage;
    details->shape.format = {VK_FORMAT_R8G8B8A8_UNORM};
    details->shape.extent = extent;
    tell({.kind = CallKind::create, .image = true, .object = handle, .more = std::move(details)});
  }
  void allocate(std::uint64_t memory, Bytes size, std::uint32_t type = 1) {
    tell({.kind = CallKind::allocate, .number = type, .other = memory, .size = size});
  }
  void bind(std::uint64_t handle, std::uint64_t memory, Offset offset, Bytes required, bool image = false) {
    tell({.kind = CallKind::bind,
          .image = image,
          .object = handle,
          .other = memory,
          .offset = offset,
          .size = required});
  }
  void destroy(std::uint64_t handle, bool image = false) {
    tell({.kind = CallKind::destroy, .image = image, .object = handle});
  }
  [[nodiscard]] std::string lines() {
    std::string text;
    chronicle_.lines().take(text);
    return text;
  }
  // The ops of the events that wait, and what they name first.
  [[nodiscard]] std::vector<std::string> events() {
    std::vector<std::string> events;
    std::string text = lines();
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      if (line.starts_with("{\"placements\"")) continue;
      const auto word = [&](std::string_view key) {
        const std::size_t begin = line.find(key);
        if (begin == std::string::npos) return std::string();
        const std::size_t from = begin + key.size();
        return line.substr(from, line.find_first_of(",}\"", from) - from);
      };
      events.push_back(word("\"op\":\"") + " " + word("\"id\":"));
    }
    return events;
  }
  [[nodiscard]] std::uint64_t left_out(std::string_view what) const {
    for (const LeftOut& row : chronicle_.left_out())
      if (row.what.starts_with(what)) return row.count;
    return 0;
  }

  Chronicle chronicle_{RecordSettings{}, memory_types()};
};

TEST_F(ChronicleTest, CreatesWhereMemoryIsKnown) {
  create(7, 100);
  create(8, 200);
  allocate(1, 4096);
  bind(8, 1, 1024, 256);
  bind(7, 1, 0, 128);
  auto name = std::make_unique<CallDetails>();
  name->text = "late \"name\" \xff";
  tell({.kind = CallKind::rename, .object = 8, .more = std::move(name)});
  destroy(7);
  destroy(8);
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr(R"({"op":"buffer","id":1,"size":200,)"));
  EXPECT_THAT(text, HasSubstr(R"("tag":"late \"name\" )"));
  EXPECT_THAT(text, HasSubstr(R"("placements":[[1,0,1024],[2,0,0]],"blocks":[[4096,1,1]]})"));
  EXPECT_EQ(left_out(""), 0u);
}

// Of a buffer, where a memory of 0 takes pages away.
void bind_pages(Chronicle& chronicle, std::uint64_t handle, Offset at, Bytes size, std::uint64_t memory,
                Offset offset = 0) {
  CapturedCall call{.kind = CallKind::bind_pages, .object = handle, .other = memory};
  call.more = std::make_unique<CallDetails>();
  call.more->pages = {at, size, VK_NULL_HANDLE, offset, 0};
  chronicle.take(call);
}
constexpr Bytes kPage = 64 * kKiB;

TEST_F(ChronicleTest, GivesPagesMemoryAndTakesItAway) {
  create(7, 3 * kPage + 1000, VK_BUFFER_CREATE_SPARSE_BINDING_BIT);
  allocate(1, 8 * kPage, 0);
  bind_pages(chronicle_, 7, 0, kPage, 0);  // of which there is nothing yet
  bind_pages(chronicle_, 7, 0, kPage, 1, 2 * kPage);
  bind_pages(chronicle_, 7, 3 * kPage, kPage, 1, 5 * kPage);  // more than the buffer has
  bind_pages(chronicle_, 7, 0, kPage, 0);
  bind_pages(chronicle_, 7, 0, kPage, 1);
  tell({.kind = CallKind::upload, .object = 7, .size = 100});
  destroy(7);
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr(R"("size":197608,)"));
  EXPECT_THAT(text, HasSubstr(R"({"op":"sparse_bind","id":2,"of":1,"offset":0,"size":65536}
{"op":"sparse_bind","id":3,"of":1,"offset":196608,"size":1000}
{"op":"free","id":2}
{"op":"sparse_bind","id":4,"of":1,"offset":0,"size":65536}
{"op":"touch","id":1}
{"op":"free","id":4}
{"op":"free","id":3}
{"op":"free","id":1}
)"));
  EXPECT_THAT(text, HasSubstr(R"("placements":[[2,0,131072],[3,0,327680],[5,0,0]])"));
  EXPECT_EQ(left_out(""), 0u);
}

TEST_F(ChronicleTest, KeepsThePagesThatABindDoesNotReach) {
  create(7, 8 * kPage, VK_BUFFER_CREATE_SPARSE_BINDING_BIT);
  allocate(1, 8 * kPage, 0);
  allocate(2, 8 * kPage, 0);
  bind_pages(chronicle_, 7, 0, 8 * kPage, 1);
  bind_pages(chronicle_, 7, 2 * kPage, 2 * kPage, 2);
  tell({.kind = CallKind::give_back, .other = 2});
  bind_pages(chronicle_, 7, kPage, 4 * kPage, 0);
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr(R"({"op":"free","id":2}
{"op":"sparse_bind","id":3,"of":1,"offset":0,"size":131072}
{"op":"sparse_bind","id":4,"of":1,"offset":262144,"size":262144}
{"op":"sparse_bind","id":5,"of":1,"offset":131072,"size":131072}
{"op":"free","id":5}
{"op":"free","id":3}
{"op":"free","id":4}
{"op":"sparse_bind","id":6,"of":1,"offset":0,"size":65536}
{"op":"sparse_bind","id":7,"of":1,"offset":327680,"size":196608}
)"));
  EXPECT_THAT(text, HasSubstr("[4,0,0],[5,0,262144],[6,1,0],[10,0,0],[11,0,327680]]"));
}

TEST_F(ChronicleTest, LeavesOutPagesThatATraceCannotName) {
  create(7, 8 * kPage, VK_BUFFER_CREATE_SPARSE_BINDING_BIT);
  allocate(1, 8 * kPage, 0);
  allocate(2, 8 * kPage, 1);
  bind_pages(chronicle_, 7, 4096, kPage, 1);
  bind_pages(chronicle_, 7, 0, 4096, 1);
  bind_pages(chronicle_, 7, 0, kPage, 2);
  bind_pages(chronicle_, 7, kPage, kPage, 2);
  bind_pages(chronicle_, 7, 2 * kPage, kPage, 2, kPage / 2);  // over both
  EXPECT_EQ(left_out("sparse binds that are no multiples of 64 KiB"), 2u);
  EXPECT_EQ(left_out("pages in memory of another type"), 3u);
  EXPECT_EQ(left_out("overlaps"), 2u);
}

// Pages that a random program binds, beside the simplest account of them: page by page.
class PagesAtRandom {
 public:
  using Place = std::pair<std::uint64_t, Offset>;  // memory, and where in it
  static constexpr std::uint64_t kPages = 12;

  PagesAtRandom(Chronicle& chronicle, std::uint64_t seed) : chronicle_(chronicle), random_(seed) {
    take({.kind = CallKind::create,
          .number = VK_BUFFER_CREATE_SPARSE_BINDING_BIT,
          .object = kBuffer,
          .other = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT,
          .size = kPages * kPage - 5000});
    for (int i = 0; i < 3; ++i) allocate();
  }
  void step() {
    const std::uint64_t what = random_.below(10);
    if (what == 0) return allocate();
    if (what == 1 && memories_.size() > 1) return give_back();
    const std::uint64_t first = random_.below(kPages);
    const std::uint64_t count = random_.between(1, kPages - first);
    const bool takes_away = random_.chance(0.3);
    const std::uint64_t memory = takes_away ? 0 : memories_[random_.below(memories_.size())];
    const Offset offset = next_offset_;
    next_offset_ += count * kPage;  // nothing lies over anything
    bind_pages(chronicle_, kBuffer, first * kPage, count * kPage, memory, offset);
    for (std::uint64_t i = 0; i < count; ++i) {
      pages_.erase(first + i);
      if (!takes_away) pages_[first + i] = {memory, offset + i * kPage};
    }
  }
  [[nodiscard]] std::map<std::uint64_t, Offset> bound() const {
    std::map<std::uint64_t, Offset> bound;
    for (const auto& [page, place] : pages_) bound[page] = place.second;
    return bound;
  }

 private:
  static constexpr std::uint64_t kBuffer = 7;
  void take(CapturedCall call) { chronicle_.take(call); }
  void allocate() {
    memories_.push_back(++last_memory_);
    take({.kind = CallKind::allocate, .number = 1, .other = last_memory_, .size = 1 << 30});
  }
  void give_back() {
    const std::uint64_t memory = memories_.front();
    memories_.erase(memories_.begin());
    take({.kind = CallKind::give_back, .other = memory});
    std::erase_if(pages_, [&](const auto& page) { return page.second.first == memory; });
  }

  Chronicle& chronicle_;
  Random random_;
  std::vector<std::uint64_t> memories_;
  std::uint64_t last_memory_ = 0;
  Offset next_offset_ = 0;
  std::map<std::uint64_t, Place> pages_;
};

// The pages that the trace leaves bound, and where they lie.
std::map<std::uint64_t, Offset> pages_left(const Trace& trace) {
  std::map<ObjectIndex, Offset> offsets;
  for (const RecordedPlacement& placement : trace.recorded.placements) offsets[placement.object] = placement.offset;
  std::map<std::uint64_t, Offset> left;
  for (const Event& event : trace.events) {
    if (event.op != Op::sparse_bind && event.op != Op::free) continue;
    const Event& made = trace.events[trace.objects[event.object].create_event];
    if (made.op != Op::sparse_bind) continue;
    for (Bytes at = 0; at < made.size(); at += kPage) {
      if (event.op == Op::free)
        left.erase((made.page_offset() + at) / kPage);
      else
        left[(made.page_offset() + at) / kPage] = offsets.at(event.object) + at;
    }
  }
  return left;
}

TEST_F(ChronicleTest, LeavesTheRightPagesBoundWhateverComes) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Chronicle chronicle{RecordSettings{}, memory_types()};
    PagesAtRandom program(chronicle, seed);
    for (std::uint64_t i = 0; i < 10 + seed % 40; ++i) program.step();
    Recorded recorded;
    recorded.recorder = "a test";
    std::string text = first_recorded_line(recorded);
    chronicle.lines().take(text);
    const TemporaryFolder folder;
    const Trace trace =
        read_trace(folder.write("t.jsonl", text + last_recorded_line({})), 0);  // throws for any overlap
    ASSERT_EQ(pages_left(trace), program.bound()) << seed;
  }
}

TEST_F(ChronicleTest, BindsPlanesOnce) {
  auto details = std::make_unique<CallDetails>();
  details->shape.image = true;
  details->shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  details->shape.flags = VK_IMAGE_CREATE_DISJOINT_BIT;
  details->shape.format = {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM};
  details->shape.extent = {64, 64, 1};
  tell({.kind = CallKind::create, .image = true, .object = 7, .more = std::move(details)});
  allocate(1, 2 * kPage, 0);
  const auto bind_plane = [&](std::uint32_t plane, Offset offset) {
    tell({.kind = CallKind::bind_plane,
          .image = true,
          .number = plane,
          .object = 7,
          .other = 1,
          .offset = offset,
          .size = 4096});
  };
  bind_plane(1, 0);
  bind_plane(0, kPage);
  bind_plane(0, 0);
  bind_plane(2, 0);
  tell({.kind = CallKind::give_back, .other = 1});
  allocate(2, 2 * kPage, 0);
  destroy(7, true);
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr(R"({"op":"bind_plane","id":2,"of":1,"plane":1}
{"op":"bind_plane","id":3,"of":1,"plane":0}
{"op":"free","id":2}
{"op":"free","id":3}
{"op":"free","id":1}
)"));
  EXPECT_THAT(text, HasSubstr(R"("placements":[[2,0,0],[3,0,65536]])"));
  EXPECT_EQ(left_out("planes of images"), 1u);
}

TEST_F(ChronicleTest, CountsWhatIsNeverBound) {
  create(7, 100);
  create(8, 100, VK_BUFFER_CREATE_SPARSE_BINDING_BIT);
  create(9, 100);
  destroy(7);
  EXPECT_THAT(events(), ElementsAre("frame "));
  EXPECT_EQ(left_out("resources that were never bound"), 3u);
}

TEST_F(ChronicleTest, FreesWithTheMemoryOrWithTheResource) {
  create(7, 100);
  create(8, 100);
  allocate(1, 4096);
  bind(7, 1, 0, 128);
  bind(8, 1, 128, 128);
  destroy(7);
  tell({.kind = CallKind::give_back, .other = 1});
  destroy(8);
  create(8, 100);  // the handle comes again
  allocate(1, 4096);
  bind(8, 1, 0, 128);
  EXPECT_THAT(events(), ElementsAre("frame ", "buffer 1", "buffer 2", "free 1", "free 2", "buffer 3"));
}

TEST_F(ChronicleTest, SharesMemoryWithWhatLiesThere) {
  create(7, 1000);
  create(8, 500);
  create(9, 200);
  allocate(1, 4096);
  bind(7, 1, 1024, 1024);
  bind(8, 1, 1280, 512);
  destroy(7);  // before what lies in it, and in what is in that
  bind(9, 1, 1536, 256);
  tell({.kind = CallKind::give_back, .other = 1});
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr(R"("id":2,"size":500,"alias_of":1,"alias_offset":256,)"));
  EXPECT_THAT(text, HasSubstr(R"("id":3,"size":200,"alias_of":2,"alias_offset":256,)"));
  EXPECT_THAT(text, HasSubstr(R"("freed":[[0,7]])"));
  EXPECT_EQ(left_out(""), 0u);
}

TEST_F(ChronicleTest, TellsHowManyBlocksThereHadBeenWhereOneIsFreedAfterOthersCame) {
  allocate(1, 4096);
  create(7, 100);
  bind(7, 1, 0, 128);
  tell({.kind = CallKind::give_back, .other = 1});  // before the next comes
  allocate(2, 8192);
  allocate(3, 1024);
  tell({.kind = CallKind::give_back, .other = 2});
  allocate(4, 2048);
  EXPECT_THAT(lines(), HasSubstr(R"("freed":[[0,3],[1,3,3]])"));
}

TEST_F(ChronicleTest, SharesAnewInTheFirstFrameThatIsAskedFor) {
  RecordSettings settings;
  settings.first_frame = 1;
  Chronicle late(settings, memory_types());
  std::swap(chronicle_, late);
  create(7, 1000);
  create(8, 500);
  create(9, 400);
  allocate(1, 4096);
  bind(7, 1, 0, 1024);
  bind(8, 1, 256, 512);
  bind(9, 1, 256, 512);
  destroy(7);
  EXPECT_TRUE(chronicle_.lines().empty());
  chronicle_.end_frame();
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr(R"("id":2,"size":500,"usage")"));
  EXPECT_THAT(text, HasSubstr(R"("id":3,"size":400,"alias_of":2,"usage")"));
}

TEST_F(ChronicleTest, GivesMemoryOfItsOwnToWhatIsLarger) {
  create(7, 500);
  create(8, 1000);
  allocate(1, 4096);
  bind(7, 1, 0, 512);
  bind(8, 1, 0, 1024);
  EXPECT_THAT(lines(), testing::Not(HasSubstr("alias_of")));
  EXPECT_EQ(left_out("overlaps"), 1u);
}

TEST_F(ChronicleTest, TellsWhatTheHostWrites) {
  create(7, 100);
  create(8, 100);
  allocate(1, 4096);
  bind(7, 1, 0, 128);
  bind(8, 1, 128, 128);
  tell({.kind = CallKind::flush, .other = 1, .offset = 64, .size = VK_WHOLE_SIZE});
  tell({.kind = CallKind::map, .other = 1, .offset = 0, .size = 128});
  tell({.kind = CallKind::unmap, .other = 1});
  tell({.kind = CallKind::map, .other = 1, .offset = 0, .size = VK_WHOLE_SIZE});
  tell({.kind = CallKind::unmap, .other = 1});
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr("{\"op\":\"write\",\"id\":1,\"offset\":64,\"size\":36}\n"
                              "{\"op\":\"write\",\"id\":2,\"offset\":0,\"size\":100}\n"
                              "{\"op\":\"write\",\"id\":1,\"offset\":0,\"size\":100}\n"));
  EXPECT_EQ(left_out("writes into mapped memory of several objects"), 1u);
}

TEST_F(ChronicleTest, WritesNothingIntoMemoryThatNoHostMaps) {
  create(7, 100);
  allocate(1, 4096, 0);
  bind(7, 1, 0, 128);
  tell({.kind = CallKind::flush, .other = 1, .offset = 0, .size = 128});
  EXPECT_THAT(events(), ElementsAre("frame ", "buffer 1"));
}

TEST_F(ChronicleTest, CopiesNoMoreThanThereIs) {
  create(7, 100);
  create(8, 50);
  create_image(9, VK_IMAGE_USAGE_SAMPLED_BIT);
  allocate(1, 8192);
  bind(7, 1, 0, 128);
  bind(8, 1, 128, 128);
  bind(9, 1, 4096, 1024, true);
  tell({.kind = CallKind::copy, .object = 7, .other = 8, .size = 80});
  tell({.kind = CallKind::copy, .object = 7, .other = 7, .size = 8});
  tell({.kind = CallKind::copy, .object = 7, .other = 99, .size = 8});
  tell({.kind = CallKind::upload, .image = true, .object = 9, .size = 10});
  tell({.kind = CallKind::upload, .image = true, .object = 9, .size = 100'000});
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr(R"({"op":"copy","from":1,"to":2,"size":50})"
                              "\n"
                              R"({"op":"upload","id":3,"size":40})"
                              "\n"
                              R"({"op":"upload","id":3,"size":1024})"));
}

// Of whole images, which the other end has room for; what else is copied is used.
TEST_F(ChronicleTest, CopiesWholeImages) {
  create(7, 1024);
  create(8, 1023);
  create_image(9, VK_IMAGE_USAGE_SAMPLED_BIT);
  create_image(10, VK_IMAGE_USAGE_STORAGE_BIT);
  create_image(11, VK_IMAGE_USAGE_STORAGE_BIT, {16, 32, 1});
  allocate(1, 16384);
  bind(7, 1, 0, 1024);
  bind(8, 1, 1024, 1024);
  bind(9, 1, 4096, 1024, true);
  bind(10, 1, 8192, 1024, true);
  bind(11, 1, 12288, 2048, true);
  const auto copied = [&](std::uint64_t to, bool is_image, Bytes texels) {
    tell({.kind = CallKind::copy_texels,
          .image = true,
          .number = is_image ? 1u : 0u,
          .object = 9,
          .other = to,
          .size = texels});
  };
  copied(7, false, 256);
  copied(10, true, 256);
  for (const auto& [to, is_image, texels] :
       {std::tuple(7u, false, 255u), {8u, false, 256u}, {10u, true, 255u}, {11u, true, 256u}, {99u, false, 256u}})
    copied(to, is_image, texels);
  EXPECT_THAT(lines(), HasSubstr(R"({"op":"copy","from":3,"to":1,"size":1024}
{"op":"copy","from":3,"to":4,"size":1024}
{"op":"touch","id":3}
{"op":"touch","id":1}
{"op":"touch","id":3}
{"op":"touch","id":2}
{"op":"touch","id":3}
{"op":"touch","id":4}
{"op":"touch","id":3}
{"op":"touch","id":5}
{"op":"touch","id":3})"));
}

// 64 x 32 bytes, and 32 x 16 pairs of them.
TEST_F(ChronicleTest, CountsWhatPlanesAreFilledWith) {
  auto details = std::make_unique<CallDetails>();
  details->shape.image = true;
  details->shape.format = {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM};
  details->shape.extent = {64, 32, 1};
  details->shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  tell({.kind = CallKind::create, .image = true, .object = 9, .more = std::move(details)});
  allocate(1, 8192);
  bind(9, 1, 0, 4096, true);
  tell({.kind = CallKind::upload, .image = true, .object = 9, .size = 64 * 32});
  tell({.kind = CallKind::upload, .image = true, .object = 9, .offset = 32 * 16, .size = 64 * 32});
  tell({.kind = CallKind::upload, .image = true, .object = 9, .offset = 32 * 16});
  create(7, 3072);
  bind(7, 1, 4096, 3072);
  for (const Bytes texels : {Bytes{64 * 32 + 32 * 16}, Bytes{64 * 32}})
    tell({.kind = CallKind::copy_texels, .image = true, .object = 9, .other = 7, .size = texels});
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr(R"({"op":"upload","id":1,"size":2048}
{"op":"upload","id":1,"size":3072}
{"op":"upload","id":1,"size":1024})"));
  EXPECT_THAT(text, HasSubstr(R"({"op":"copy","from":1,"to":2,"size":3072}
{"op":"touch","id":1}
{"op":"touch","id":2})"));
}

TEST_F(ChronicleTest, SaysWhatATraceCannot) {
  create_image(7, VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT | VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT);
  create_image(8, VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT | VK_IMAGE_USAGE_SAMPLED_BIT);
  create_image(9, VK_IMAGE_USAGE_SAMPLED_BIT, {1u << 21, 1, 1});
  allocate(1, 1 << 20);
  bind(7, 1, 0, 4096, true);
  bind(8, 1, 4096, 4096, true);
  bind(9, 1, 65536, 65536, true);
  destroy(9, true);
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr("\"memory\":\"transient\""));
  EXPECT_EQ(left_out("usage transient_attachment"), 1u);
  EXPECT_EQ(left_out("images that a trace cannot say: extent 2097152x1x1"), 1u);
  EXPECT_EQ(left_out("resources that were never bound"), 0u);
}

TEST_F(ChronicleTest, PutsThreadsThatAreTooManyOnOneLane) {
  allocate(1, 1 << 20);
  for (std::uint32_t thread = 0; thread < 300; ++thread) {
    create(thread + 1, 64);
    tell({.kind = CallKind::bind,
          .object = thread + 1,
          .other = 1,
          .offset = Offset{thread} * 64,
          .size = 64,
          .thread = thread});
  }
  const std::string text = lines();
  EXPECT_THAT(text, HasSubstr("\"lane\":255,\"id\":256,"));
  EXPECT_THAT(text, HasSubstr("{\"op\":\"buffer\",\"id\":257,"));
}

}  // namespace
}  // namespace vkmembench
