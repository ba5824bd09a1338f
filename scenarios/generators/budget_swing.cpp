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
    {"frames", Kind::integer, 5400, 64, 10'000'000, {}, "frames, the first sixth of them loads"},
    {"swings", Kind::integer, 3, 1, 1000, {}, "times that the budget dips and comes back"},
    {"budget_bytes", Kind::bytes, 320.0 * kMiB, 16.0 * kMiB, 64.0 * kGiB, {}, "budget of the device heap"},
    {"dip_percent", Kind::integer, 50, 5, 100, {}, "the budget of a dip, in percent"},
    {"resident_percent",
     Kind::integer,
     80,
     5,
     100,
     {},
     "what stays resident through the dips, in percent of the budget"},
    {"bytes_per_second", Kind::bytes, 1.0 * kMiB, 4.0 * kKiB, 16.0 * kGiB, {}, "bytes that are exchanged each second"},
    {"mapped_bytes",
     Kind::bytes,
     272.0 * kMiB,
     1.0 * kMiB,
     64.0 * kGiB,
     {},
     "bytes for host and device during the load"},
};

constexpr std::uint64_t kFramesPerSecond = 60;
constexpr std::uint64_t kPinnedShare = 8;       // one object in so many may not be evicted
constexpr std::uint64_t kHotShare = 4;          // one in so many is used all the time, the others hardly ever
constexpr std::uint64_t kHotInterval = 30;      // frames between uses of a hot object
constexpr std::uint64_t kRevisitInterval = 30;  // frames between uses of another object, after the first dip
constexpr Bytes kMappedStep = kMiB;
constexpr Bytes kMappedHeader = 64 * kKiB;  // written of each mapped buffer
constexpr std::uint64_t kMappedKept = 8;    // one in so many outlives the load

constexpr std::uint32_t kTextureEdges[] = {512, 512, 1024, 1024, 1024, 2048};  // drawn alike
constexpr Bytes kBufferStep = 64 * kKiB;
constexpr std::uint64_t kBufferSteps = 32;
constexpr std::uint64_t kTexturePercent = 60;

// What the program keeps: most of it evictable and idle. It frees nothing because of a dip; relief is the allocator's.
class Residents {
 public:
  Residents(Emitter& emitter, Random& random, const GeneratorValues& values)
      : emitter_(emitter),
        random_(random),
        target_(emitter.scaled(values.bytes("budget_bytes")) * values.integer("resident_percent") / 100),
        bytes_per_frame_(
            static_cast<std::int64_t>(emitter.scaled(values.bytes("bytes_per_second")) / kFramesPerSecond)) {
    for (const bool pinned : {false, true}) {
      TraceBuilder& out = emitter.out();
      const std::string_view tag = pinned ? "swing/pinned" : "swing/evictable";
      for (std::size_t i = 0; i < std::size(kTextureEdges); ++i) {
        textures_[pinned ? 1 : 0][i] = intern(out, TextureShape{.texels = TexelFamily::bc7,
                                                                .extent = {kTextureEdges[i], kTextureEdges[i]},
                                                                .tag = tag,
                                                                .evictable = !pinned});
      }
      buffers_[pinned ? 1 : 0] =
          intern(out, BufferShape{.kind = BufferKind::storage, .tag = tag, .evictable = !pinned});
    }
  }

  // Loads until `part` of `whole` of the target is resident.
  void fill(std::uint64_t part, std::uint64_t whole) {
    while (resident_bytes_ < target_ / whole * part) {
      const ObjectIndex object = load(objects_.size() % kPinnedShare == 0);
      if (object == kNoObject) return;
      objects_.push_back(object);
    }
  }
  // Exchanges evictable objects at the streaming rate, whatever the budget.
  void stream() {
    credit_ += bytes_per_frame_;
    while (credit_ > 0 && objects_.size() > 1) {
      ObjectIndex& object = objects_[random_.below(objects_.size())];
      if (is_pinned(object)) return;
      resident_bytes_ -= emitter_.out().size_of(object);
      emitter_.free(object);
      // What does not fit in its place leaves the rate for another.
      object = load(false);
      if (object == kNoObject) {
        object = objects_.back();
        objects_.pop_back();
        return;
      }
      credit_ -= static_cast<std::int64_t>(emitter_.out().size_of(object));
    }
  }
  void touch(std::uint64_t frame) {
    for (std::size_t i = kHotShare * (frame % kHotInterval); i < objects_.size(); i += kHotShare * kHotInterval) {
      emitter_.touch(objects_[i]);
    }
  }
  // An object that may have been evicted is needed after all: drawn as it is, or filled anew.
  void revisit() {
    if (objects_.empty()) return;
    const ObjectIndex object = objects_[random_.below(objects_.size())];
    if (random_.chance(0.5)) emitter_.upload(object);
    emitter_.touch(object);
  }
  void shutdown() {
    for (const ObjectIndex object : objects_) emitter_.free(object);
    objects_.clear();
  }

