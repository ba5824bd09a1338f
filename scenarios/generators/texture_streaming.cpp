#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
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
    {"frames", Kind::integer, 1800, 64, 10'000'000, {}, "frames of the walk through the level"},
    {"textures", Kind::integer, 320, 1, 1'000'000, {}, "textures of the level"},
    {"cap_bytes", Kind::bytes, 256.0 * kMiB, 16.0 * kMiB, 64.0 * kGiB, {}, "bytes that the resident mips may take"},
    {"bytes_per_frame", Kind::bytes, 192.0 * kKiB, 4.0 * kKiB, 1.0 * kGiB, {}, "bytes of finer mips a frame"},
    {"touch_interval", Kind::integer, 12, 1, 1'000'000, {}, "frames between touches of a near texture"},
};

constexpr std::uint32_t kSmallestEdge = 64;  // the tail of the chain, which is always resident
constexpr std::uint64_t kTextureShare = 6;   // no texture takes more than this part of the cap
constexpr std::int64_t kSpacing = 1024;      // of textures along the way, in units of the camera's step
constexpr std::int64_t kNearDivisor = 24;    // nearer than this part of the way a texture wants its finest mip

constexpr TextureShare kClasses[] = {{256, 20}, {512, 30}, {1024, 30}, {2048, 16}, {4096, 4}};
constexpr std::uint32_t kFinestEdge = 4096;

// Textures along a closed way. Each holds a chain that begins at some edge; what the camera nears becomes finer by one
// level at a time, and what it left becomes coarser when the cap is reached.
class MipStreaming {
 public:
  MipStreaming(Emitter& emitter, Random& random, const GeneratorValues& values)
      : emitter_(emitter),
        random_(random),
        cap_(emitter.scaled(values.bytes("cap_bytes"))),
        bytes_per_frame_(emitter.scaled(values.bytes("bytes_per_frame"))),
        touch_interval_(values.integer("touch_interval")) {
    for (std::uint32_t edge = kSmallestEdge; edge <= kFinestEdge; edge *= 2) {
      chains_.push_back(intern(
          emitter.out(),
          TextureShape{.texels = TexelFamily::bc7, .extent = {edge, edge}, .tag = "stream/mips", .evictable = true}));
    }
    textures_.resize(emitter.scaled(values.integer("textures")));
    way_ = static_cast<std::int64_t>(textures_.size()) * kSpacing;
    for (Texture& texture : textures_) texture.finest = draw_finest();
  }

  // The level comes up one mip finer than the camera asks for where it stands, with the tail of every texture.
  void load() {
    Bytes tails = textures_.size() * chains_[0].size;  // of what is not loaded yet
    for (std::size_t i = 0; i < textures_.size(); ++i) {
      tails -= chains_[0].size;
      std::size_t level = std::min(wanted(i) + 1, textures_[i].finest);
      const auto has_room = [&] { return resident_bytes_ + tails + chains_[level].size <= cap_; };
      while (level > 0 && !has_room()) --level;
      if (has_room()) change(textures_[i], level);
    }
  }
  void stream(std::uint64_t frame) {
    move_camera();
    // Credit saved up is bounded by the largest chain that may come.
    credit_ = std::min(credit_ + bytes_per_frame_, std::max(bytes_per_frame_, cap_ / kTextureShare));
    for (std::size_t visits = textures_.size(); visits > 0; --visits, hand_ = (hand_ + 1) % textures_.size()) {
      Texture& texture = textures_[hand_];
      const std::size_t next = texture.object == kNoObject ? 0 : texture.level + 1;
      if (next == 0 || texture.level < wanted(hand_)) {
        const Bytes size = chains_[next].size;
        if (size > credit_) break;    // its turn comes when the credit suffices
        if (!make_room(size)) break;  // all that is resident is needed
        if (change(texture, next)) credit_ -= size;
      }
    }
    touch(frame);
  }
  void shutdown() {
    for (Texture& texture : textures_) emitter_.free(texture.object);
  }

 private:
  struct Texture {
    std::size_t finest = 0;  // index into chains_
    std::size_t level = 0;   // index into chains_ of what is resident
    ObjectIndex object = kNoObject;
  };

