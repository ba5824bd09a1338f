#include <algorithm>

#include "scenarios/generators/scene.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"meshes", Kind::integer, 300, 1, 100'000, {}, "meshes of the first scene"},
    {"textures", Kind::integer, 400, 1, 100'000, {}, "textures of the first scene"},
    {"survivors",
     Kind::integer,
     600,
     1,
     100'000,
     {},
     "small objects, created among the first scene's, that outlive it"},
    {"second_percent", Kind::integer, 50, 1, 100, {}, "size of the second scene, in percent of the first"},
    {"load_bytes_per_frame", Kind::bytes, 8.0 * kMiB, 64.0 * kKiB, 1.0 * kGiB, {}, "bytes loaded before a frame ends"},
    {"frames", Kind::integer, 120, 64, 1'000'000, {}, "frames that each scene is used"},
    {"defragment_frames", Kind::integer, 240, 1, 1'000'000, {}, "frames between the defragmentation and its snapshot"},
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");
  const std::uint64_t percent = values.integer("second_percent");
  SceneContent content{.meshes = values.integer("meshes"),
                       .textures = values.integer("textures"),
                       .residents = values.integer("survivors"),
                       .load_bytes_per_frame = values.bytes("load_bytes_per_frame")};
  emitter.frames();
  FrameLoop loop(emitter, 16 * kKiB);
  SceneLoader loader(emitter, loop, random);

  const Scene first = loader.load(content);
  loop.run(frames);
  out.snapshot("before_switch");
  emitter.free_over_frames(first.objects, 8);
  emitter.drain();
  out.snapshot("unloaded");

  content.meshes = std::max<std::uint64_t>(1, content.meshes * percent / 100);
  content.textures = std::max<std::uint64_t>(1, content.textures * percent / 100);
  content.residents = 0;
  const Scene second = loader.load(content);
  loop.run(frames);
  out.snapshot("after_switch");

  DefragmentRequest request;
  request.max_bytes_per_pass = 16 * kMiB;
  request.max_moves_per_pass = 128;
  out.defragment(request);
  loop.run(values.integer("defragment_frames"));
  out.snapshot("after_defrag");

  emitter.free_over_frames(second.objects, 8);
  for (const ObjectIndex object : first.residents) emitter.free(object);
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kSceneSwitch = {
    "scene_switch",
    "Small survivors of one scene pin its blocks while the next loads; scale multiplies meshes, textures and survivors",
    kParameters,
    generate,
};

}  // namespace vkmembench
