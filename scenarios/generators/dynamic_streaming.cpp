#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/frame_loop.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"
#include "scenarios/generators/texture_shares.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"frames", Kind::integer, 7200, 64, 10'000'000, {}, "frames, 60 a second"},
    {"budget_bytes", Kind::bytes, 320.0 * kMiB, 64.0 * kMiB, 64.0 * kGiB, {}, "budget of the device heap"},
    {"pressure", Kind::real, 0.8, 0.1, 1, {}, "share of the budget that the resident set may take"},
    {"dip_percent", Kind::integer, 75, 10, 100, {}, "the budget from half to two thirds of the run, in percent"},
    {"bytes_per_second", Kind::bytes, 3.0 * kMiB, 64.0 * kKiB, 16.0 * kGiB, {}, "bytes that may come in each second"},
    {"touches_per_frame", Kind::integer, 3, 1, 10'000, {}, "resident objects that each frame touches"},
    {"idle_frames", Kind::integer, 600, 1, 1'000'000, {}, "frames without use after which pressure frees an object"},
    {"defragment_interval", Kind::integer, 600, 1, 1'000'000, {}, "frames between defragmentations"},
};

constexpr std::uint64_t kFramesPerSecond = 60;
constexpr std::uint64_t kFillFrames = 64;  // of the first fill, to half the resident set
constexpr std::uint64_t kAssetShare = 16;  // no asset takes more than this part of the resident set
constexpr int kEvictionSamples = 8;
constexpr std::uint64_t kTexturePercent = 60;
constexpr Bytes kSmallestBuffer = 16 * kKiB;
constexpr std::uint64_t kBufferOctaves = 6;

// Keeps a resident set of textures and buffers within its share of the budget: what was not used for long goes, what
// the view needs next comes, at so many bytes a second in either direction.
class Streaming {
 public:
  Streaming(Emitter& emitter, Random& random, const GeneratorValues& values)
      : emitter_(emitter),
        random_(random),
        pressure_permille_(static_cast<std::uint64_t>(std::llround(values.real("pressure") * 1000))),
        idle_frames_(values.integer("idle_frames")),
        touches_(emitter.scaled(values.integer("touches_per_frame"))),
        bytes_per_second_(static_cast<std::int64_t>(emitter.scaled(values.bytes("bytes_per_second")))) {
    TraceBuilder& out = emitter.out();
    for (std::size_t i = 0; i < textures_.size(); ++i) {
      textures_[i] = intern(out, TextureShape{.texels = TexelFamily::bc7,
                                              .extent = {kStreamedTextures[i].edge, kStreamedTextures[i].edge},
                                              .tag = "stream/texture",
                                              .evictable = true});
    }
    buffers_ = {intern(out, BufferShape{.kind = BufferKind::vertex, .tag = "stream/vertex", .evictable = true}),
                intern(out, BufferShape{.kind = BufferKind::index, .tag = "stream/index", .evictable = true}),
                intern(out, BufferShape{.kind = BufferKind::storage, .tag = "stream/storage", .evictable = true}),
                intern(out, BufferShape{.kind = BufferKind::indirect, .tag = "stream/indirect", .evictable = true})};
    particles_ =
        intern(out, BufferShape{.kind = BufferKind::vertex, .memory = MemoryUse::dynamic, .tag = "frame/particles"});
  }

  // States the budget of the device heap; the resident set follows at the streaming rate.
  void set_budget(Bytes bytes) {
    emitter_.out().budget({.heap = "device", .is_ratio = false, .bytes = bytes, .ratio = 0});
    target_ = bytes * pressure_permille_ / 1000;
  }
  // The first fill: half the target over kFillFrames frames.
  void fill(std::uint64_t frame) {
    while (resident_bytes_ < target_ / 2 * (frame + 1) / kFillFrames) {
      if (!load(draw(), frame)) return;
    }
  }
  void stream(std::uint64_t frame) {
    const std::int64_t rate = bytes_per_second_ / static_cast<std::int64_t>(kFramesPerSecond);
    // Credit saved up is bounded by the larger of a second's bytes and the next asset.
    credit_in_ = std::min(credit_in_ + rate, std::max(bytes_per_second_, static_cast<std::int64_t>(next_.size)));
    credit_out_ = std::min(credit_out_ + 2 * rate, bytes_per_second_);
    if (next_.size == 0) next_ = draw();
    make_room(0);
    free_idle(frame);
    while (credit_in_ >= static_cast<std::int64_t>(next_.size)) {
      make_room(next_.size);
      if (resident_bytes_ + next_.size > target_ && !residents_.empty()) return;
      if (!load(next_, frame)) {  // max_live_bytes: less is resident, or another asset comes
        if (!residents_.empty()) return free_sampled_oldest();
        next_ = draw();
        return;
      }
      credit_in_ -= static_cast<std::int64_t>(next_.size);
      next_ = draw();
    }
  }
  // Uses follow rank: the first of the residents in every few frames, most of them now and then. What takes the place
  // of a freed resident takes its rank, as when the view turns.
  void touch(std::uint64_t frame) {
    if (residents_.empty()) return;
    for (std::uint64_t i = 0; i < touches_; ++i) {
      std::uint64_t rank = random_.below(residents_.size());
      rank = random_.below(rank + 1);
      rank = random_.below(rank + 1);
      residents_[rank].last_used = frame;
      emitter_.touch(residents_[rank].object);
    }
  }
  // Particle vertices: renamed every other frame, alive for the frame that draws them.
  void draw_particles() {
    const std::uint64_t systems = emitter_.scaled(1);
    for (std::uint64_t i = 0; i < systems; ++i) {
      const ObjectIndex particles = emitter_.buffer(256 * random_.between(16, 64), particles_);
      emitter_.write(particles);
      emitter_.free(particles);
    }
  }
  void shutdown() {
    for (const Resident& resident : residents_) emitter_.free(resident.object);
    residents_.clear();
    resident_bytes_ = 0;
  }