  std::size_t draw_finest() {
    const std::uint32_t edge = kClasses[draw_row(random_, kClasses)].edge;
    auto level = static_cast<std::size_t>(std::countr_zero(edge / kSmallestEdge));
    while (level > 0 && chains_[level].size > cap_ / kTextureShare) --level;
    return level;
  }
  // Walks, and now and then turns or changes pace.
  void move_camera() {
    if (steps_ == 0) {
      steps_ = random_.between(60, 240);
      const auto pace = static_cast<std::int64_t>(random_.between(1, 4)) * way_ / 4096;
      step_ = random_.chance(0.3) ? -pace : pace;
    }
    --steps_;
    camera_ = (camera_ + step_ + way_) % way_;
  }
  [[nodiscard]] std::int64_t distance(std::size_t texture) const {
    const std::int64_t apart = std::abs(static_cast<std::int64_t>(texture) * kSpacing - camera_);
    return std::min(apart, way_ - apart);
  }
  // Texels a pixel halve with each doubling of the distance.
  [[nodiscard]] std::size_t wanted(std::size_t texture) const {
    const auto doublings = static_cast<std::size_t>(
        std::bit_width(static_cast<std::uint64_t>(distance(texture) * kNearDivisor / std::max<std::int64_t>(1, way_))));
    const std::size_t finest = textures_[texture].finest;
    return finest - std::min(finest, doublings);
  }
  // A chain of another length is another image: it comes, is filled, and the old one goes.
  bool change(Texture& texture, std::size_t level) {
    const ObjectIndex object = emitter_.image(chains_[level]);
    if (object == kNoObject) return false;
    emitter_.upload(object);
    resident_bytes_ += chains_[level].size;
    if (texture.object != kNoObject) resident_bytes_ -= chains_[texture.level].size;
    emitter_.free(texture.object);
    texture.object = object;
    texture.level = level;
    return true;
  }
  // Coarsens by one level whatever is finer than the camera asks for, in turn, until `bytes` more fit.
  bool make_room(Bytes bytes) {
    const auto has_room = [&] { return resident_bytes_ + bytes <= cap_ && emitter_.fits(bytes); };
    for (std::size_t visits = textures_.size(); visits > 0 && !has_room(); --visits) {
      victim_ = (victim_ + 1) % textures_.size();
      Texture& texture = textures_[victim_];
      if (texture.object != kNoObject && texture.level > wanted(victim_)) change(texture, texture.level - 1);
    }
    return has_room();
  }
  void touch(std::uint64_t frame) {
    for (std::size_t i = frame % touch_interval_; i < textures_.size(); i += touch_interval_) {
      if (distance(i) * kNearDivisor < 2 * way_) emitter_.touch(textures_[i].object);
    }
  }

  Emitter& emitter_;
  Random& random_;
  Bytes cap_;
  Bytes bytes_per_frame_;
  std::uint64_t touch_interval_;
  std::vector<ImageShape> chains_;  // by level: the full chain below an edge, which doubles by level
  std::vector<Texture> textures_;
  Bytes resident_bytes_ = 0;
  Bytes credit_ = 0;
  std::size_t hand_ = 0;    // the next texture that may become finer
  std::size_t victim_ = 0;  // the last texture that was asked to become coarser
  std::int64_t way_ = 0;    // length of the closed way
  std::int64_t camera_ = 0;
  std::int64_t step_ = 0;
  std::uint64_t steps_ = 0;  // left until the camera decides anew
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");

  emitter.frames();
  FrameLoop loop(emitter, 8 * kKiB);
  MipStreaming streaming(emitter, random, values);
  streaming.load();
  out.snapshot("loaded");
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    loop.next();
    streaming.stream(frame);
    if (frame == frames / 2) out.snapshot("midway");
  }
  out.snapshot("streamed");
  streaming.shutdown();
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kTextureStreaming = {
    "texture_streaming",
    "Mip levels move in and out one at a time under a cap; scale multiplies textures, cap and rate",
    kParameters,
    generate,
};

}  // namespace vkmembench
