#include <array>
#include <utility>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/lane_loop.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr std::string_view kSizeChoices[] = {"mixed", "small", "large"};
constexpr Parameter kParameters[] = {
    {"lanes", Kind::integer, 4, 1, 16, {}, "lanes, each with work of its own"},
    {"operations", Kind::integer, 4000, 16, 10'000'000, {}, "random creates and frees of each lane"},
    {"cross_free_percent", Kind::integer, 50, 0, 100, {}, "frees that the next lane does"},
    {"sizes", Kind::choice, 0, 0, 2, kSizeChoices,
     "small (16 B to 1 KiB), large (64 KiB to 10 MiB) or seven small to one"},
    {"small_bytes_per_lane", Kind::bytes, 512.0 * kKiB, 4.0 * kKiB, 1.0 * kGiB, {}, "small objects live on a lane"},
    {"large_bytes_per_lane", Kind::bytes, 96.0 * kMiB, 16.0 * kMiB, 64.0 * kGiB, {}, "large objects live on a lane"},
    {"operations_per_frame", Kind::integer, 128, 1, 1'000'000, {}, "operations of each lane between two frames"},
};

constexpr std::uint64_t kSmallPerLarge = 7;

// What a lane draws its objects from.
struct SizeClass {
  std::string_view tag;
  Bytes low;
  Bytes high;
};
constexpr std::array<SizeClass, 2> kClasses = {{
    {"threads/small", 16, kKiB},
    {"threads/large", 64 * kKiB, 10 * kMiB},
}};

// What lanes have in common.
struct Work {
  std::string_view sizes;
  std::uint64_t cross_percent = 0;
  std::array<std::uint32_t, 2> shapes{};
  std::array<Bytes, 2> capacities{};
};

// The objects of a lane. What it creates and frees, and when, follows from its own seed alone: each further lane adds
// the same work.
class Worker {
 public:
  Worker(Emitter& emitter, std::uint64_t seed, const Work& work) : emitter_(emitter), random_(seed), work_(work) {}

  // Creates or frees, evenly, as far as the capacity of the class lets it. The free is issued by `free_lane`.
  void operate(std::uint16_t lane, std::uint16_t free_lane) {
    std::size_t size_class = work_.sizes == "large" ? 1 : 0;
    if (work_.sizes == "mixed" && random_.below(kSmallPerLarge + 1) == 0) size_class = 1;
    const Bytes size = random_.between(kClasses[size_class].low, kClasses[size_class].high);
    const Bytes capacity = work_.capacities[size_class];
    const bool create = random_.below(2) == 0 || bytes_[size_class] < capacity / 2;
    const bool cross = random_.below(100) < work_.cross_percent;
    std::vector<ObjectIndex>& objects = objects_[size_class];
    if (create && bytes_[size_class] + size <= capacity) {
      emitter_.out().lane(lane);
      const ObjectIndex object = emitter_.buffer(size, work_.shapes[size_class]);
      if (object != kNoObject) {
        objects.push_back(object);
        bytes_[size_class] += size;
        return;
      }
    }
    if (objects.empty()) return;
    std::swap(objects[random_.below(objects.size())], objects.back());
    bytes_[size_class] -= emitter_.out().size_of(objects.back());
    emitter_.out().lane(cross ? free_lane : lane);
    emitter_.free(objects.back());
    objects.pop_back();
  }
  void free_all(std::uint16_t lane) {
    emitter_.out().lane(lane);
    for (const std::vector<ObjectIndex>& objects : objects_) {
      for (const ObjectIndex object : objects) emitter_.free(object);
    }
  }

 private:
  Emitter& emitter_;
  Random random_;
  const Work& work_;
  std::array<Bytes, 2> bytes_{};
  std::array<std::vector<ObjectIndex>, 2> objects_;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Work work;
  work.sizes = values.choice("sizes");
  work.cross_percent = values.integer("cross_free_percent");
  work.capacities = {emitter.scaled(values.bytes("small_bytes_per_lane")),
                     emitter.scaled(values.bytes("large_bytes_per_lane"))};
  for (std::size_t i = 0; i < work.shapes.size(); ++i) {
    work.shapes[i] = intern(out, BufferShape{.kind = BufferKind::storage, .tag = kClasses[i].tag});
  }
  run_lanes(values, seed, emitter, [&](std::uint64_t lane_seed) { return Worker(emitter, lane_seed, work); });
}

}  // namespace

constinit const Generator kThreads = {
    "threads",
    "Lanes create and free small and large buffers at random, and free for each other; scale multiplies operations and "
    "capacities",
    kParameters,
    generate,
};

}  // namespace vkmembench