 private:
  [[nodiscard]] bool is_pinned(ObjectIndex object) const { return !emitter_.out().trace().shape_of(object).evictable; }
  ObjectIndex load(bool pinned) {
    const std::size_t row = pinned ? 1 : 0;
    const ObjectIndex object = random_.below(100) < kTexturePercent
                                   ? emitter_.image(textures_[row][random_.below(std::size(kTextureEdges))])
                                   : emitter_.buffer(kBufferStep * random_.between(1, kBufferSteps), buffers_[row]);
    emitter_.upload(object);
    if (object != kNoObject) resident_bytes_ += emitter_.out().size_of(object);
    return object;
  }

  Emitter& emitter_;
  Random& random_;
  Bytes target_;
  std::int64_t bytes_per_frame_;
  std::array<std::array<ImageShape, std::size(kTextureEdges)>, 2> textures_{};  // evictable, pinned
  std::array<std::uint32_t, 2> buffers_{};
  std::vector<ObjectIndex> objects_;
  Bytes resident_bytes_ = 0;
  std::int64_t credit_ = 0;
};

// Memory that the host writes and the device reads, more of it than the window of 256 MiB through which many hosts
// reach the device's own heap. It belongs to the load; no budget is stated meanwhile, so that it counts against none
// where both are one heap.
class MappedData {
 public:
  MappedData(Emitter& emitter, Random& random, Bytes size)
      : emitter_(emitter),
        random_(random),
        target_(emitter.scaled(size)),
        shape_(intern(emitter.out(),
                      BufferShape{.kind = BufferKind::storage, .memory = MemoryUse::dynamic, .tag = "swing/mapped"})) {}
  void fill(std::uint64_t part, std::uint64_t whole) {
    while (bytes_ < target_ / whole * part) {
      const Bytes size = std::min(kMappedStep * random_.between(1, 8), align_up(target_, kMappedStep));
      const ObjectIndex object = emitter_.buffer(size, shape_);
      if (object == kNoObject) return;
      emitter_.write(object, 0, kMappedHeader);
      objects_.push_back(object);
      bytes_ += size;
    }
  }
  void shrink() {
    std::vector<ObjectIndex> kept;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      i % kMappedKept == 0 ? kept.push_back(objects_[i]) : emitter_.free(objects_[i]);
    }
    objects_ = kept;
  }
  void shutdown() {
    for (const ObjectIndex object : objects_) emitter_.free(object);
  }

 private:
  Emitter& emitter_;
  Random& random_;
  Bytes target_;
  std::uint32_t shape_;
  std::vector<ObjectIndex> objects_;
  Bytes bytes_ = 0;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");
  const std::uint64_t load_frames = frames / 6;
  const std::uint64_t period = std::max<std::uint64_t>(2, (frames - load_frames) / values.integer("swings"));
  const std::uint64_t dip_begin = period * 3 / 5;
  const Bytes budget = emitter.scaled(values.bytes("budget_bytes"));
  const auto state_budget = [&](Bytes bytes) {
    out.budget({.heap = "device", .is_ratio = false, .bytes = bytes, .ratio = 0});
  };

  emitter.frames();
  FrameLoop loop(emitter, 8 * kKiB);
  Residents residents(emitter, random, values);
  MappedData mapped(emitter, random, values.bytes("mapped_bytes"));
  for (std::uint64_t frame = 0; frame < load_frames; ++frame) {
    loop.next();
    residents.fill(frame + 1, load_frames);
    mapped.fill(frame + 1, load_frames);
    residents.touch(frame);
  }
  out.snapshot("loaded");
  mapped.shrink();
  for (std::uint64_t frame = load_frames; frame < frames; ++frame) {
    loop.next();
    const std::uint64_t since_swing = (frame - load_frames) % period;
    const bool first_swing = frame - load_frames < period;
    if (since_swing == 0) state_budget(budget);
    if (since_swing == dip_begin) state_budget(budget * values.integer("dip_percent") / 100);
    if (first_swing && since_swing == period - 1) out.snapshot("dip");
    residents.stream();
    residents.touch(frame);
    if (!first_swing && since_swing < dip_begin && since_swing % kRevisitInterval == 0) residents.revisit();
  }
  state_budget(budget);
  out.snapshot("swung");
  residents.shutdown();
  mapped.shutdown();
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kBudgetSwing = {
    "budget_swing",
    "The budget of the device heap halves and comes back under a streaming load that frees nothing for it; scale "
    "multiplies budget, residents and rates",
    kParameters,
    generate,
};

}  // namespace vkmembench
