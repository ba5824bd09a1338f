#include "scenarios/generators/scene.h"

#include <algorithm>
#include <utility>

namespace vkmembench {
namespace {

constexpr std::uint64_t kMeshesPerBatch = 16;
constexpr Bytes kVertexStride = 32;
constexpr Bytes kDecodeSize = kMiB;
constexpr Bytes kDecodeHeader = 64 * kKiB;  // what the loader itself writes of each decode buffer

// Textures by share of the count, in permille and smallest first. The 5 permille of 4096 texels hold a seventh of the
// bytes, as in shipped levels.
struct TextureClass {
  TexelFamily texels;
  std::uint32_t edge;
  std::uint64_t permille;
  std::string_view tag;
};
constexpr TextureClass kTextures[] = {
    {TexelFamily::rgba8, 64, 100, "texture/lookup"},  {TexelFamily::rgba8, 128, 60, "texture/lookup"},
    {TexelFamily::bc7, 256, 220, "texture/albedo"},   {TexelFamily::rgba8, 256, 50, "texture/interface"},
    {TexelFamily::bc7, 512, 300, "texture/albedo"},   {TexelFamily::rgba8, 512, 25, "texture/interface"},
    {TexelFamily::bc7, 1024, 190, "texture/albedo"},  {TexelFamily::rgba8, 1024, 5, "texture/interface"},
    {TexelFamily::bc7, 2048, 45, "texture/material"}, {TexelFamily::bc7, 4096, 5, "texture/landscape"},
};

// Vertices of a mesh: an octave by share, in permille, uniform within. Mean about 3 700.
struct MeshOctave {
  std::uint64_t first_vertices;
  std::uint64_t permille;
};
constexpr MeshOctave kMeshes[] = {{128, 100},  {256, 150}, {512, 200},  {1024, 200}, {2048, 150},
                                  {4096, 100}, {8192, 60}, {16384, 30}, {32768, 8},  {65536, 2}};

// The class of element `k` of `n`: the shares hold for each scene, not only on average.
template <typename Class, std::size_t kCount>
std::size_t class_of(const Class (&classes)[kCount], std::uint64_t k, std::uint64_t n) {
  const std::uint64_t position = (2 * k + 1) * 1000 / (2 * n);
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    end += classes[i].permille;
    if (position < end) return i;
  }
  return kCount - 1;
}

}  // namespace

SceneLoader::SceneLoader(Emitter& emitter, FrameLoop& loop, Random& random)
    : emitter_(emitter), loop_(loop), random_(random) {
  static_assert(std::size(kTextures) == kTextureClasses);
  TraceBuilder& out = emitter.out();
  vertices_ = intern(out, BufferShape{.kind = BufferKind::vertex, .tag = "mesh/vertex"});
  indices_ = intern(out, BufferShape{.kind = BufferKind::index, .tag = "mesh/index"});
  material_ =
      intern(out, BufferShape{.kind = BufferKind::uniform, .memory = MemoryUse::dynamic, .tag = "mesh/material"});
  decode_ = intern(out, BufferShape{.kind = BufferKind::staging, .memory = MemoryUse::upload, .tag = "load/decode"});
  resident_buffers_ = {
      intern(out, BufferShape{.kind = BufferKind::vertex, .tag = "resident/vertex"}),
      intern(out, BufferShape{.kind = BufferKind::storage, .tag = "resident/storage"}),
      intern(out, BufferShape{.kind = BufferKind::uniform, .memory = MemoryUse::dynamic, .tag = "resident/uniform"})};
  resident_images_ = {
      intern(out, TextureShape{.texels = TexelFamily::rgba8, .extent = {32, 32}, .tag = "resident/icon"}),
      intern(out, TextureShape{.texels = TexelFamily::bc7, .extent = {64, 64}, .tag = "resident/icon"})};
  for (std::size_t i = 0; i < kTextureClasses; ++i) {
    textures_[i] = intern(out, TextureShape{.texels = kTextures[i].texels,
                                            .extent = {kTextures[i].edge, kTextures[i].edge},
                                            .tag = kTextures[i].tag,
                                            .evictable = true});
  }
}

Scene SceneLoader::load(const SceneContent& content) {
  bytes_per_frame_ = content.load_bytes_per_frame;
  frame_bytes_ = 0;
  const std::uint64_t meshes = emitter_.scaled(content.meshes);
  const std::uint64_t textures = emitter_.scaled(content.textures);
  const std::uint64_t residents = content.residents == 0 ? 0 : emitter_.scaled(content.residents);

  // The order of the level's file: a step is a batch of meshes or one texture.
  const std::uint64_t batches = (meshes + kMeshesPerBatch - 1) / kMeshesPerBatch;
  constexpr std::uint64_t kMeshStep = ~std::uint64_t{0};
  std::vector<std::uint64_t> steps(batches, kMeshStep);
  for (std::uint64_t k = 0; k < textures; ++k) steps.push_back(class_of(kTextures, k, textures));
  for (std::size_t i = steps.size(); i > 1; --i) std::swap(steps[i - 1], steps[random_.below(i)]);

  Scene scene;
  scene.objects.reserve(3 * meshes + textures);
  scene.residents.reserve(residents);
  std::uint64_t meshes_left = meshes;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] == kMeshStep) {
      const std::uint64_t count = std::min(meshes_left, kMeshesPerBatch);
      load_meshes(count, scene);
      meshes_left -= count;
    } else {
      load_texture(steps[i], scene);
    }
    while (scene.residents.size() < residents * (i + 1) / steps.size()) load_resident(scene);
  }
  end_frame();
  return scene;
}

