#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <vector>

#include "scenarios/generators/emitter.h"
#include "scenarios/generators/random.h"
#include "scenarios/generators/table.h"

namespace vkmembench {
namespace {

using Kind = ParameterKind;

constexpr Parameter kParameters[] = {
    {"frames", Kind::integer, 1800, 1, 10'000'000, {}, "frames after loading"},
    {"loaded", Kind::integer, 240, 1, 1'000'000, {}, "objects that loading creates, which live to the end"},
    {"idle_percent", Kind::integer, 68, 0, 100, {}, "frames in which nothing is created"},
    {"image_percent", Kind::integer, 20, 0, 100, {}, "images among the objects"},
};

// A value from `from` to below its double, and how often it comes.
struct Share {
  std::uint64_t from;
  std::uint64_t percent;
};
// Means over the recorded programs that ship, each counting alike, of what
// reports/notebooks/generated_and_recorded.ipynb shows. Lives are of programs that free anything while they run.
constexpr Share kBufferBytes[] = {{8, 5},      {16, 1},    {32, 4},      {64, 10},    {128, 4},    {256, 8},
                                  {512, 4},    {1024, 12}, {2048, 4},    {4096, 3},   {8192, 1},   {16384, 3},
                                  {32768, 13}, {65536, 4}, {131072, 13}, {262144, 2}, {524288, 5}, {1048576, 4}};
constexpr Share kImageTexels[] = {{64, 11},     {256, 1},    {512, 2},   {1024, 10},  {2048, 2},
                                  {4096, 4},    {8192, 2},   {16384, 9}, {32768, 12}, {65536, 11},
                                  {131072, 24}, {262144, 8}, {524288, 4}};
constexpr Share kFramesLived[] = {{0, 21}, {1, 17}, {2, 19}, {4, 20}, {8, 5}, {16, 13}, {64, 3}, {256, 2}};
constexpr Share kCreations[] = {{1, 3}, {2, 48}, {4, 28}, {8, 11}, {16, 4}, {32, 3}, {64, 2}, {128, 1}};

constexpr std::uint64_t kLongestLife = 512;
constexpr Bytes kLargestWritten = 64 * kKiB;  // what comes later and is larger the GPU fills
constexpr std::uint64_t kLoadingFrames = 8;

std::uint64_t draw(Random& random, std::span<const Share> shares) {
  std::uint64_t position = random.below(100);
  const Share* share = shares.data();
  while (position >= share->percent) position -= (share++)->percent;
  return share->from == 0 ? 0 : random.between(share->from, 2 * share->from - 1);
}

// A program that draws windows: it loads, then creates little and seldom, much of it for a few frames.
class DesktopApp {
 public:
  DesktopApp(Emitter& emitter, Random& random, std::uint64_t image_percent)
      : emitter_(emitter), random_(random), image_percent_(image_percent) {
    TraceBuilder& out = emitter.out();
    buffers_ = {
        intern(out, BufferShape{.kind = BufferKind::vertex, .memory = MemoryUse::dynamic, .tag = "app/vertices"}),
        intern(out, BufferShape{.kind = BufferKind::uniform, .memory = MemoryUse::dynamic, .tag = "app/uniforms"}),
        intern(out, BufferShape{.kind = BufferKind::staging, .memory = MemoryUse::upload, .tag = "app/staging"}),
        intern(out, BufferShape{.kind = BufferKind::storage, .tag = "app/storage"})};
  }

  void load(std::uint64_t objects) {
    for (std::uint64_t i = 0; i < objects; ++i) {
      if (i % std::max<std::uint64_t>(1, objects / kLoadingFrames) == 0) emitter_.frames();
      kept_.push_back(create(~Bytes{0}));
    }
  }
  // Begins a frame, frees what is due, then creates.
  void frame(std::uint64_t number, std::uint64_t creations) {
    emitter_.frames();
    std::vector<ObjectIndex>& due = due_[number % due_.size()];
    for (const ObjectIndex object : due) emitter_.free(object);
    due.clear();
    for (std::uint64_t i = 0; i < creations; ++i) {
      const ObjectIndex object = create(kLargestWritten);
      const std::uint64_t lives = draw(random_, kFramesLived);
      if (lives == 0)
        emitter_.free(object);
      else
        due_[(number + lives) % due_.size()].push_back(object);
    }
    if (!kept_.empty()) emitter_.touch(kept_[number % kept_.size()]);
  }
  void shutdown() {
    for (std::vector<ObjectIndex>& due : due_)
      for (const ObjectIndex object : due) emitter_.free(object);
    for (const ObjectIndex object : kept_) emitter_.free(object);
  }

 private:
  ObjectIndex create(Bytes most_filled) {
    const bool is_image = random_.below(100) < image_percent_;
    const ObjectIndex object = is_image ? create_image() : create_buffer();
    if (object != kNoObject && emitter_.out().size_of(object) <= most_filled) fill(object);
    return object;
  }
  ObjectIndex create_buffer() {
    const Bytes size = (draw(random_, kBufferBytes) + 3) / 4 * 4;
    return emitter_.buffer(size, buffers_[random_.below(buffers_.size())]);
  }
  // As wide as it is high, or twice, down to a texel more or less.
  ObjectIndex create_image() {
    const std::uint64_t texels = draw(random_, kImageTexels);
    const std::uint32_t height = 1u << static_cast<unsigned>((std::bit_width(texels) - 1) / 2);
    const auto width = static_cast<std::uint32_t>((texels + height - 1) / height);
    return emitter_.image(
        intern(emitter_.out(), TextureShape{.extent = {width, height}, .mips = false, .tag = "app/image"}));
  }
  void fill(ObjectIndex object) {
    if (is_mappable(emitter_.out().trace().shape_of(object).memory))
      emitter_.write(object);
    else
      emitter_.upload(object);
  }

  Emitter& emitter_;
  Random& random_;
  std::uint64_t image_percent_;
  std::array<std::uint32_t, 4> buffers_{};
  std::vector<ObjectIndex> kept_;
  std::array<std::vector<ObjectIndex>, kLongestLife> due_;  // by frame, in turn
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t idle_percent = values.integer("idle_percent");
  DesktopApp app(emitter, random, values.integer("image_percent"));
  app.load(emitter.scaled(values.integer("loaded")));
  out.snapshot("loaded");
  const std::uint64_t frames = values.integer("frames");
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    const bool is_idle = random.below(100) < idle_percent;
    app.frame(frame, is_idle ? 0 : emitter.scaled(draw(random, kCreations)));
    if (frame == frames / 2) out.snapshot("half_way");
  }
  out.snapshot("last_frame");
  app.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kDesktopApp = {
    "desktop_app",
    "A program loads, then creates little and seldom and for a few frames, with the sizes, lives and bursts of the "
    "recorded programs that ship; scale multiplies what is loaded and the bursts",
    kParameters,
    generate,
};

}  // namespace vkmembench
