#include <algorithm>
#include <cmath>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/frame_loop.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"frames", Kind::integer, 1200, 64, 1'000'000, {}, "frames of flight"},
    {"lod_levels", Kind::integer, 5, 1, 5, {}, "rings, out to 100, 500, 1000, 2000 and 5000 m"},
    {"base_resolution",
     Kind::integer,
     1024,
     64,
     4096,
     {},
     "samples along a tile's edge in the inner ring, halved by ring"},
    {"speed_dm_per_frame", Kind::integer, 20, 1, 1000, {}, "ground covered each frame in decimetres"},
    {"tiles_per_frame", Kind::integer, 4, 1, 1000, {}, "tiles that one frame may load"},
    {"keep_frames", Kind::integer, 120, 0, 1'000'000, {}, "frames that a tile outside its ring is kept"},
    {"touch_interval", Kind::integer, 16, 1, 1'000'000, {}, "frames between touches of a visible tile"},
    {"defragment_interval", Kind::integer, 300, 1, 1'000'000, {}, "frames between defragmentations of unused tiles"},
};

// Lengths are whole decimetres, so that every platform decides alike.
using Length = std::int64_t;
constexpr Length kRingEnds[] = {1000, 5000, 10'000, 20'000, 50'000};
constexpr Length kTileEdge = 1000;  // in the inner ring at scale 1, doubled by ring

struct Position {
  Length x = 0;
  Length y = 0;
  Length height = 0;
};

// Flies east in straight legs with random drift, now low and now high above the ground.
class Camera {
 public:
  Camera(Random& random, Length speed) : random_(random), speed_(speed), to_{0, 0, 300} { begin_leg(); }
  Position next() {
    if (step_ == steps_) begin_leg();
    ++step_;
    return {along(from_.x, to_.x), along(from_.y, to_.y), along(from_.height, to_.height)};
  }

 private:
  void begin_leg() {
    static constexpr Length kHeights[] = {200, 500, 1500, 4000};
    from_ = to_;
    step_ = 0;
    steps_ = static_cast<Length>(random_.between(120, 360));
    const Length forward = speed_ * steps_;
    to_.x += forward;
    to_.y += static_cast<Length>(random_.below(static_cast<std::uint64_t>(forward) + 1)) - forward / 2;
    to_.height = kHeights[random_.below(std::size(kHeights))];
  }
  [[nodiscard]] Length along(Length from, Length to) const { return from + (to - from) * step_ / steps_; }

  Random& random_;
  Length speed_;
  Position from_;
  Position to_;
  Length step_ = 0;
  Length steps_ = 1;
};

Length floor_divide(Length a, Length b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
Length wrap(Length a, Length b) { return a - floor_divide(a, b) * b; }
Length square(Length a) { return a * a; }

struct Tile {
  bool loaded = false;
  Length x = 0;
  Length y = 0;
  std::uint64_t last_seen = 0;  // frame
  ObjectIndex objects[3] = {kNoObject, kNoObject, kNoObject};
};

// One ring of tiles around the camera. Tiles live in a square window that moves with it and is addressed modulo its
// side (F. Losasso and H. Hoppe, "Geometry clipmaps", SIGGRAPH 2004), so that no lookup is needed.
class Ring {
 public:
  Ring(Emitter& emitter, Random& random, Length edge, Length begin, Length end, std::uint32_t resolution)
      : emitter_(emitter),
        random_(random),
        edge_(edge),
        begin_(begin),
        end_(end),
        reach_(end / edge + 1),
        side_(2 * reach_ + 1),
        tiles_(static_cast<std::size_t>(side_ * side_)),
        samples_(Bytes{resolution} * resolution) {
    TraceBuilder& out = emitter.out();
    heights_ = intern(out, BufferShape{.kind = BufferKind::vertex, .tag = "terrain/height", .evictable = true});
    indices_ = intern(out, BufferShape{.kind = BufferKind::index, .tag = "terrain/index", .evictable = true});
    texture_ = intern(out, TextureShape{.texels = TexelFamily::bc7,
                                        .extent = {resolution, resolution},
                                        .tag = "terrain/surface",
                                        .evictable = true});
    // A tile shares its border with the next: one sample more along each edge, 16-bit height and packed normal.
    heights_size_ = (Bytes{resolution} + 1) * (resolution + 1) * 4;
  }

  // Loads at most `loads` of the tiles in the ring, touches some of them and frees what is unused for `keep_frames`.
  // Returns the loads left.
  std::uint64_t follow(const Position& camera, std::uint64_t frame, std::uint64_t loads, std::uint64_t keep_frames,
                       std::uint64_t touch_interval) {
    const Length first_x = floor_divide(camera.x, edge_) - reach_;
    const Length first_y = floor_divide(camera.y, edge_) - reach_;
    const Length height2 = square(camera.height);
    std::uint64_t until_touch = frame % touch_interval;
    Length slot_y = wrap(first_y, side_);
    const Length first_slot_x = wrap(first_x, side_);
    for (Length y = first_y; y < first_y + side_; ++y) {
      const Length low_y = y * edge_ - camera.y;
      Tile* const row = &tiles_[static_cast<std::size_t>(slot_y * side_)];
      const Length near_y = std::max<Length>({low_y, -(low_y + edge_), 0});
      const Length far_y = std::max(std::abs(low_y), std::abs(low_y + edge_));
      Length slot_x = first_slot_x;
      for (Length x = first_x; x < first_x + side_; ++x) {
        const Length low_x = x * edge_ - camera.x;
        const Length near_x = std::max<Length>({low_x, -(low_x + edge_), 0});
        const Length far_x = std::max(std::abs(low_x), std::abs(low_x + edge_));
        const bool visible = square(near_x) + square(near_y) + height2 < square(end_) &&
                             square(far_x) + square(far_y) + height2 >= square(begin_);
        Tile& tile = row[slot_x];
        if (++slot_x == side_) slot_x = 0;
        if (tile.loaded && (tile.x != x || tile.y != y || (!visible && frame - tile.last_seen > keep_frames))) {
          unload(tile);
        }
        if (!visible) continue;
        if (!tile.loaded && loads > 0 && load(tile)) {
          tile.x = x;
          tile.y = y;
          --loads;
        }
        tile.last_seen = frame;
        if (until_touch-- == 0) {
          until_touch = touch_interval - 1;
          if (tile.loaded) {
            for (const ObjectIndex object : tile.objects) emitter_.touch(object);
          }
        }
      }
      if (++slot_y == side_) slot_y = 0;
    }
    return loads;
  }
  // Marks the tiles that no frame since `frame` saw, or all of them; returns how many.
  std::uint64_t mark(std::uint64_t frame, bool all) {
    std::uint64_t count = 0;
    for (const Tile& tile : tiles_) {
      if (!tile.loaded || (!all && tile.last_seen >= frame)) continue;
      for (const ObjectIndex object : tile.objects) emitter_.mark(object);
      ++count;
    }
    return count;
  }
  void unload_all() {
    for (Tile& tile : tiles_) {
      if (tile.loaded) unload(tile);
    }
  }

 private:
  // False when the tile does not fit.
  bool load(Tile& tile) {
    // Adaptive triangulation keeps 2 to 6 % of the grid's two triangles a sample.
    const Bytes indices_size = align_up(samples_ * 24 * random_.between(20, 60) / 1000, 4);
    if (!emitter_.fits(heights_size_ + indices_size + texture_.size)) return false;
    tile.loaded = true;
    tile.objects[0] = emitter_.buffer(heights_size_, heights_);
    tile.objects[1] = emitter_.buffer(indices_size, indices_);
    tile.objects[2] = emitter_.image(texture_);
    for (const ObjectIndex object : tile.objects) emitter_.upload(object);
    return true;
  }
  void unload(Tile& tile) {
    for (const ObjectIndex object : tile.objects) emitter_.free(object);
    tile = Tile{};
  }

  Emitter& emitter_;
  Random& random_;
  Length edge_;
  Length begin_;
  Length end_;
  Length reach_;  // tiles from the camera's to the window's border
  Length side_;   // of the window, in tiles
  std::vector<Tile> tiles_;
  Bytes samples_;  // of a tile
  Bytes heights_size_ = 0;
  std::uint32_t heights_ = 0;
  std::uint32_t indices_ = 0;
  ImageShape texture_;
};

// The edge for which tiles are `scale` times as many. IEEE 754 rounds a square root exactly.
Length scaled_edge(const Emitter& emitter) {
  constexpr std::uint64_t kUnit = 1'000'000;
  const double area = static_cast<double>(square(kTileEdge)) * kUnit / static_cast<double>(emitter.scaled(kUnit));
  return std::max<Length>(1, static_cast<Length>(std::sqrt(area)));
}

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");
  const std::uint64_t keep_frames = values.integer("keep_frames");
  const std::uint64_t touch_interval = values.integer("touch_interval");
  const std::uint64_t interval = values.integer("defragment_interval");
  const std::uint64_t loads = emitter.scaled(values.integer("tiles_per_frame"));
  DefragmentRequest request;
  request.select = DefragmentSelect::marked;
  request.max_bytes_per_pass = 16 * kMiB;
  request.max_moves_per_pass = 64;

  std::vector<Ring> rings;
  const std::size_t levels = values.integer("lod_levels");
  for (std::size_t level = 0; level < levels; ++level) {
    rings.emplace_back(emitter, random, scaled_edge(emitter) << level, level == 0 ? 0 : kRingEnds[level - 1],
                       kRingEnds[level],
                       std::max(1u, static_cast<std::uint32_t>(values.integer("base_resolution")) >> level));
  }
  Camera camera(random, static_cast<Length>(values.integer("speed_dm_per_frame")));

  emitter.frames();
  FrameLoop loop(emitter, 16 * kKiB);
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    loop.next();
    const Position position = camera.next();
    std::uint64_t loads_left = loads;
    for (std::size_t level = levels; level-- > 0;) {  // what is coarse comes first, so that no hole is seen
      loads_left = rings[level].follow(position, frame, loads_left, keep_frames, touch_interval);
    }
    if (frame % interval == interval - 1 || (frames < interval && frame == frames - 1)) {
      std::uint64_t marked = 0;
      for (Ring& ring : rings) marked += ring.mark(frame, false);
      if (marked == 0) rings.back().mark(frame, true);  // all in use: compact what changes least
      out.defragment(request);
    }
    if (frame == frames / 2) out.snapshot("midway");
  }
  out.snapshot("arrived");
  for (Ring& ring : rings) ring.unload_all();
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kTerrainLod = {
    "terrain_lod",
    "Five rings of terrain tiles follow a camera on a path; scale multiplies the tiles on an area and in a frame's "
    "load",
    kParameters,
    generate,
};

}  // namespace vkmembench