void SceneLoader::load_meshes(std::uint64_t count, Scene& scene) {
  vertex_sizes_.clear();
  index_sizes_.clear();
  material_sizes_.clear();
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t first = kMeshes[class_of(kMeshes, random_.below(1000), 1000)].first_vertices;
    const std::uint64_t vertices = random_.between(first, 2 * first - 1);
    const Bytes index_bytes = vertices > 0xffff ? 4 : 2;
    vertex_sizes_.push_back(vertices * kVertexStride);
    index_sizes_.push_back(vertices * 6 * index_bytes);  // a closed mesh has about two triangles a vertex
    material_sizes_.push_back(256 * random_.between(1, 4));
  }
  const std::size_t first = scene.objects.size();
  emitter_.batch(vertex_sizes_, vertices_, scene.objects);
  emitter_.batch(index_sizes_, indices_, scene.objects);
  const std::size_t first_material = scene.objects.size();
  emitter_.batch(material_sizes_, material_, scene.objects);
  for (std::size_t i = first; i < first_material; ++i) {
    emitter_.upload(scene.objects[i]);
    if (scene.objects[i] != kNoObject) loaded(emitter_.out().size_of(scene.objects[i]));
  }
  for (std::size_t i = first_material; i < scene.objects.size(); ++i) emitter_.write(scene.objects[i]);
}

void SceneLoader::load_texture(std::uint64_t texture_class, Scene& scene) {
  const ImageShape& shape = textures_[texture_class];
  scene.objects.push_back(emitter_.image(shape));
  emitter_.upload(scene.objects.back());
  loaded(shape.size);
}

void SceneLoader::load_resident(Scene& scene) {
  const std::uint64_t kind = random_.below(resident_buffers_.size() + resident_images_.size());
  if (kind >= resident_buffers_.size()) {
    scene.residents.push_back(emitter_.image(resident_images_[kind - resident_buffers_.size()]));
    return emitter_.upload(scene.residents.back());
  }
  const Bytes size = 256 * random_.between(1, 64);
  scene.residents.push_back(emitter_.buffer(size, resident_buffers_[kind]));
  const bool mapped = kind == resident_buffers_.size() - 1;
  mapped ? emitter_.write(scene.residents.back()) : emitter_.upload(scene.residents.back());
}

void SceneLoader::loaded(Bytes bytes) {
  frame_bytes_ += bytes;
  if (frame_bytes_ >= bytes_per_frame_) end_frame();
}

// The decode buffer lives for the frame that it feeds: the small host allocation between the large device ones.
void SceneLoader::end_frame() {
  frame_bytes_ = 0;
  const ObjectIndex decode = emitter_.buffer(kDecodeSize, decode_);
  if (decode != kNoObject) emitter_.out().write(decode, 0, kDecodeHeader);
  emitter_.free(decode);
  loop_.next();
}

std::vector<ObjectIndex> create_render_targets(Emitter& emitter) {
  TraceBuilder& out = emitter.out();
  const std::uint32_t shift = emitter.extent_shift();
  const VkExtent2D full{1920u >> shift, 1080u >> shift};
  const VkExtent2D half{960u >> shift, 540u >> shift};
  const VkExtent2D shadow{2048u >> shift, 2048u >> shift};
  constexpr VkSampleCountFlagBits kSamples = VK_SAMPLE_COUNT_4_BIT;
  const ImageShape targets[] = {
      intern(out, TargetShape{.texels = TexelFamily::rgba16f, .extent = full, .tag = "target/colour"}),
      intern(out, TargetShape{.texels = TexelFamily::depth32, .extent = full, .tag = "target/depth"}),
      intern(out, TargetShape{.texels = TexelFamily::depth32, .extent = shadow, .tag = "target/shadow"}),
      intern(out, TargetShape{.texels = TexelFamily::rgba16f, .extent = half, .tag = "target/bloom"}),
      intern(out, TargetShape{.texels = TexelFamily::rgba8,
                              .extent = full,
                              .samples = kSamples,
                              .transient = true,
                              .tag = "target/msaa"}),
      intern(out, TargetShape{.texels = TexelFamily::depth32,
                              .extent = full,
                              .samples = kSamples,
                              .transient = true,
                              .tag = "target/msaa_depth"}),
  };
  std::vector<ObjectIndex> objects;
  const std::uint64_t sets = emitter.scaled(1);
  for (std::uint64_t set = 0; set < sets; ++set) {
    for (const ImageShape& target : targets) objects.push_back(emitter.image(target));
  }
  return objects;
}

}  // namespace vkmembench
