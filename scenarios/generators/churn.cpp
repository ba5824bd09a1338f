#include <span>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr std::string_view kKindChoices[] = {"all", "buffers", "images", "small", "large"};
constexpr Parameter kParameters[] = {
    {"kinds", Kind::choice, 0, 0, 4, kKindChoices,
     "which rows of the matrix: all, only buffers, images, small or large"},
    {"small_capacity_bytes", Kind::bytes, 4.0 * kMiB, 256.0 * kKiB, 1.0 * kGiB, {}, "what 100 % is for small objects"},
    {"large_capacity_bytes",
     Kind::bytes,
     256.0 * kMiB,
     128.0 * kMiB,
     64.0 * kGiB,
     {},
     "what 100 % is for large objects"},
    {"operations", Kind::integer, 1024, 1, 1'000'000, {}, "random operations at each fill level"},
    {"operations_per_frame", Kind::integer, 32, 1, 1'000'000, {}, "creates and frees between two frames"},
};

constexpr std::uint64_t kFillPercents[] = {5, 50, 95, 100};
constexpr std::uint64_t kSnapshotPercent = 50;  // where holes are many and still matter
constexpr int kFillAttempts = 8;

// A row of the matrix. Buffers by size in bytes, images by edge in texels, both uniform.
struct Row {
  std::string_view name;
  bool images;
  bool large;
  std::uint64_t low;
  std::uint64_t high;
  std::size_t image_shapes;  // extents drawn up front
};
constexpr Row kRows[] = {
    {"small_buffers", false, false, 16, kKiB, 0},
    {"large_buffers", false, true, 64 * kKiB, 10 * kMiB, 0},
    {"small_images", true, false, 4, 32, 256},
    {"large_images", true, true, 256, 2048, 64},
};

bool is_chosen(const Row& row, std::string_view kinds) {
  if (kinds == "buffers" || kinds == "images") return row.images == (kinds == "images");
  if (kinds == "small" || kinds == "large") return row.large == (kinds == "large");
  return true;
}

// Replays one row: objects come and go at random below a ceiling that rises from level to level.
class Churn {
 public:
  Churn(Emitter& emitter, Random& random, const Row& row, std::uint64_t operations_per_frame)
      : emitter_(emitter), random_(random), row_(row), operations_per_frame_(operations_per_frame) {
    TraceBuilder& out = emitter.out();
    if (!row.images) buffer_shape_ = intern(out, BufferShape{.kind = BufferKind::vertex, .tag = row.name});
    for (std::size_t i = 0; i < row.image_shapes; ++i) {
      const VkExtent2D extent{static_cast<std::uint32_t>(random.between(row.low, row.high)),
                              static_cast<std::uint32_t>(random.between(row.low, row.high))};
      image_shapes_.push_back(intern(out, TextureShape{.extent = extent, .mips = false, .tag = row.name}));
    }
  }

  // Creates until several draws in a row exceed the ceiling.
  void fill(Bytes ceiling) {
    for (int misses = 0; misses < kFillAttempts;) misses = create(ceiling) ? 0 : misses + 1;
  }
  // Creates or frees, evenly; a create that would exceed the ceiling becomes a free, and more than a tenth below the
  // ceiling only creates happen, so that the level stays what its name says.
  void operate(std::uint64_t operations, Bytes ceiling) {
    for (std::uint64_t i = 0; i < operations; ++i) {
      const bool creates = live_bytes_ < ceiling / 10 * 9 || random_.below(2) == 0;
      if (!creates || !create(ceiling)) free_one();
    }
  }
  void empty() {
    while (!objects_.empty()) free_one();
    emitter_.drain();
  }

 private:
  bool create(Bytes ceiling) {
    const ImageShape* image = row_.images ? &image_shapes_[random_.below(image_shapes_.size())] : nullptr;
    const Bytes size = row_.images ? image->size : random_.between(row_.low, row_.high);
    if (live_bytes_ + size > ceiling) return false;
    const ObjectIndex object = row_.images ? emitter_.image(*image) : emitter_.buffer(size, buffer_shape_);
    if (object == kNoObject) return false;
    objects_.push_back(object);
    live_bytes_ += size;
    count_operation();
    return true;
  }
  void free_one() {
    if (objects_.empty()) return;
    ObjectIndex& chosen = objects_[random_.below(objects_.size())];
    live_bytes_ -= emitter_.out().size_of(chosen);
    emitter_.free(chosen);
    chosen = objects_.back();
    objects_.pop_back();
    count_operation();
  }
  void count_operation() {
    if (++operations_ % operations_per_frame_ == 0) emitter_.frames();
  }

  Emitter& emitter_;
  Random& random_;
  const Row& row_;
  std::uint64_t operations_per_frame_;
  std::uint64_t operations_ = 0;
  std::uint32_t buffer_shape_ = 0;
  std::vector<ImageShape> image_shapes_;
  std::vector<ObjectIndex> objects_;
  Bytes live_bytes_ = 0;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t operations = emitter.scaled(values.integer("operations"));
  emitter.frames();
  for (const Row& row : kRows) {
    if (!is_chosen(row, values.choice("kinds"))) continue;
    const Bytes capacity = emitter.scaled(values.bytes(row.large ? "large_capacity_bytes" : "small_capacity_bytes"));
    Churn churn(emitter, random, row, values.integer("operations_per_frame"));
    for (const std::uint64_t percent : kFillPercents) {
      const Bytes ceiling = capacity * percent / 100;
      churn.fill(ceiling);
      churn.operate(operations, ceiling);
      if (percent == kSnapshotPercent) out.snapshot(row.name);
    }
    churn.empty();
  }
  out.snapshot("end");
}

}  // namespace

constinit const Generator kChurn = {
    "churn",
    "Small and large buffers and images come and go at random at 5, 50, 95 and 100 % of a capacity; scale multiplies "
    "capacities and operations",
    kParameters,
    generate,
};

}  // namespace vkmembench
