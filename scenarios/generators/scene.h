#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/frame_loop.h"
#include "scenarios/generators/random.h"

namespace vkmembench {

// How much a scene holds, before the generator's scale.
struct SceneContent {
  std::uint64_t meshes = 0;
  std::uint64_t textures = 0;
  std::uint64_t residents = 0;     // small objects that outlive the scene: interface, player, shared materials
  Bytes load_bytes_per_frame = 0;  // the loader's share of a frame
};

struct Scene {
  std::vector<ObjectIndex> objects;  // in order of creation, without the residents; kNoObject where one did not fit
  std::vector<ObjectIndex> residents;
};

// Loads scenes as an engine does: meshes in batches (vertex, index and material uniform of each), textures with full
// mip chains, in the order of the level's file, so many bytes a frame, through a decode buffer of the host.
class SceneLoader {
 public:
  SceneLoader(Emitter& emitter, FrameLoop& loop, Random& random);
  // Returns with the scene loaded and a new frame begun. Residents are spread evenly among the other objects.
  [[nodiscard]] Scene load(const SceneContent& content);

 private:
  static constexpr std::size_t kTextureClasses = 10;

  void load_meshes(std::uint64_t count, Scene& scene);
  void load_texture(std::uint64_t texture_class, Scene& scene);
  void load_resident(Scene& scene);
  void loaded(Bytes bytes);
  void end_frame();

  Emitter& emitter_;
  FrameLoop& loop_;
  Random& random_;
  std::uint32_t vertices_;
  std::uint32_t indices_;
  std::uint32_t material_;
  std::uint32_t decode_;
  std::array<std::uint32_t, 3> resident_buffers_;
  std::array<ImageShape, 2> resident_images_;
  std::array<ImageShape, kTextureClasses> textures_;
  Bytes bytes_per_frame_ = 0;
  Bytes frame_bytes_ = 0;  // loaded in the current frame
  std::vector<Bytes> vertex_sizes_, index_sizes_, material_sizes_;
};

// The attachments of a deferred renderer at 1920x1080, a set for each unit of scale: HDR colour, depth, shadow map,
// half-resolution bloom, and the 4x MSAA pair that never leaves the chip. Below scale 1 the resolution shrinks.
[[nodiscard]] std::vector<ObjectIndex> create_render_targets(Emitter& emitter);

}  // namespace vkmembench
