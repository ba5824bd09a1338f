#include "scenarios/trace/trace_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <type_traits>

#include "allocator/base/error.h"
#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/event_fields.h"
#include "scenarios/trace/shape_rules.h"
#include "scenarios/trace/trace_hash.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

Shape buffer_shape(MemoryUse memory = MemoryUse::upload) {
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  shape.memory = memory;
  return shape;
}
Shape image_shape() {
  Shape shape;
  shape.image = true;
  shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
  shape.format = {VK_FORMAT_BC7_UNORM_BLOCK};
  shape.extent = {100, 50, 1};
  return shape;
}

TEST(TraceBuilder, KeepsTextsAsTheyAreWritten) {
  TraceBuilder builder(0);
  const std::uint32_t broken = builder.string(
      "a\xff"
      "b");
  EXPECT_EQ(builder.trace().strings[broken],
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(builder.string("a\xff"
                           "b"),
            broken);
  EXPECT_EQ(builder.string("a\xef\xbf\xbd"
                           "b"),
            broken);
  EXPECT_EQ(builder.trace().strings[builder.string("gr\xc3\xbcn")], "gr\xc3\xbcn");
}

TEST(TraceBuilder, EqualShapesAndTextsShareAnIndex) {
  TraceBuilder out(2);
  EXPECT_EQ(out.string(""), 0u);
  EXPECT_EQ(out.string("a"), out.string("a"));
  EXPECT_NE(out.string("a"), out.string("b"));
  const std::uint32_t buffer = out.shape(buffer_shape());
  Shape same = buffer_shape();
  same.mips = 7;  // says nothing of a buffer
  same.format = {VK_FORMAT_R8_UNORM};
  EXPECT_EQ(out.shape(same), buffer);
  EXPECT_NE(out.shape(buffer_shape(MemoryUse::device)), buffer);
  EXPECT_NE(out.shape(image_shape()), buffer);
  EXPECT_EQ(out.trace().shapes.size(), 3u);
}

TEST(TraceBuilder, EndsAtItsLimits) {
  TraceBuilder some(0, {.events = 3});
  for (int i = 0; i < 3; ++i) some.frame();
  EXPECT_THAT(error_of([&] { some.frame(); }), HasSubstr("more than 3 events or objects"));
  TraceBuilder batch(0, {.events = 3});
  const std::vector<std::uint64_t> ids = {1, 2, 3, 4};
  const std::vector<Bytes> sizes(4, 100);
  EXPECT_THAT(error_of([&] { static_cast<void>(batch.batch(ids, sizes, batch.shape(buffer_shape()))); }),
              HasSubstr("more than 3 events or objects"));
}

TEST(TraceBuilder, KeepsTheBooks) {
  TraceBuilder out(0);
  const std::uint32_t buffer = out.shape(buffer_shape());
  const ObjectIndex a = out.buffer(1, 100, buffer);
  const ObjectIndex alias = out.buffer(2, 100, buffer, a);
  const ObjectIndex image = out.image(3, out.shape(image_shape()));
  static_cast<void>(out.host_alloc(4, 1000, "A"));
  EXPECT_EQ(out.size_of(image), 25u * 13 * 16);
  EXPECT_EQ(out.live_bytes(), 100u + 25 * 13 * 16);
  out.free(alias);
  EXPECT_EQ(out.live_bytes(), 100u + 25 * 13 * 16);
  out.resize(a, 300);
  out.free(image);
  EXPECT_EQ(out.live_bytes(), 300u);
  EXPECT_EQ(out.size_of(a), 300u);
  EXPECT_TRUE(out.is_live(a));
  EXPECT_FALSE(out.is_live(image));
  out.frame();
  out.frame();
  EXPECT_EQ(out.frame_count(), 2u);
  out.lane(3);
  out.touch(a);
  const Trace trace = out.finish();
  EXPECT_EQ(trace.lane_count, 4u);
  EXPECT_EQ(trace.frame_count, 2u);
  EXPECT_EQ(trace.objects[a].size, 100u) << "the size of the create event";
  std::vector<std::uint64_t> frames;
  for (const Event& event : trace.events) {
    if (event.op == Op::frame) frames.push_back(event.frame());
  }
  EXPECT_THAT(frames, testing::ElementsAre(0, 1));
}

TEST(TraceBuilder, CountsTheLanesThatAreUsed) {
  TraceBuilder out(1);
  for (const unsigned lane : {9u, 65535u, 3u, 9u}) {
    out.lane(static_cast<std::uint16_t>(lane));
    out.barrier();
  }
  EXPECT_THAT(out.finish().lanes, testing::ElementsAre(0, 3, 9, 65535));
}

TEST(TraceBuilder, BoundsTheLanesThatAreUsed) {
  TraceBuilder out(1);
  for (std::size_t i = 0; i < kMaxTraceLanes; ++i) {
    out.lane(static_cast<std::uint16_t>(i * 7));
    out.barrier();
  }
  EXPECT_EQ(error_of([&] { out.lane(1); }),
            "lane 1 is one more than the 256 lanes that a trace may use; put its events on another");
  out.lane(14);
  out.barrier();
  EXPECT_EQ(out.finish().lanes.size(), kMaxTraceLanes);
}

TEST(TraceBuilder, ResizesNothingWhileAnAliasIsInFlight) {
  TraceBuilder out(2);
  const std::uint32_t shape = out.shape(buffer_shape());
  out.frame();
  const ObjectIndex owner = out.buffer(1, 64, shape);
  out.free(out.buffer(2, 64, shape, owner));
  for (int left = 2; left > 0; --left) {
    EXPECT_THROW(out.resize(owner, 128), Error) << left;
    out.frame();
  }
  out.resize(owner, 128);
}

TEST(TraceBuilder, AliasesAreInTheMemoryOfTheirOwnerWhateverTheyName) {
  TraceBuilder out(0);
  const std::uint32_t shape = out.shape(buffer_shape());
  const ObjectIndex owner = out.buffer(1, 1000, shape);
  const ObjectIndex first = out.buffer(2, 400, shape, {owner, 100});
  const ObjectIndex second = out.buffer(3, 500, shape, {first, 400});  // beyond the first, within the owner
  EXPECT_EQ(out.place_of(second).object, owner);
  EXPECT_EQ(out.place_of(second).offset, 500u);
  EXPECT_THAT(error_of([&] { out.buffer(4, 500, shape, {first, 401}); }), HasSubstr("memory of 1000 bytes"));
  EXPECT_FALSE(out.may_resize(owner));
  out.free(owner);
  out.free(first);
  EXPECT_EQ(out.live_bytes(), 1000u);                           // of the second
  const ObjectIndex third = out.buffer(1, 200, shape, second);  // by the id of the owner
  out.free(second);
  EXPECT_EQ(out.live_bytes(), 1000u);
  EXPECT_THAT(error_of([&] { out.resize(third, 10); }), HasSubstr("resize of an alias"));
  out.free(third);
  EXPECT_EQ(out.live_bytes(), 0u);
  const Trace trace = out.finish();
  EXPECT_EQ(trace.owner_of(third), owner);
  EXPECT_EQ(trace.alias_offset(trace.events[trace.objects[second].create_event]), 400u);
}

TEST(TraceBuilder, ImagesAreMeasuredOverMipsLayersAndSamples) {
  Shape shape = image_shape();
  shape.mips = 7;
  shape.layers = 3;
  // 100x50, 50x25, 25x12, 12x6, 6x3, 3x1, 1x1 in blocks of 4x4.
  EXPECT_EQ(packed_image_bytes(shape), 3u * 16 * (25 * 13 + 13 * 7 + 7 * 3 + 3 * 2 + 2 * 1 + 1 + 1));
  shape = image_shape();
  shape.format = {VK_FORMAT_D32_SFLOAT};
  shape.usage = VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
  shape.samples = VK_SAMPLE_COUNT_8_BIT;
  EXPECT_EQ(packed_image_bytes(shape), 100u * 50 * 4 * 8);
}

TEST(TraceBuilder, RefusesWhatNoTraceMayHold) {
  EXPECT_THAT(error_of([] { TraceBuilder(17); }), HasSubstr("frames_in_flight 17 is above 16"));
  EXPECT_THAT(error_of([] { static_cast<void>(TraceBuilder(0).finish()); }), HasSubstr("the trace has no events"));
  EXPECT_THAT(error_of([] {
                TraceBuilder out(0);
                const std::uint32_t buffer = out.shape(buffer_shape());
                for (std::uint64_t id = 0; id < 20; ++id) out.buffer(id, kMaxObjectBytes, buffer);
              }),
              HasSubstr("would exceed 2^64 bytes"));
  EXPECT_THAT(error_of([] {
                Shape shape = image_shape();
                shape.format = {static_cast<VkFormat>(1000999000)};
                TraceBuilder(0).shape(shape);
              }),
              HasSubstr("format 1000999000 is unknown"));
  EXPECT_THAT(error_of([] {
                Shape shape = buffer_shape();
                shape.priority = 2;
                TraceBuilder(0).shape(shape);
              }),
              HasSubstr("priority is not from 0 to 1"));
  EXPECT_THAT(error_of([] {
                TraceBuilder out(0);
                const ObjectIndex buffer = out.buffer(7, 1, out.shape(buffer_shape()));
                out.free(buffer);
                out.touch(buffer);
              }),
              HasSubstr("object 7: touch after its free"));
  EXPECT_THAT(error_of([] {
                TraceBuilder out(0);
                const ObjectIndex buffer = out.buffer(7, 1, out.shape(buffer_shape()));
                out.bind(buffer);
                out.bind(buffer);
              }),
              HasSubstr("bind of what is bound already"));
}

using TraceBuilderDeathTest = testing::Test;
TEST(TraceBuilderDeathTest, AbortsWhenACallerBreaksItsPromise) {
  TraceBuilder out(0);
  const std::uint32_t buffer = out.shape(buffer_shape());
  EXPECT_DEATH(out.free(5), "an object that the builder did not give");
  EXPECT_DEATH(out.image(1, buffer), "an image needs an image's shape");
  EXPECT_DEATH(out.buffer(1, 1, 99), "a buffer needs a buffer's shape");
  const std::uint64_t id = 1;
  EXPECT_DEATH(out.batch(std::span(&id, 1), {}, buffer), "a batch has an id for each size");
}

// One small trace that holds every op; `change` touches one thing of it.
Trace small_trace(const std::function<void(Trace&)>& change = {}) {
  TraceBuilder out(2);
  out.frame();
  Shape shape = buffer_shape();
  shape.kind = out.string("storage");
  shape.tag = out.string("mesh");
  const std::uint32_t buffer = out.shape(shape);
  const ObjectIndex a = out.buffer(10, 4096, buffer);
  out.image(11, out.shape(image_shape()));
  const std::uint64_t ids[] = {12, 13};
  const Bytes sizes[] = {64, 128};
  const ObjectIndex b = out.batch(ids, sizes, buffer);
  out.lane(1);
  out.write(a, 16, 100);
  out.copy(a, b, 64);
  out.defragment({.select = DefragmentSelect::rules});
  out.budget({.heap = "device", .is_ratio = true, .ratio = 0.5});
  out.host_free(out.host_alloc(14, 77, "A::B"));
  out.snapshot("peak");
  out.free(b);
  Trace trace = out.finish();
  if (change) change(trace);
  trace.hash = hash_trace(trace);
  return trace;
}

TEST(TraceHash, IsTheSameEverywhereAndAlways) { EXPECT_EQ(small_trace().hash, 9685418791726287502u); }

// Another value than the default and than that of buffer_shape() and image_shape(), for each kind of member.
template <typename Member>
void change(Member& value) {
  if constexpr (std::is_same_v<Member, bool>)
    value = !value;
  else if constexpr (std::is_same_v<Member, VkExtent3D>)
    ++value.depth;
  else if constexpr (std::is_same_v<Member, std::vector<VkFormat>>)
    value.push_back(VK_FORMAT_BC7_SRGB_BLOCK);
  else if constexpr (std::is_same_v<Member, MemoryChoice>)
    value.required |= VK_MEMORY_PROPERTY_HOST_CACHED_BIT, value.use = MemoryUse::custom;
  else if constexpr (std::is_same_v<Member, RefusalSteps>)
    value.add(RefusalStep::halve);
  else
    value = static_cast<Member>(static_cast<std::uint64_t>(value) + 1);
}

TEST(Shape, EveryFieldIsHashedAndCompared) {
  visit_shape_fields([](auto field) {
    const std::string_view key = field_infos()[static_cast<std::size_t>(field.kField)].key;
    for (const bool image : {false, true}) {
      const auto edit = [&](Trace& trace) { change(field.of(trace.shapes[image ? 1 : 0])); };
      Shape shape = image ? image_shape() : buffer_shape();
      const Shape other = shape;
      change(field.of(shape));
      EXPECT_NE(small_trace(edit).hash, small_trace().hash) << key;
      EXPECT_EQ(same_shape(shape, other), !field.is_of(image)) << key;
      EXPECT_EQ(interning_hash(shape) == interning_hash(other), !field.is_of(image)) << key;
      EXPECT_TRUE(same_shape(normal_form(shape), shape)) << key;
    }
  });
}

TEST(TraceHash, DependsOnEverythingAStrategyCanNotice) {
  const std::function<void(Trace&)> changes[] = {
      [](Trace& t) { ++t.frames_in_flight; },
      [](Trace& t) { t.measure_from_frame = 1; },
      [](Trace& t) { t.events.pop_back(); },
      [](Trace& t) { t.events[0].op = Op::barrier; },
      [](Trace& t) { t.events[1].lane = 9; },
      [](Trace& t) { t.events[1].set_alias(0); },
      [](Trace& t) { ++t.objects[0].id; },
      [](Trace& t) { ++t.objects[0].size; },
      [](Trace& t) { ++t.objects[2].id; },
      [](Trace& t) { ++t.objects[3].size; },
      [](Trace& t) { t.shapes[0].memory = MemoryUse::device; },
      [](Trace& t) { t.shapes[0].evictable = true; },
      [](Trace& t) { t.shapes[0].usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT; },
      [](Trace& t) { t.shapes[0].alignment = 64; },
      [](Trace& t) { t.shapes[0].tag = 0; },
      [](Trace& t) { t.shapes[0].kind = 0; },
      [](Trace& t) { t.shapes[0].pool = t.shapes[0].kind; },
      [](Trace& t) { std::swap(t.shapes[0].tag, t.shapes[0].kind); },
      [](Trace& t) { t.shapes[1].format.push_back(VK_FORMAT_BC7_SRGB_BLOCK); },
      [](Trace& t) { ++t.shapes[1].extent.width; },
      [](Trace& t) { ++t.shapes[1].extent.height; },
      [](Trace& t) { ++t.shapes[1].extent.depth; },
      [](Trace& t) { ++t.shapes[1].mips; },
      [](Trace& t) { ++t.shapes[1].layers; },
      [](Trace& t) { t.shapes[1].samples = VK_SAMPLE_COUNT_4_BIT; },
      [](Trace& t) { t.shapes[1].tiling = VK_IMAGE_TILING_LINEAR; },
      [](Trace& t) { t.strings[1] = "storagE"; },
      [](Trace& t) { t.events[4].set_size(101); },
      [](Trace& t) { t.events[4].set_offset(17); },
      [](Trace& t) {
        t.events[5] = Event(Op::copy, 1, 0, {64, 3});
      },
      [](Trace& t) { t.defragments[0].select = DefragmentSelect::all; },
      [](Trace& t) { ++t.defragments[0].idle_frames; },
      [](Trace& t) { ++t.defragments[0].min_uses; },
      [](Trace& t) { ++t.defragments[0].min_size; },
      [](Trace& t) { t.defragments[0].algorithm = DefragmentAlgorithm::full; },
      [](Trace& t) { ++t.defragments[0].max_bytes_per_pass; },
      [](Trace& t) { ++t.defragments[0].max_moves_per_pass; },
      [](Trace& t) { ++t.defragments[0].passes_per_frame; },
      [](Trace& t) { t.budgets[0].heap = "host"; },
      [](Trace& t) { t.budgets[0].ratio = 0.25; },
      [](Trace& t) { t.budgets[0].is_ratio = false; },
      [](Trace& t) { t.events[8].set_size(78); },
      [](Trace& t) { t.strings.back() = "end"; },
      [](Trace& t) { t.events.back().object = 0; },
  };
  std::vector<std::uint64_t> hashes = {small_trace().hash};
  for (const auto& change : changes) {
    hashes.push_back(small_trace(change).hash);
    for (std::size_t i = 0; i + 1 < hashes.size(); ++i)
      EXPECT_NE(hashes[i], hashes.back()) << i << " and " << hashes.size() - 1;
  }
}

TEST(TraceHash, DoesNotDependOnTheOrderOfInterning) {
  TraceBuilder out(2);
  static_cast<void>(out.string("peak"));
  static_cast<void>(out.shape(image_shape()));
  static_cast<void>(out.shape(buffer_shape(MemoryUse::device)));
  out.image(1, out.shape(image_shape()));
  out.snapshot("peak");
  TraceBuilder other(2);
  other.image(1, other.shape(image_shape()));
  static_cast<void>(other.string("never used"));
  other.snapshot("peak");
  EXPECT_EQ(out.finish().hash, other.finish().hash);
}

TEST(Hash64, SeesLengthOrderAndEveryByte) {
  const auto hash = [](std::string_view text) {
    Hash64 hash64;
    hash64.text(text);
    return hash64.value();
  };
  const std::string_view texts[] = {"",
                                    std::string_view("\0", 1),
                                    std::string_view("\0\0", 2),
                                    "a",
                                    "ab",
                                    "ba",
                                    "12345678",
                                    "123456789",
                                    "12345678\x01",
                                    "1234567812345678"};
  for (const std::string_view a : texts) {
    for (const std::string_view b : texts) EXPECT_EQ(hash(a) == hash(b), a == b) << a << " " << b;
  }
}

}  // namespace
}  // namespace vkmembench
