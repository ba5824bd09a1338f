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
    {"frames", Kind::integer, 1200, 64, 10'000'000, {}, "frames of the flight"},
    {"views", Kind::integer, 4, 1, 10'000, {}, "virtual textures, each with a camera of its own"},
    {"pool_tiles", Kind::integer, 2048, 16, 10'000'000, {}, "tiles of 64 KiB that all of them share"},
    {"tiles_per_frame", Kind::integer, 5, 1, 1'000'000, {}, "tiles that one frame may upload"},
    {"window", Kind::integer, 6, 1, 64, {}, "tiles along an edge of what a camera sees of each mip"},
    {"speed", Kind::integer, 32, 1, 4096, {}, "way of a camera each frame, in 1/256 of a tile of the finest mip"},
    {"touch_interval", Kind::integer, 64, 1, 1'000'000, {}, "frames between touches of a visible tile"},
};

constexpr Bytes kTileSize = 64 * kKiB;
constexpr std::int64_t kSide = 64;        // tiles along the finest mip: 256 MiB; the third holds 16 MiB in 256 tiles
constexpr std::int64_t kTileUnits = 256;  // camera positions along a tile of the finest mip
constexpr std::int64_t kWorld = kSide * kTileUnits;
constexpr std::size_t kMips = 7;
constexpr Bytes kEntrySize = 4;              // of the page table
constexpr std::uint64_t kTableInterval = 4;  // frames between uploads of a page table that changed
constexpr Bytes kFeedbackSize = 16 * kKiB;
constexpr double kJumpChance = 0.25;  // a camera that ends its leg goes on elsewhere

// The cache of tiles: the least recently used makes room. Slots are linked by index, for most of the work is to move
// what is seen to the end.
class TilePool {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = ~Slot{0};
  struct Entry {
    ObjectIndex object = kNoObject;
    std::uint32_t view = 0;       // the owner
    std::uint32_t tile = 0;       // the owner's
    std::uint32_t last_used = 0;  // frame
    Slot previous = kNone;
    Slot next = kNone;
  };

  TilePool(Emitter& emitter, std::uint64_t capacity)
      : emitter_(emitter),
        capacity_(capacity),
        shape_(intern(emitter.out(), BufferShape{.kind = BufferKind::storage, .tag = "virtual/tile"})) {}

  [[nodiscard]] bool is_full() const { return used_ >= capacity_ || !emitter_.fits(kTileSize); }
  // The entry that has to go before another comes: the least recently used, unless this frame uses it.
  [[nodiscard]] const Entry* oldest_unused(std::uint64_t frame) const {
    return first_ == kNone || entries_[first_].last_used == frame ? nullptr : &entries_[first_];
  }
  void free_oldest() {
    const Slot slot = first_;
    emitter_.free(entries_[slot].object);
    unlink(slot);
    spare_.push_back(slot);
    --used_;
  }
  // Requires !is_full().
  Slot load(std::size_t view, std::size_t tile, std::uint64_t frame) {
    const ObjectIndex object = emitter_.buffer(kTileSize, shape_);
    emitter_.upload(object);
    auto slot = static_cast<Slot>(entries_.size());
    if (spare_.empty()) {
      entries_.emplace_back();
    } else {
      slot = spare_.back();
      spare_.pop_back();
    }
    entries_[slot] = {.object = object,
                      .view = static_cast<std::uint32_t>(view),
                      .tile = static_cast<std::uint32_t>(tile),
                      .last_used = static_cast<std::uint32_t>(frame)};
    append(slot);
    ++used_;
    return slot;
  }
  void use(Slot slot, std::uint64_t frame) {
    entries_[slot].last_used = static_cast<std::uint32_t>(frame);
    if (slot == last_) return;
    unlink(slot);
    append(slot);
  }
  [[nodiscard]] ObjectIndex object(Slot slot) const { return entries_[slot].object; }
  void clear() {
    while (first_ != kNone) free_oldest();
  }

