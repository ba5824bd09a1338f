#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/lane_loop.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"lanes", Kind::integer, 4, 1, 16, {}, "lanes, each with work of its own"},
    {"operations", Kind::integer, 5000, 16, 10'000'000, {}, "random allocations and frees of each lane"},
    {"cross_free_percent", Kind::integer, 50, 0, 100, {}, "frees that the next lane does"},
    {"live_per_lane", Kind::integer, 600, 1, 10'000'000, {}, "CPU allocations live on a lane at most"},
    {"buffers_per_lane", Kind::integer, 50, 1, 10'000'000, {}, "device buffers live on a lane at most"},
    {"buffers_percent", Kind::integer, 10, 0, 100, {}, "operations on device buffers instead of CPU memory"},
    {"operations_per_frame", Kind::integer, 100, 1, 1'000'000, {}, "operations of each lane between two frames"},
};

constexpr Bytes kBufferLow = 4 * kKiB;
constexpr Bytes kBufferHigh = 4 * kMiB;

// Parts of an engine that allocate as it runs, one to five names deep.
struct Part {
  std::string_view category;
  Bytes low;
  Bytes high;
};
constexpr std::array<Part, 9> kParts = {{
    {"Audio", 512, 16 * kKiB},
    {"Renderer::Commands", 64, 4 * kKiB},
    {"Renderer::Textures::Diffuse", 256, 64 * kKiB},
    {"Renderer::Textures::Normal", 256, 64 * kKiB},
    {"Renderer::Meshes::Static::Lod0", kKiB, 64 * kKiB},
    {"Streaming::Requests", 32, 256},
    {"Physics::Broadphase::Pairs", 16, 512},
    {"Scripting::VM::Heap::Young::Objects", 16, 128},
    {"UI::Text::Glyphs", 64, kKiB},
}};

// What lanes have in common.
struct Work {
  std::uint64_t allocations = 0;  // live on a lane at most
  std::uint64_t buffers = 0;
  std::uint64_t buffers_percent = 0;
  std::uint64_t cross_percent = 0;
  std::uint32_t shape = 0;
};

// What a lane holds. Its allocations and frees, and when, follow from its own seed alone.
class Worker {
 public:
  Worker(Emitter& emitter, std::uint64_t seed, const Work& work) : emitter_(emitter), random_(seed), work_(work) {}

  // Allocates or frees, evenly once half of the capacity is live. The free is issued by `free_lane`.
  void operate(std::uint16_t lane, std::uint16_t free_lane) {
    const bool buffer = random_.below(100) < work_.buffers_percent;
    const bool create = random_.below(2) == 0;
    const bool cross = random_.below(100) < work_.cross_percent;
    std::vector<ObjectIndex>& objects = buffer ? buffers_ : memory_;
    const std::uint64_t capacity = buffer ? work_.buffers : work_.allocations;
    if (objects.size() <= capacity / 2 || (create && objects.size() < capacity)) {
      emitter_.out().lane(lane);
      const ObjectIndex object =
          buffer ? emitter_.buffer(random_.between(kBufferLow, kBufferHigh), work_.shape) : allocate();
      if (object != kNoObject) {
        objects.push_back(object);
        return;
      }
    }
    if (objects.empty()) return;
    std::swap(objects[random_.below(objects.size())], objects.back());
    emitter_.out().lane(cross ? free_lane : lane);
    free(buffer, objects.back());
    objects.pop_back();
  }
  void free_all(std::uint16_t lane) {
    emitter_.out().lane(lane);
    for (const ObjectIndex object : buffers_) free(true, object);
    for (const ObjectIndex object : memory_) free(false, object);
  }

 private:
  ObjectIndex allocate() {
    const Part& part = kParts[random_.below(kParts.size())];
    return emitter_.host_alloc(random_.between(part.low, part.high), part.category);
  }
  void free(bool buffer, ObjectIndex object) {
    if (buffer)
      emitter_.free(object);
    else
      emitter_.host_free(object);
  }

  Emitter& emitter_;
  Random random_;
  const Work& work_;
  std::vector<ObjectIndex> memory_;
  std::vector<ObjectIndex> buffers_;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Work work;
  work.allocations = emitter.scaled(values.integer("live_per_lane"));
  work.buffers = emitter.scaled(values.integer("buffers_per_lane"));
  work.buffers_percent = values.integer("buffers_percent");
  work.cross_percent = values.integer("cross_free_percent");
  work.shape = intern(out, BufferShape{.kind = BufferKind::storage, .tag = "host_churn/buffer"});
  run_lanes(values, seed, emitter, [&](std::uint64_t lane_seed) { return Worker(emitter, lane_seed, work); });
}

}  // namespace

constinit const Generator kHostChurn = {
    "host_churn",
    "Lanes allocate and free CPU memory in nested categories, a few device buffers among it, and free for each other; "
    "scale multiplies operations and what is live",
    kParameters,
    generate,
};

}  // namespace vkmembench
