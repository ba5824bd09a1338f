#include <algorithm>
#include <deque>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/frame_loop.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"frames", Kind::integer, 360, 32, 1'000'000, {}, "frames, beginning with the load"},
    {"geometries", Kind::integer, 1500, 1, 10'000'000, {}, "bottom-level structures of the scene"},
    {"builds_per_frame", Kind::integer, 16, 1, 1'000'000, {}, "structures that one frame builds"},
    {"compact_percent", Kind::integer, 50, 10, 99, {}, "size after compaction, give or take a tenth, in percent"},
    {"skinned", Kind::integer, 16, 1, 1'000'000, {}, "structures that are rebuilt over and over"},
    {"replace_interval", Kind::integer, 2, 1, 1'000'000, {}, "frames between exchanges of a geometry after the load"},
};

constexpr Bytes kAlignment = 256;  // that Vulkan asks of an acceleration structure's offset
constexpr VkBufferUsageFlags kBuildInput =
    VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_BUILD_INPUT_READ_ONLY_BIT_KHR | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
constexpr Bytes kVertexBytes = 10;            // a triangle: half a vertex of 20 bytes
constexpr Bytes kStructureBytes = 96;         // a triangle, before compaction
constexpr Bytes kInstanceBytes = 64;          // VkAccelerationStructureInstanceKHR
constexpr std::uint64_t kSmallestMesh = 128;  // triangles
constexpr std::uint64_t kMeshOctaves = 6;
constexpr Bytes kScratchDivisor = 3;           // of the worst size
constexpr std::uint64_t kSkinnedInterval = 4;  // frames between rebuilds of one skinned structure

// A scene of bottom-level structures: each is built at its worst size, its compacted size is known when the build is
// over on the device, then it moves to a buffer of that size.
class AccelerationStructures {
 public:
  AccelerationStructures(Emitter& emitter, Random& random, const GeneratorValues& values)
      : emitter_(emitter), random_(random), compact_percent_(values.integer("compact_percent")) {
    TraceBuilder& out = emitter.out();
    vertices_ = intern(out, BufferShape{.kind = BufferKind::vertex,
                                        .tag = "rays/vertex",
                                        .pool = "vertex",
                                        .usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | kBuildInput});
    const auto storage = [&](std::string_view tag, VkBufferUsageFlags usage) {
      return intern(out, BufferShape{.kind = BufferKind::storage,
                                     .tag = tag,
                                     .pool = "ray_tracing",
                                     .alignment = kAlignment,
                                     .usage = usage | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT});
    };
    structure_ = storage("rays/bottom_level", VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_STORAGE_BIT_KHR);
    compacted_ = storage("rays/compacted", VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_STORAGE_BIT_KHR);
    scratch_ = storage("rays/scratch", VK_BUFFER_USAGE_STORAGE_BUFFER_BIT);
    top_level_ = storage("rays/top_level", VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_STORAGE_BIT_KHR);
    instances_ = intern(
        out,
        BufferShape{
            .kind = BufferKind::storage, .memory = MemoryUse::dynamic, .tag = "rays/instances", .usage = kBuildInput});
    const std::uint64_t count = emitter.scaled(values.integer("geometries"));
    geometries_.reserve(count);
    create_top_level(count);
    const std::uint64_t skinned = emitter.scaled(values.integer("skinned"));
    for (std::uint64_t i = 0; i < skinned; ++i) skinned_.push_back(build_structure(draw_triangles()));
    wanted_ = count;
  }

  [[nodiscard]] bool is_loaded() const { return started_ >= wanted_; }
  // Begins the builds of `count` more geometries of the load.
  void load(std::uint64_t frame, std::uint64_t count) {
    for (; count > 0 && !is_loaded(); --count, ++started_) build(frame);
    free_scratch();
  }
  // One geometry leaves the scene and another comes.
  void replace(std::uint64_t frame) {
    if (!geometries_.empty()) {
      Geometry& leaving = geometries_[random_.below(geometries_.size())];
      unload(leaving);
      leaving = geometries_.back();
      geometries_.pop_back();
    }
    build(frame);
    free_scratch();
  }
  // Moves what was built `frames_in_flight` frames ago into half the space.
  void compact(std::uint64_t frame) {
    while (!built_.empty() && built_.front().frame + emitter_.out().frames_in_flight() < frame) {
      Geometry geometry = built_.front();
      built_.pop_front();
      const Bytes worst = emitter_.out().size_of(geometry.structure);
      const std::uint64_t percent = compact_percent_ * random_.between(90, 110) / 100;
      const Bytes size = std::min(worst, align_up(worst * percent / 100, kAlignment));
      const ObjectIndex compacted = emitter_.buffer(size, compacted_);
      if (compacted != kNoObject) {
        emitter_.copy(geometry.structure, compacted, size);
        emitter_.free(geometry.structure);
        geometry.structure = compacted;
      }
      geometries_.push_back(geometry);
    }
  }
  // The top level is rebuilt every frame, the skinned structures in turn.
  void update(std::uint64_t frame) {
    emitter_.write(instance_buffer_);
    emitter_.touch(top_level_buffer_);
    for (std::uint64_t i = frame % kSkinnedInterval; i < skinned_.size(); i += kSkinnedInterval) {
      if (skinned_[i] == kNoObject) continue;
      emitter_.touch(skinned_[i]);
      add_scratch(emitter_.out().size_of(skinned_[i]));
    }
    free_scratch();
  }
  void shutdown() {
    for (Geometry& geometry : built_) unload(geometry);
    for (Geometry& geometry : geometries_) unload(geometry);
    for (const ObjectIndex structure : skinned_) emitter_.free(structure);
    emitter_.free(top_level_buffer_);
    emitter_.free(instance_buffer_);
  }