 private:
  struct Asset {
    bool texture = false;
    std::size_t row = 0;
    Bytes size = 0;
  };
  struct Resident {
    ObjectIndex object = kNoObject;
    Bytes size = 0;
    std::uint64_t last_used = 0;
  };

  Asset draw() {
    const Bytes limit = target_ / kAssetShare;
    if (random_.below(100) < kTexturePercent) {
      std::size_t row = draw_row(random_, kStreamedTextures);
      while (row > 0 && textures_[row].size > limit) --row;
      return {true, row, textures_[row].size};
    }
    const std::size_t row = random_.below(buffers_.size());
    std::uint64_t octave = random_.below(kBufferOctaves);
    while (octave > 0 && kSmallestBuffer << (octave + 1) > limit) --octave;
    const Bytes low = kSmallestBuffer << octave;
    return {false, row, align_up(random_.between(low, 2 * low - 1), 16)};
  }
  bool load(const Asset& asset, std::uint64_t frame) {
    const ObjectIndex object =
        asset.texture ? emitter_.image(textures_[asset.row]) : emitter_.buffer(asset.size, buffers_[asset.row]);
    if (object == kNoObject) return false;
    emitter_.upload(object);
    residents_.push_back({object, asset.size, frame});
    resident_bytes_ += asset.size;
    return true;
  }
  void free_at(std::size_t index) {
    Resident& resident = residents_[index];
    emitter_.free(resident.object);
    resident_bytes_ -= resident.size;
    credit_out_ -= static_cast<std::int64_t>(resident.size);
    resident = residents_.back();
    residents_.pop_back();
  }
  // The least recently used of a sample, as caches with too many entries for a list do.
  void free_sampled_oldest() {
    std::size_t oldest = random_.below(residents_.size());
    for (int i = 1; i < kEvictionSamples; ++i) {
      const std::size_t other = random_.below(residents_.size());
      if (residents_[other].last_used < residents_[oldest].last_used) oldest = other;
    }
    free_at(oldest);
  }
  // Frees while `bytes` more would exceed the target and the outward rate allows.
  void make_room(Bytes bytes) {
    while (resident_bytes_ + bytes > target_ && credit_out_ > 0 && !residents_.empty()) free_sampled_oldest();
  }
  // A hand goes round the residents; under pressure it frees the idle ones it meets.
  void free_idle(std::uint64_t frame) {
    for (std::uint64_t i = 0; i < touches_; ++i) {
      if (residents_.empty() || credit_out_ <= 0) return;
      if (resident_bytes_ + next_.size <= target_) return;
      hand_ = (hand_ + 1) % residents_.size();
      if (frame - residents_[hand_].last_used > idle_frames_) free_at(hand_);
    }
  }

  Emitter& emitter_;
  Random& random_;
  std::uint64_t pressure_permille_;
  std::uint64_t idle_frames_;
  std::uint64_t touches_;
  std::int64_t bytes_per_second_;
  std::array<ImageShape, std::size(kStreamedTextures)> textures_{};
  std::array<std::uint32_t, 4> buffers_{};
  std::uint32_t particles_ = 0;
  Bytes target_ = 0;
  Bytes resident_bytes_ = 0;
  std::int64_t credit_in_ = 0;
  std::int64_t credit_out_ = 0;
  Asset next_;
  std::vector<Resident> residents_;
  std::size_t hand_ = 0;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");
  const std::uint64_t interval = values.integer("defragment_interval");
  const Bytes budget = emitter.scaled(values.bytes("budget_bytes"));
  DefragmentRequest request;
  request.select = DefragmentSelect::rules;
  request.max_bytes_per_pass = 16 * kMiB;
  request.max_moves_per_pass = 64;

  emitter.frames();
  FrameLoop loop(emitter, 8 * kKiB);
  Streaming streaming(emitter, random, values);
  streaming.set_budget(budget);
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    loop.next();
    if (frame == frames / 2) {
      out.snapshot("before_dip");
      streaming.set_budget(budget * values.integer("dip_percent") / 100);
    }
    if (frame == frames * 2 / 3) {
      out.snapshot("after_dip");
      streaming.set_budget(budget);
    }
    frame < kFillFrames ? streaming.fill(frame) : streaming.stream(frame);
    streaming.touch(frame);
    if (frame % 2 == 0) streaming.draw_particles();
    if (frame % interval == interval - 1) out.defragment(request);
  }
  out.snapshot("streamed");
  streaming.shutdown();
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kDynamicStreaming = {
    "dynamic_streaming",
    "Textures and buffers come and go within a budget, last used first out; scale multiplies budget, rates and touches",
    kParameters,
    generate,
};

}  // namespace vkmembench
