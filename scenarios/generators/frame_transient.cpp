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
    {"frames", Kind::integer, 480, 16, 1'000'000, {}, "frames, half of them at each resolution"},
    {"width", Kind::integer, 1920, 64, 7680, {}, "of the first resolution in pixels"},
    {"height", Kind::integer, 1080, 64, 4320, {}, "of the first resolution in pixels"},
    {"second_percent", Kind::integer, 133, 25, 200, {}, "an edge of the second resolution, in percent of the first"},
    {"slices", Kind::integer, 10, 1, 100'000, {}, "linear allocations of a frame's draws"},
    {"scratch", Kind::integer, 6, 1, 10'000, {}, "nested scratch allocations of a frame that runs the GPU culling"},
};

constexpr std::uint64_t kSliceSteps = 160;  // of 256 bytes: constants and vertices of a draw list
constexpr Bytes kScratchStep = 64 * kKiB;
constexpr std::uint32_t kShadowEdge = 2048;
constexpr VkSampleCountFlagBits kSamples = VK_SAMPLE_COUNT_4_BIT;

// The attachments of one view in the order of its passes. An alias takes the memory of an earlier attachment of its
// kind (colour or depth) that no later pass reads.
struct Attachment {
  TexelFamily texels;
  std::uint32_t divisor;  // of the resolution, 0: the shadow map's own extent
  int alias_of;           // row of this table, -1: memory of its own
  bool on_chip;           // the multi-sampled pair of the forward pass
  std::string_view tag;
};
constexpr Attachment kAttachments[] = {
    {TexelFamily::depth32, 0, -1, false, "frame/shadow"},
    {TexelFamily::rgba8, 1, -1, false, "frame/albedo"},
    {TexelFamily::rgba16f, 1, -1, false, "frame/normal"},
    {TexelFamily::depth32, 1, -1, false, "frame/depth"},
    {TexelFamily::rgba16f, 1, -1, false, "frame/light"},
    {TexelFamily::rgba8, 1, -1, true, "frame/forward"},
    {TexelFamily::depth32, 1, -1, true, "frame/forward_depth"},
    {TexelFamily::depth32, 2, 0, false, "frame/depth_half"},  // after the lights the shadow map is free
    {TexelFamily::rgba16f, 2, 2, false, "frame/bloom"},       // after the lights the normals are free
    {TexelFamily::rgba8, 1, 1, false, "frame/tone_mapped"},   // and so is the albedo
};

// A frame graph that keeps nothing from frame to frame but the history of its temporal filter.
class FrameGraph {
 public:
  FrameGraph(Emitter& emitter, Random& random, const GeneratorValues& values)
      : emitter_(emitter),
        random_(random),
        views_(emitter.scaled(1)),
        slices_(emitter.scaled(values.integer("slices"))),
        scratch_(emitter.scaled(values.integer("scratch"))) {
    TraceBuilder& out = emitter.out();
    slice_shapes_ = {
        intern(
            out,
            BufferShape{
                .kind = BufferKind::uniform, .memory = MemoryUse::dynamic, .tag = "frame/constants", .pool = "ring"}),
        intern(out,
               BufferShape{
                   .kind = BufferKind::vertex, .memory = MemoryUse::dynamic, .tag = "frame/vertices", .pool = "ring"})};
    scratch_shape_ = intern(out, BufferShape{.kind = BufferKind::storage, .tag = "frame/scratch", .pool = "stack"});
  }

  // The swapchain has another extent: the history starts anew.
  void set_resolution(std::uint32_t width, std::uint32_t height) {
    free_history();
    TraceBuilder& out = emitter_.out();
    const std::uint32_t shift = emitter_.extent_shift();
    const auto extent = [&](const Attachment& row) {
      if (row.divisor == 0) return VkExtent2D{kShadowEdge >> shift, kShadowEdge >> shift};
      return VkExtent2D{std::max(1u, (width >> shift) / row.divisor), std::max(1u, (height >> shift) / row.divisor)};
    };
    for (std::size_t i = 0; i < std::size(kAttachments); ++i) {
      const Attachment& row = kAttachments[i];
      targets_[i] = intern(out, TargetShape{.texels = row.texels,
                                            .extent = extent(row),
                                            .samples = row.on_chip ? kSamples : VK_SAMPLE_COUNT_1_BIT,
                                            .transient = row.on_chip,
                                            .tag = row.tag});
    }
    const ImageShape history =
        intern(out, TargetShape{.texels = TexelFamily::rgba16f,
                                .extent = {std::max(1u, width >> shift), std::max(1u, height >> shift)},
                                .tag = "view/history"});
    for (std::uint64_t view = 0; view < 2 * views_; ++view) history_.push_back(emitter_.image(history));
  }
  void draw() {
    // The linear data of a frame is freed in the order in which it came: a ring.
    std::vector<ObjectIndex> slices;
    for (std::uint64_t i = 0; i < slices_; ++i) {
      slices.push_back(emitter_.buffer(256 * random_.between(1, kSliceSteps), slice_shapes_[i % slice_shapes_.size()]));
      emitter_.write(slices.back());
    }
    for (std::uint64_t view = 0; view < views_; ++view) draw_view(view);
    // In reverse, so that aliases go before what they alias.
    for (; !attachments_.empty(); attachments_.pop_back()) emitter_.free(attachments_.back());
    for (const ObjectIndex slice : slices) emitter_.free(slice);
  }
  // Scratch of nested passes goes in reverse order: a stack.
  void cull() {
    std::vector<ObjectIndex> scratch;
    for (std::uint64_t i = 0; i < scratch_; ++i) {
      scratch.push_back(emitter_.buffer(kScratchStep * random_.between(1, 8), scratch_shape_));
    }
    for (; !scratch.empty(); scratch.pop_back()) emitter_.free(scratch.back());
  }
  void shutdown() { free_history(); }

 private:
  void draw_view(std::uint64_t view) {
    const std::size_t first = attachments_.size();
    for (std::size_t i = 0; i < std::size(kAttachments); ++i) {
      const int target = kAttachments[i].alias_of;
      attachments_.push_back(target < 0
                                 ? emitter_.image(targets_[i])
                                 : emitter_.alias(targets_[i], attachments_[first + static_cast<std::size_t>(target)]));
    }
    for (std::uint64_t k = 0; k < 2; ++k) emitter_.touch(history_[2 * view + k]);
  }
  void free_history() {
    for (const ObjectIndex object : history_) emitter_.free(object);
    history_.clear();
  }

  Emitter& emitter_;
  Random& random_;
  std::uint64_t views_;
  std::uint64_t slices_;   // a frame
  std::uint64_t scratch_;  // a frame that culls
  std::array<std::uint32_t, 2> slice_shapes_{};
  std::uint32_t scratch_shape_ = 0;
  std::array<ImageShape, std::size(kAttachments)> targets_{};
  std::vector<ObjectIndex> attachments_;  // of the frame, all views side by side
  std::vector<ObjectIndex> history_;      // two a view
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");
  const auto width = static_cast<std::uint32_t>(values.integer("width"));
  const auto height = static_cast<std::uint32_t>(values.integer("height"));
  const auto percent = static_cast<std::uint32_t>(values.integer("second_percent"));
  // Frees of one culling are completed before the next begins, or the stack would not be one.
  const std::uint64_t cull_interval = out.frames_in_flight() + 1;

  emitter.frames();
  FrameLoop loop(emitter, 8 * kKiB);
  FrameGraph graph(emitter, random, values);
  graph.set_resolution(width, height);
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    loop.next();
    if (frame == frames / 2) {
      out.snapshot("first_resolution");
      graph.set_resolution(width * percent / 100, height * percent / 100);
    }
    if (frame % cull_interval == 0) graph.cull();
    graph.draw();
  }
  out.snapshot("second_resolution");
  graph.shutdown();
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kFrameTransient = {
    "frame_transient",
    "Render targets and linear data that live within a frame, some in each other's memory, and a change of the "
    "resolution; scale multiplies views and linear data, below 1 it shrinks the resolution",
    kParameters,
    generate,
};

}  // namespace vkmembench