 private:
  struct Geometry {
    ObjectIndex vertices = kNoObject;
    ObjectIndex structure = kNoObject;
    std::uint64_t frame = 0;  // of the build
  };

  std::uint64_t draw_triangles() {
    const std::uint64_t low = kSmallestMesh << random_.below(kMeshOctaves);
    return random_.between(low, 2 * low - 1);
  }
  void create_top_level(std::uint64_t count) {
    instance_buffer_ = emitter_.buffer(count * kInstanceBytes, instances_);
    top_level_buffer_ = emitter_.buffer(align_up(2 * count * kInstanceBytes, kAlignment), top_level_);
  }
  // A structure at its worst size, and the scratch of its build.
  ObjectIndex build_structure(std::uint64_t triangles) {
    const ObjectIndex structure = emitter_.buffer(align_up(triangles * kStructureBytes, kAlignment), structure_);
    if (structure != kNoObject) add_scratch(emitter_.out().size_of(structure));
    return structure;
  }
  void build(std::uint64_t frame) {
    const std::uint64_t triangles = draw_triangles();
    Geometry geometry{emitter_.buffer(align_up(triangles * kVertexBytes, 16), vertices_), kNoObject, frame};
    emitter_.upload(geometry.vertices);
    geometry.structure = build_structure(triangles);
    if (geometry.structure == kNoObject) return unload(geometry);
    built_.push_back(geometry);
  }
  void add_scratch(Bytes structure_size) {
    scratch_buffers_.push_back(emitter_.buffer(align_up(structure_size / kScratchDivisor, kAlignment), scratch_));
  }
  void free_scratch() {
    for (const ObjectIndex scratch : scratch_buffers_) emitter_.free(scratch);
    scratch_buffers_.clear();
  }
  void unload(Geometry& geometry) {
    emitter_.free(geometry.vertices);
    emitter_.free(geometry.structure);
  }

  Emitter& emitter_;
  Random& random_;
  std::uint64_t compact_percent_;
  std::uint32_t vertices_ = 0;
  std::uint32_t structure_ = 0;
  std::uint32_t compacted_ = 0;
  std::uint32_t scratch_ = 0;
  std::uint32_t top_level_ = 0;
  std::uint32_t instances_ = 0;
  std::uint64_t wanted_ = 0;
  std::uint64_t started_ = 0;                 // builds of the load
  std::deque<Geometry> built_;                // not compacted yet, the oldest first
  std::vector<Geometry> geometries_;          // compacted
  std::vector<ObjectIndex> skinned_;          // kept at their worst size
  std::vector<ObjectIndex> scratch_buffers_;  // of the builds of this frame
  ObjectIndex instance_buffer_ = kNoObject;
  ObjectIndex top_level_buffer_ = kNoObject;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");
  const std::uint64_t builds = emitter.scaled(values.integer("builds_per_frame"));
  const std::uint64_t interval = values.integer("replace_interval");
  const std::uint64_t replaced = emitter.scaled(1);

  emitter.frames();
  FrameLoop loop(emitter, 8 * kKiB);
  AccelerationStructures structures(emitter, random, values);
  bool loaded = false;
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    loop.next();
    structures.compact(frame);
    if (!structures.is_loaded()) {
      structures.load(frame, builds);
    } else if (frame % interval == 0) {
      for (std::uint64_t i = 0; i < replaced; ++i) structures.replace(frame);
    }
    structures.update(frame);
    if (!loaded && structures.is_loaded()) {
      loaded = true;
      out.snapshot("loaded");
    }
    if (frame == frames / 2) out.snapshot("midway");
  }
  out.snapshot("traced");
  structures.shutdown();
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kRaytracing = {
    "raytracing",
    "Small acceleration structures, built at their worst size, compacted and replaced; scale multiplies geometries and "
    "builds",
    kParameters,
    generate,
};

}  // namespace vkmembench
