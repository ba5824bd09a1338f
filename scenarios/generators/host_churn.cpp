#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/table.h"
#include "scenarios/random.h"

namespace vkmembench {
namespace {

using Type = GeneratorParameterType;

constexpr GeneratorParameter kParameters[] = {
    {"lanes", Type::integer, 4, 1, 16, {}, "lanes, each with work of its own"},
    {"operations", Type::integer, 5000, 16, 10'000'000, {}, "random allocations and frees of each lane"},
    {"cross_free_percent", Type::integer, 50, 0, 100, {}, "frees that the next lane does"},
    {"live_per_lane", Type::integer, 600, 1, 10'000'000, {}, "CPU allocations live on a lane at most"},
    {"buffers_per_lane", Type::integer, 50, 1, 10'000'000, {}, "device buffers live on a lane at most"},
    {"buffers_percent", Type::integer, 10, 0, 100, {}, "operations on device buffers instead of CPU memory"},
    {"operations_per_frame", Type::integer, 100, 1, 1'000'000, {}, "operations of each lane between two frames"},
};

constexpr std::uint64_t kSeedStep = 0x9e3779b97f4a7c15u;  // apart, so that lanes share no sequence
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

// What may be live on a lane.
struct Capacity {
  std::uint64_t allocations = 0;
  std::uint64_t buffers = 0;
};

// What a lane holds. Its allocations and frees, and when, follow from its own seed alone.
class Worker {
 public:
  Worker(Emitter& emitter, std::uint64_t seed, std::uint32_t shape, Capacity capacity)
      : emitter_(emitter), random_(seed), shape_(shape), capacity_(capacity) {}

  // Allocates or frees, evenly once half of the capacity is live. The free is issued by `free_lane`.
  void operate(const GeneratorValues& values, std::uint16_t lane, std::uint16_t free_lane) {
    const bool buffer = random_.below(100) < values.integer("buffers_percent");
    const bool create = random_.below(2) == 0;
    const bool cross = random_.below(100) < values.integer("cross_free_percent");
    std::vector<ObjectIndex>& objects = buffer ? buffers_ : memory_;
    const std::uint64_t capacity = buffer ? capacity_.buffers : capacity_.allocations;
    if (objects.size() <= capacity / 2 || (create && objects.size() < capacity)) {
      emitter_.out().lane(lane);
      const ObjectIndex object =
          buffer ? emitter_.buffer(random_.between(kBufferLow, kBufferHigh), shape_) : allocate();
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
  std::uint32_t shape_;
  Capacity capacity_;
  std::vector<ObjectIndex> memory_;
  std::vector<ObjectIndex> buffers_;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  const std::uint64_t lanes = values.integer("lanes");
  const std::uint64_t operations = emitter.scaled(values.integer("operations"));
  const std::uint64_t per_frame = values.integer("operations_per_frame");
  const Capacity capacity = {emitter.scaled(values.integer("live_per_lane")),
                             emitter.scaled(values.integer("buffers_per_lane"))};
  const std::uint32_t shape = intern(out, BufferShape{.kind = BufferKind::storage, .tag = "host_churn/buffer"});
  std::vector<Worker> workers;
  for (std::uint64_t lane = 0; lane < lanes; ++lane)
    workers.emplace_back(emitter, seed + lane * kSeedStep, shape, capacity);

  emitter.frames();
  for (std::uint64_t i = 1; i <= operations; ++i) {
    for (std::uint64_t lane = 0; lane < lanes; ++lane) {
      workers[lane].operate(values, static_cast<std::uint16_t>(lane), static_cast<std::uint16_t>((lane + 1) % lanes));
    }
    out.lane(0);
    if (i % per_frame == 0) emitter.frames();
    if (i == std::max<std::uint64_t>(1, operations / 2)) {
      out.barrier();  // lanes run freely between frames; what a snapshot shows is of one time
      out.snapshot("half_way");
    }
  }
  out.barrier();
  out.snapshot("worked");
  for (std::uint64_t lane = 0; lane < lanes; ++lane) workers[lane].free_all(static_cast<std::uint16_t>(lane));
  out.lane(0);
  emitter.drain();
  out.snapshot("end");
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