 private:
  void unlink(Slot slot) {
    const Entry& entry = entries_[slot];
    (entry.previous == kNone ? first_ : entries_[entry.previous].next) = entry.next;
    (entry.next == kNone ? last_ : entries_[entry.next].previous) = entry.previous;
  }
  void append(Slot slot) {
    entries_[slot].previous = last_;
    entries_[slot].next = kNone;
    (last_ == kNone ? first_ : entries_[last_].next) = slot;
    last_ = slot;
  }

  Emitter& emitter_;
  std::uint64_t capacity_;
  std::uint32_t shape_;
  std::vector<Entry> entries_;
  std::vector<Slot> spare_;
  std::uint64_t used_ = 0;
  Slot first_ = kNone;  // the least recently used
  Slot last_ = kNone;
};

// Flies in straight legs over the square world and bounces at its borders.
class TileCamera {
 public:
  TileCamera(Random& random, std::int64_t speed) : random_(random), speed_(speed) { jump(); }
  void next() {
    if (steps_ == 0) {
      if (random_.chance(kJumpChance)) jump();
      steps_ = random_.between(60, 240);
      dx_ = draw_step();
      dy_ = draw_step();
    }
    --steps_;
    advance(x_, dx_);
    advance(y_, dy_);
  }
  [[nodiscard]] std::int64_t x() const { return x_; }
  [[nodiscard]] std::int64_t y() const { return y_; }

 private:
  void jump() {
    x_ = static_cast<std::int64_t>(random_.below(kWorld));
    y_ = static_cast<std::int64_t>(random_.below(kWorld));
  }
  std::int64_t draw_step() {
    return static_cast<std::int64_t>(random_.between(0, 2 * static_cast<std::uint64_t>(speed_))) - speed_;
  }
  static void advance(std::int64_t& position, std::int64_t& step) {
    if (position + step < 0 || position + step >= kWorld) step = -step;
    position = std::clamp<std::int64_t>(position + step, 0, kWorld - 1);
  }

  Random& random_;
  std::int64_t speed_;
  std::int64_t x_ = 0;
  std::int64_t y_ = 0;
  std::int64_t dx_ = 0;
  std::int64_t dy_ = 0;
  std::uint64_t steps_ = 0;
};

// Virtual textures that share a pool of tiles; a page table each says which tile is where.
class VirtualTextures {
 public:
  VirtualTextures(Emitter& emitter, Random& random, const GeneratorValues& values)
      : emitter_(emitter),
        pool_(emitter, emitter.scaled(values.integer("pool_tiles"))),
        window_(static_cast<std::int64_t>(values.integer("window"))),
        touch_interval_(values.integer("touch_interval")),
        tiles_per_frame_(emitter.scaled(values.integer("tiles_per_frame"))) {
    std::size_t tile_count = 0;
    for (std::size_t mip = 0; mip < kMips; ++mip) {
      first_tile_[mip] = tile_count;
      tile_count += static_cast<std::size_t>(side(mip) * side(mip));
    }
    const std::uint32_t table =
        intern(emitter.out(), BufferShape{.kind = BufferKind::storage, .tag = "virtual/page_table"});
    const std::uint64_t count = emitter.scaled(values.integer("views"));
    for (std::uint64_t i = 0; i < count; ++i) {
      views_.push_back(View{TileCamera(random, static_cast<std::int64_t>(values.integer("speed"))),
                            std::vector<TilePool::Slot>(tile_count, TilePool::kNone),
                            emitter.buffer(tile_count * kEntrySize, table)});
    }
  }

  void follow(std::uint64_t frame) {
    std::uint64_t loads = tiles_per_frame_;
    for (View& view : views_) view.camera.next();
    // What is coarse comes first, so that something is seen everywhere.
    for (std::size_t mip = kMips; mip-- > 0;) {
      for (std::size_t view = 0; view < views_.size(); ++view) loads = see(view, mip, frame, loads);
    }
    for (std::size_t i = 0; i < views_.size(); ++i) {
      View& view = views_[i];
      if (!view.table_changed || (frame + i) % kTableInterval != 0) continue;
      emitter_.upload(view.table);
      view.table_changed = false;
    }
  }
  void shutdown() {
    pool_.clear();
    for (const View& view : views_) emitter_.free(view.table);
  }

 private:
  struct View {
    TileCamera camera;
    std::vector<TilePool::Slot> slots;  // by tile, the finest mip first
    ObjectIndex table = kNoObject;
    bool table_changed = true;
  };

