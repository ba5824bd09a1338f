#include <algorithm>
#include <array>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/frame_loop.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"frames", Kind::integer, 1800, 64, 10'000'000, {}, "frames, 60 a second"},
    {"slices_per_frame", Kind::integer, 5, 1, 100'000, {}, "buffers renamed every frame"},
    {"statics", Kind::integer, 96, 1, 1'000'000, {}, "vertex and uniform buffers that stay"},
    {"adaptives", Kind::integer, 12, 1, 1'000'000, {}, "buffers that grow and shrink"},
    {"bindless", Kind::integer, 24, 1, 16'384, {}, "storage buffers bound at a time"},
    {"tiered", Kind::integer, 12, 1, 1'000'000, {}, "buffers of each rate of use"},
};

// Renamed slices: 256 B to 128 KiB, every octave alike.
constexpr Bytes kSmallestSlice = 256;
constexpr std::uint64_t kSliceOctaves = 9;

constexpr Bytes kAdaptiveLeast = kKiB;
constexpr std::uint64_t kAdaptiveOctaves = 8;    // to 256 KiB
constexpr std::uint64_t kAdaptiveInterval = 12;  // frames between two changes of one
constexpr std::uint64_t kBindlessInterval = 10;  // frames between two exchanges
constexpr std::uint64_t kHotShare = 4;           // of the tiered buffers one in so many is used every frame
constexpr std::uint64_t kWarmInterval = 50;      // frames between two uses
constexpr std::uint64_t kUniformStep = 256;

Bytes draw_size(Random& random, Bytes least, std::uint64_t octaves, Bytes alignment) {
  const Bytes low = least << random.below(octaves);
  return align_up(random.between(low, 2 * low - alignment), alignment);
}

// Particles, uniforms and bindless records: what a frame writes anew, in buffers of the frame's own.
class RenamedSlices {
 public:
  RenamedSlices(Emitter& emitter, Random& random, std::uint64_t count)
      : emitter_(emitter), random_(random), count_(emitter.scaled(count)) {
    const auto slice = [&](BufferKind kind, std::string_view tag, std::string_view pool) {
      return intern(emitter.out(), BufferShape{.kind = kind, .memory = MemoryUse::dynamic, .tag = tag, .pool = pool});
    };
    shapes_ = {slice(BufferKind::vertex, "slice/particles", ""), slice(BufferKind::uniform, "slice/uniforms", ""),
               slice(BufferKind::storage, "slice/records", ""), slice(BufferKind::uniform, "slice/pooled", "uniform")};
  }
  void next() {
    for (std::uint64_t i = 0; i < count_; ++i) {
      // One after the other: compilers differ in which argument of a call they draw first.
      const auto& shape = shapes_[random_.below(shapes_.size())];
      slices_.push_back(emitter_.buffer(draw_size(random_, kSmallestSlice, kSliceOctaves, 16), shape));
      emitter_.write(slices_.back());
    }
    for (const ObjectIndex slice : slices_) emitter_.free(slice);
    slices_.clear();
  }

 private:
  Emitter& emitter_;
  Random& random_;
  std::uint64_t count_;
  std::array<std::uint32_t, 4> shapes_{};
  std::vector<ObjectIndex> slices_;
};

// Buffers that follow what they have to hold, by turns.
class AdaptiveBuffers {
 public:
  AdaptiveBuffers(Emitter& emitter, Random& random, std::uint64_t count) : emitter_(emitter), random_(random) {
    TraceBuilder& out = emitter.out();
    const std::uint32_t mapped =
        intern(out, BufferShape{.kind = BufferKind::vertex, .memory = MemoryUse::dynamic, .tag = "adaptive/mapped"});
    const std::uint32_t staged = intern(out, BufferShape{.kind = BufferKind::storage, .tag = "adaptive/staged"});
    const std::uint64_t scaled = emitter.scaled(count);
    for (std::uint64_t i = 0; i < scaled; ++i) {
      buffers_.push_back({emitter.buffer(kAdaptiveLeast, i % 2 == 0 ? mapped : staged), i % 2 == 0});
      fill(buffers_.back(), 0);
    }
  }
  void next(std::uint64_t frame) {
    for (std::uint64_t i = frame % kAdaptiveInterval; i < buffers_.size(); i += kAdaptiveInterval) {
      const Buffer& buffer = buffers_[i];
      if (buffer.object == kNoObject) continue;
      const Bytes before = emitter_.out().size_of(buffer.object);
      if (!emitter_.resize(buffer.object, draw_size(random_, kAdaptiveLeast, kAdaptiveOctaves, 16))) continue;
      const Bytes after = emitter_.out().size_of(buffer.object);
      const bool grew = after > before;
      if (buffer.mapped && !grew) emitter_.out().read(buffer.object, 0, after);  // what is left survived
      fill(buffer, grew ? before : 0);
    }
  }
  void shutdown() {
    for (const Buffer& buffer : buffers_) emitter_.free(buffer.object);
  }

 private:
  struct Buffer {
    ObjectIndex object = kNoObject;
    bool mapped = false;
  };

  // What is before `begin` survived the resize of a mapped buffer; a staged one is uploaded whole.
  void fill(const Buffer& buffer, Offset begin) {
    if (buffer.object == kNoObject) return;
    if (!buffer.mapped) return emitter_.upload(buffer.object);
    emitter_.write(buffer.object, begin, emitter_.out().size_of(buffer.object) - begin);
  }

  Emitter& emitter_;
  Random& random_;
  std::vector<Buffer> buffers_;
};

// Storage buffers that shaders reach by index; now and then another takes the place of one.
class BindlessStorage {
 public:
  BindlessStorage(Emitter& emitter, Random& random, std::uint64_t count)
      : emitter_(emitter),
        random_(random),
        shape_(intern(emitter.out(),
                      BufferShape{.kind = BufferKind::storage, .tag = "bindless/storage", .pool = "storage"})) {
    buffers_.resize(emitter.scaled(count), kNoObject);
    for (ObjectIndex& buffer : buffers_) load(buffer);
  }
  void next(std::uint64_t frame) {
    if (frame % kBindlessInterval != 0) return;
    ObjectIndex& buffer = buffers_[random_.below(buffers_.size())];
    unload(buffer);
    load(buffer);
  }
  void shutdown() {
    for (ObjectIndex& buffer : buffers_) unload(buffer);
  }

 private:
  void load(ObjectIndex& buffer) {
    buffer = emitter_.buffer(64 * kKiB * random_.between(1, 16), shape_);
    emitter_.upload(buffer);
    emitter_.bind(buffer);
  }
  void unload(ObjectIndex& buffer) {
    emitter_.unbind(buffer);
    emitter_.free(buffer);
    buffer = kNoObject;
  }

  Emitter& emitter_;
  Random& random_;
  std::uint32_t shape_;
  std::vector<ObjectIndex> buffers_;
};

// Buffers by rate of use: some every frame, some every second or so, some never after their upload. After a
// quarter of the run the first change places with some of the last.
class TieredBuffers {
 public:
  TieredBuffers(Emitter& emitter, Random& random, std::uint64_t count, std::uint64_t frames)
      : emitter_(emitter), turn_(frames / 4) {
    TraceBuilder& out = emitter.out();
    const std::uint32_t shape = intern(out, BufferShape{.kind = BufferKind::storage, .tag = "tier/resident"});
    const std::uint32_t evictable =
        intern(out, BufferShape{.kind = BufferKind::storage, .tag = "tier/evictable", .evictable = true});
    const std::uint64_t each = emitter.scaled(count);
    hot_ = std::max<std::uint64_t>(1, each / kHotShare);
    warm_end_ = hot_ + each;
    for (std::uint64_t i = 0; i < warm_end_ + each; ++i) {
      const Bytes size = 64 * kKiB * random.between(1, 8);
      buffers_.push_back(emitter.buffer(size, i < warm_end_ ? shape : evictable));
      emitter.upload(buffers_.back());
    }
  }
  void next(std::uint64_t frame) {
    // After the turn the hot ones lie idle until the end and as many cold ones are in use.
    const std::uint64_t first = frame < turn_ ? 0 : warm_end_;
    for (std::uint64_t i = 0; i < hot_; ++i) emitter_.touch(buffers_[first + i]);
    for (std::uint64_t i = hot_ + frame % kWarmInterval; i < warm_end_; i += kWarmInterval) {
      emitter_.touch(buffers_[i]);
    }
  }
  void shutdown() {
    for (const ObjectIndex buffer : buffers_) emitter_.free(buffer);
  }

 private:
  Emitter& emitter_;
  std::uint64_t turn_;          // frame
  std::uint64_t hot_ = 0;       // buffers [0, hot_)
  std::uint64_t warm_end_ = 0;  // buffers [hot_, warm_end_); the rest are cold
  std::vector<ObjectIndex> buffers_;
};

// The scene around it: geometry and material constants in the pools made for them.
std::vector<ObjectIndex> create_statics(Emitter& emitter, Random& random, std::uint64_t count) {
  TraceBuilder& out = emitter.out();
  const std::uint32_t vertices =
      intern(out, BufferShape{.kind = BufferKind::vertex, .tag = "static/vertex", .pool = "vertex"});
  const std::uint32_t uniforms = intern(
      out, BufferShape{
               .kind = BufferKind::uniform, .memory = MemoryUse::dynamic, .tag = "static/uniform", .pool = "uniform"});
  std::vector<ObjectIndex> objects;
  const std::uint64_t scaled = emitter.scaled(count);
  for (std::uint64_t i = 0; i < scaled; ++i) {
    objects.push_back(emitter.buffer(4 * kKiB * random.between(16, 160), vertices));
    emitter.upload(objects.back());
    objects.push_back(emitter.buffer(kUniformStep * random.between(1, 16), uniforms));
    emitter.write(objects.back());
  }
  return objects;
}

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");

  emitter.frames();
  FrameLoop loop(emitter, 8 * kKiB);
  const std::vector<ObjectIndex> statics = create_statics(emitter, random, values.integer("statics"));
  RenamedSlices slices(emitter, random, values.integer("slices_per_frame"));
  AdaptiveBuffers adaptives(emitter, random, values.integer("adaptives"));
  BindlessStorage bindless(emitter, random, values.integer("bindless"));
  TieredBuffers tiered(emitter, random, values.integer("tiered"), frames);
  out.snapshot("created");
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    loop.next();
    slices.next();
    adaptives.next(frame);
    bindless.next(frame);
    tiered.next(frame);
    if (frame == frames / 2) out.snapshot("midway");
  }
  out.snapshot("run");
  tiered.shutdown();
  bindless.shutdown();
  adaptives.shutdown();
  for (const ObjectIndex object : statics) emitter.free(object);
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kDynamicBuffers = {
    "dynamic_buffers",
    "Slices renamed every frame, buffers that grow and shrink, bindless storage and buffers of very different use; "
    "scale multiplies how many there are of each",
    kParameters,
    generate,
};

}  // namespace vkmembench
