#include <algorithm>
#include <array>
#include <string>
#include <utility>
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
    {"cycles", Kind::integer, 6, 1, 10'000, {}, "days, each a rise to full load and a fall"},
    {"frames_per_cycle", Kind::integer, 1000, 64, 1'000'000, {}, "frames of a day, each for seconds of a real run"},
    {"day_bytes", Kind::bytes, 384.0 * kMiB, 64.0 * kMiB, 64.0 * kGiB, {}, "live at full load"},
    {"night_percent", Kind::integer, 60, 10, 100, {}, "least load of a day, in percent of the full one"},
    {"churn_per_frame", Kind::integer, 3, 1, 10'000, {}, "objects that each frame replaces"},
};

constexpr std::uint64_t kTexturePercent = 50;
constexpr Bytes kSmallestBuffer = 4 * kKiB;
constexpr std::uint64_t kBufferOctaves = 8;
constexpr std::size_t kPermanentEvery = 4;  // of the first night's objects one in four stays to the end
constexpr Bytes kFillPerFrame = 8 * kMiB;

// A set of textures and buffers that follows a load, while a steady share of it is replaced by others at random.
class Soak {
 public:
  Soak(Emitter& emitter, Random& random, std::uint64_t churn) : emitter_(emitter), random_(random), churn_(churn) {
    TraceBuilder& out = emitter.out();
    for (std::size_t i = 0; i < textures_.size(); ++i) {
      textures_[i] = intern(out, TextureShape{.texels = TexelFamily::bc7,
                                              .extent = {kStreamedTextures[i].edge, kStreamedTextures[i].edge},
                                              .tag = "soak/texture"});
    }
    buffers_ = {intern(out, BufferShape{.kind = BufferKind::vertex, .tag = "soak/vertex"}),
                intern(out, BufferShape{.kind = BufferKind::index, .tag = "soak/index"}),
                intern(out, BufferShape{.kind = BufferKind::storage, .tag = "soak/storage"})};
    next_ = draw();
  }

  // Creates up to the load; part of it stays to the end.
  void fill(FrameLoop& loop, Bytes load) {
    for (Bytes ceiling = std::min(load, kFillPerFrame);; ceiling = std::min(load, ceiling + kFillPerFrame)) {
      rise_to(ceiling);
      loop.next();
      if (ceiling == load) break;
    }
    std::vector<ObjectIndex> changing;
    for (std::size_t i = 0; i < changing_.size(); ++i) {
      (i % kPermanentEvery == 0 ? permanent_ : changing).push_back(changing_[i]);
    }
    changing_ = std::move(changing);
  }
  void step(Bytes load) {
    for (std::uint64_t i = 0; i < churn_; ++i) free_one();
    while (bytes_ > load && free_one()) {
    }
    rise_to(load);
  }
  void shutdown() {
    for (const std::vector<ObjectIndex>* objects : {&changing_, &permanent_}) {
      for (const ObjectIndex object : *objects) emitter_.free(object);
    }
  }

 private:
  struct Asset {
    const ImageShape* texture = nullptr;  // else a buffer
    std::uint32_t buffer = 0;
    Bytes size = 0;
  };

  Asset draw() {
    if (random_.below(100) < kTexturePercent) {
      const ImageShape& texture = textures_[draw_row(random_, kStreamedTextures)];
      return {&texture, 0, texture.size};
    }
    const std::uint32_t shape = buffers_[random_.below(buffers_.size())];
    const Bytes low = kSmallestBuffer << random_.below(kBufferOctaves);
    return {nullptr, shape, align_up(random_.between(low, 2 * low - 1), 16)};
  }
  void rise_to(Bytes load) {
    while (bytes_ + next_.size <= load) {
      const ObjectIndex object =
          next_.texture != nullptr ? emitter_.image(*next_.texture) : emitter_.buffer(next_.size, next_.buffer);
      const Bytes size = next_.size;
      next_ = draw();
      if (object == kNoObject) return;
      changing_.push_back(object);
      bytes_ += size;
    }
  }
  bool free_one() {
    if (changing_.empty()) return false;
    std::swap(changing_[random_.below(changing_.size())], changing_.back());
    bytes_ -= emitter_.out().size_of(changing_.back());
    emitter_.free(changing_.back());
    changing_.pop_back();
    return true;
  }

  Emitter& emitter_;
  Random& random_;
  std::uint64_t churn_;
  std::array<ImageShape, std::size(kStreamedTextures)> textures_{};
  std::array<std::uint32_t, 3> buffers_{};
  std::vector<ObjectIndex> changing_;
  std::vector<ObjectIndex> permanent_;
  Bytes bytes_ = 0;
  Asset next_;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t cycles = values.integer("cycles");
  const std::uint64_t half = values.integer("frames_per_cycle") / 2;
  const Bytes day = emitter.scaled(values.bytes("day_bytes"));
  const Bytes night = day / 100 * values.integer("night_percent");
  const auto load = [&](std::uint64_t frame) { return night + (day - night) / half * frame; };  // from 0 to half

  emitter.frames();
  FrameLoop loop(emitter, 8 * kKiB);
  Soak soak(emitter, random, emitter.scaled(values.integer("churn_per_frame")));
  soak.fill(loop, night);
  for (std::uint64_t cycle = 1; cycle <= cycles; ++cycle) {
    for (std::uint64_t frame = 1; frame <= half; ++frame) {
      soak.step(load(frame));
      loop.next();
    }
    loop.run(out.frames_in_flight());  // nothing is pending at the snapshots: they compare live with live
    out.snapshot("cycle_" + std::to_string(cycle));
    for (std::uint64_t frame = half; frame > 0; --frame) {
      soak.step(load(frame - 1));
      loop.next();
    }
  }
  out.snapshot("last_night");
  soak.shutdown();
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kLongSoak = {
    "long_soak",
    "Days of load that rises and falls under steady churn, with a snapshot at each noon; scale multiplies load and "
    "churn",
    kParameters,
    generate,
};

}  // namespace vkmembench