  static std::int64_t side(std::size_t mip) { return kSide >> mip; }

  // Uses the tiles of the mip around the camera and loads what is missing; returns the loads left.
  std::uint64_t see(std::size_t index, std::size_t mip, std::uint64_t frame, std::uint64_t loads) {
    View& view = views_[index];
    const std::int64_t edge = std::min(window_, side(mip));
    const std::int64_t units = kTileUnits << mip;
    const std::int64_t first_x = std::clamp<std::int64_t>(view.camera.x() / units - edge / 2, 0, side(mip) - edge);
    const std::int64_t first_y = std::clamp<std::int64_t>(view.camera.y() / units - edge / 2, 0, side(mip) - edge);
    for (std::int64_t y = first_y; y < first_y + edge; ++y) {
      for (std::int64_t x = first_x; x < first_x + edge; ++x) {
        const std::size_t tile = first_tile_[mip] + static_cast<std::size_t>(y * side(mip) + x);
        TilePool::Slot& slot = view.slots[tile];
        if (slot != TilePool::kNone) {
          pool_.use(slot, frame);
          if ((tile + frame) % touch_interval_ == 0) emitter_.touch(pool_.object(slot));
        } else if (loads > 0 && make_room(frame)) {
          slot = pool_.load(index, tile, frame);
          view.table_changed = true;
          --loads;
        }
      }
    }
    return loads;
  }
  bool make_room(std::uint64_t frame) {
    while (pool_.is_full()) {
      const TilePool::Entry* oldest = pool_.oldest_unused(frame);
      if (oldest == nullptr) return false;
      View& owner = views_[oldest->view];
      owner.slots[oldest->tile] = TilePool::kNone;
      owner.table_changed = true;
      pool_.free_oldest();
    }
    return true;
  }

  Emitter& emitter_;
  TilePool pool_;
  std::int64_t window_;
  std::uint64_t touch_interval_;
  std::uint64_t tiles_per_frame_;
  std::array<std::size_t, kMips> first_tile_{};
  std::vector<View> views_;
};

// What the GPU missed, copied to the host each frame and read when the frame is over.
class Feedback {
 public:
  explicit Feedback(Emitter& emitter) : emitter_(emitter) {
    TraceBuilder& out = emitter.out();
    written_ =
        emitter.buffer(kFeedbackSize, intern(out, BufferShape{.kind = BufferKind::storage, .tag = "virtual/feedback"}));
    emitter.upload(written_);
    const std::uint32_t readback =
        intern(out, BufferShape{.kind = BufferKind::storage, .memory = MemoryUse::readback, .tag = "virtual/readback"});
    for (std::uint32_t i = 0; i <= out.frames_in_flight(); ++i)
      ring_.push_back(emitter.buffer(kFeedbackSize, readback));
  }
  void next(std::uint64_t frame) {
    const ObjectIndex oldest = ring_[frame % ring_.size()];
    if (oldest == kNoObject || written_ == kNoObject) return;
    if (frame >= ring_.size()) emitter_.out().read(oldest, 0, kFeedbackSize);
    emitter_.copy(written_, oldest, kFeedbackSize);
  }
  void shutdown() {
    emitter_.free(written_);
    for (const ObjectIndex object : ring_) emitter_.free(object);
  }

 private:
  Emitter& emitter_;
  ObjectIndex written_ = kNoObject;
  std::vector<ObjectIndex> ring_;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");

  emitter.frames();
  FrameLoop loop(emitter, 8 * kKiB);
  Feedback feedback(emitter);
  VirtualTextures textures(emitter, random, values);
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    loop.next();
    feedback.next(frame);
    textures.follow(frame);
    if (frame == frames / 4) out.snapshot("filling");
    if (frame == frames / 2) out.snapshot("midway");
  }
  out.snapshot("flown");
  textures.shutdown();
  feedback.shutdown();
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kVirtualTexture = {
    "virtual_texture",
    "Tiles of 64 KiB follow cameras through a least-recently-used pool; scale multiplies cameras, pool and uploads",
    kParameters,
    generate,
};

}  // namespace vkmembench
