#include "scenarios/random_trace_test.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "allocator/base/error.h"
#include "scenarios/random.h"
#include "scenarios/trace_builder.h"

namespace vkmembench {
namespace {

// Appends random events that are allowed, and keeps the books that needs.
class RandomEvents {
 public:
  RandomEvents(std::uint64_t seed, TraceBuilder& out) : random_(seed), out_(out) {
    for (std::uint32_t i = 0; i < 12; ++i) {
      Shape shape;
      shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
      if (i % 2 == 0) shape.usage |= VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
      shape.memory = static_cast<MemoryUse>(i % 5);
      shape.alignment = i % 3 == 0 ? Bytes{1} << i : 0;
      shape.evictable = i == 7;
      shape.kind = out.string(i % 2 == 0 ? "vertex" : "");
      shape.pool = out.string(i == 4 ? "ring" : "");
      shape.tag = out.string(i == 5 ? "B\xc3\xbc"
                                      "ffer/\\\n"
                                    : "");
      buffers_.push_back(out.shape(shape));
    }
    for (std::uint32_t i = 0; i < 4; ++i) {
      Shape shape;
      shape.image = true;
      shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
      shape.formats = {VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_B8G8R8A8_UNORM};
      shape.extent = {64u << i, 32, 1};
      shape.mips = i == 3 ? 1 : i + 1;
      shape.layers = i + 1;
      shape.tiling = i == 3 ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL;
      shape.tag = out.string("texture");
      images_.push_back(out.shape(shape));
    }
  }

  void step() {
    const auto op = static_cast<Op>(random_.below(static_cast<std::uint64_t>(Op::count)));
    out_.lane(static_cast<std::uint16_t>(op == Op::frame ? 0 : random_.below(4)));
    switch (op) {
      case Op::frame:
        return out_.frame();
      case Op::barrier:
        return out_.barrier();
      case Op::buffer:
        return add(out_.buffer(new_id(), size(), pick(buffers_)), false);
      case Op::image:
        return add(out_.image(new_id(), pick(images_), kNoObject), true);
      case Op::batch:
        return batch();
      case Op::host_alloc:
        return host_.push_back(out_.host_alloc(new_id(), size(), "A::B"));
      case Op::host_free:
        if (!host_.empty()) out_.host_free(take(host_));
        return;
      case Op::snapshot:
        return out_.snapshot(random_.chance(0.5) ? "peak" : "end");
      case Op::defragment:
        return defragment();
      case Op::budget:
        return out_.budget({random_.chance(0.5) ? "device" : "1", random_.chance(0.5), 1 + random_.below(kGiB),
                            0.1 + 0.9 * random_.unit()});
      default:
        break;
    }
    if (!buffers_live_.empty()) use(op, pick(buffers_live_));
  }

 private:
  Bytes size() { return 1 + random_.below(1u << random_.between(4, 24)); }
  template <typename T>
  T pick(const std::vector<T>& values) {
    return values[random_.below(values.size())];
  }
  template <typename T>
  T take(std::vector<T>& values) {
    std::swap(values[random_.below(values.size())], values.back());
    const T value = values.back();
    values.pop_back();
    return value;
  }
  std::uint64_t new_id() {
    if (!free_ids_.empty() && random_.chance(0.5)) return take(free_ids_);
    return random_.chance(0.01) ? random_.next() : next_id_++;
  }
  void add(ObjectIndex object, bool image) { (image ? images_live_ : buffers_live_).push_back(object); }
  void batch() {
    std::vector<std::uint64_t> ids;
    std::vector<Bytes> sizes;
    for (std::uint64_t i = 0; i <= random_.below(5); ++i) {
      ids.push_back(next_id_++);
      sizes.push_back(size());
    }
    const ObjectIndex first = out_.batch(ids, sizes, pick(buffers_));
    for (std::size_t i = 0; i < ids.size(); ++i) add(first + static_cast<ObjectIndex>(i), false);
  }
  void defragment() {
    DefragmentRequest request;
    request.select = static_cast<DefragmentSelect>(random_.below(3));
    request.algorithm = static_cast<DefragmentAlgorithm>(random_.below(kDefragmentAlgorithmNames.size()));
    request.idle_frames = random_.below(500);
    request.max_bytes_per_pass = random_.below(kGiB);
    request.passes_per_frame = 1 + static_cast<std::uint32_t>(random_.below(3));
    out_.defragment(request);
  }
  void use(Op op, ObjectIndex object) {
    const Shape& shape = out_.trace().shape_of(object);
    const Bytes whole = out_.size_of(object);
    const Offset offset = random_.below(whole);
    const ObjectIndex other = pick(buffers_live_);
    switch (op) {
      case Op::write:
        if (is_mappable(shape.memory)) out_.write(object, offset, whole - offset);
        return;
      case Op::read:
        if (is_mappable(shape.memory)) out_.read(object, offset, whole - offset);
        return;
      case Op::upload:
        if (!images_live_.empty() && random_.chance(0.5)) object = pick(images_live_);
        return out_.upload(object, 1 + random_.below(out_.size_of(object)));
      case Op::copy:
        if (object != other) out_.copy(object, other, 1 + random_.below(std::min(whole, out_.size_of(other))));
        return;
      case Op::touch:
        return out_.touch(object);
      case Op::mark:
        return out_.mark(object);
      case Op::resize:
        return out_.resize(object, size());
      case Op::bind: {
        const ObjectIndex fresh = out_.buffer(next_id_++, size(), pick(buffers_));
        out_.bind(fresh);
        bound_.push_back(fresh);
        return;
      }
      case Op::unbind:
        if (!bound_.empty()) out_.unbind(take(bound_));
        return;
      case Op::free: {
        std::vector<ObjectIndex>& live = !images_live_.empty() && random_.chance(0.4) ? images_live_ : buffers_live_;
        const ObjectIndex freed = take(live);
        const Bytes room = out_.size_of(freed);
        if (!out_.trace().shape_of(freed).evictable && random_.chance(0.3)) {
          const ObjectIndex alias = out_.buffer(next_id_++, 1 + random_.below(room), pick(buffers_), freed);
          out_.free(alias);
        }
        out_.free(freed);
        return free_ids_.push_back(out_.trace().objects[freed].id);
      }
      default:
        return;
    }
  }

  Random random_;
  TraceBuilder& out_;
  std::uint64_t next_id_ = 1;
  std::vector<std::uint32_t> buffers_, images_;
  std::vector<ObjectIndex> buffers_live_, images_live_, host_, bound_;
  std::vector<std::uint64_t> free_ids_;
};

}  // namespace

Trace random_trace(std::uint64_t seed, std::size_t events) {
  TraceBuilder out(static_cast<std::uint32_t>(seed % 4));
  RandomEvents random(seed, out);
  while (out.trace().events.size() < events) random.step();
  return out.finish();
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_input);
    EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
    return error.what();
  }
  return "no error";
}

std::string file_text(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

TEST(RandomTrace, HoldsEveryOp) {
  const Trace trace = random_trace(1);
  std::vector<int> counts(static_cast<std::size_t>(Op::count));
  for (const Event& event : trace.events) ++counts[static_cast<std::size_t>(event.op)];
  for (std::size_t op = 0; op < counts.size(); ++op) EXPECT_GT(counts[op], 0) << op_name(static_cast<Op>(op));
}

}  // namespace vkmembench
