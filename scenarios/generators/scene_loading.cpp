#include "scenarios/generators/scene.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"meshes", Kind::integer, 530, 1, 100'000, {}, "meshes: a vertex, an index and a uniform buffer each"},
    {"textures", Kind::integer, 540, 1, 100'000, {}, "textures with full mip chains, from 64 to 4096 texels an edge"},
    {"load_bytes_per_frame", Kind::bytes, 8.0 * kMiB, 64.0 * kKiB, 1.0 * kGiB, {}, "bytes loaded before a frame ends"},
    {"frames", Kind::integer, 240, 64, 1'000'000, {}, "frames that use the scene after the load"},
    {"touches_per_frame", Kind::integer, 8, 0, 10'000, {}, "objects of the scene that each of these frames touches"},
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  emitter.frames();
  FrameLoop loop(emitter, 64 * kKiB);
  std::vector<ObjectIndex> targets = create_render_targets(emitter);

  SceneLoader loader(emitter, loop, random);
  const Scene scene = loader.load({.meshes = values.integer("meshes"),
                                   .textures = values.integer("textures"),
                                   .residents = 0,
                                   .load_bytes_per_frame = values.bytes("load_bytes_per_frame")});
  out.snapshot("loaded");

  const std::uint64_t touches = values.integer("touches_per_frame");
  const std::uint64_t frames = values.integer("frames");
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    loop.next();
    for (std::uint64_t i = 0; i < touches; ++i) emitter.touch(scene.objects[random.below(scene.objects.size())]);
  }

  emitter.free_over_frames(scene.objects, 8);
  emitter.drain();
  out.snapshot("unloaded");  // what a strategy still holds for the next level
  for (const ObjectIndex target : targets) emitter.free(target);
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kSceneLoading = {
    "scene_loading",
    "A level loads in batches, runs and unloads; scale multiplies meshes, textures and sets of render targets",
    kParameters,
    generate,
};

}  // namespace vkmembench
