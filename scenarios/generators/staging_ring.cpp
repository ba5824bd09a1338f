#include <algorithm>
#include <array>
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
    {"frames", Kind::integer, 360, 32, 1'000'000, {}, "frames of continuous loading"},
    {"uploads_per_frame", Kind::integer, 3, 1, 100'000, {}, "buffers and images that each frame uploads"},
    {"largest_upload_bytes", Kind::bytes, 16.0 * kMiB, 64.0 * kKiB, 1.0 * kGiB, {}, "bytes that no upload exceeds"},
    {"resident_bytes", Kind::bytes, 256.0 * kMiB, 1.0 * kMiB, 64.0 * kGiB, {}, "bytes kept; the oldest go first"},
};

constexpr Bytes kSmallestUpload = 4 * kKiB;
constexpr Bytes kResidentShare = 8;  // no upload takes more than this part of the resident bytes
constexpr std::uint64_t kImagePercent = 40;
constexpr std::uint32_t kSmallestEdge = 32;  // RGBA8 with mips: 5.3 KiB

// The program's own staging buffers beside those behind its uploads: so many of a size every so many frames.
struct StagingClass {
  Bytes size;
  std::uint64_t interval;  // frames
  std::uint64_t count;
};
constexpr StagingClass kStaging[] = {{64 * kKiB, 1, 2}, {256 * kKiB, 3, 1}, {4 * kMiB, 48, 1}};
constexpr Bytes kTargetSize = 4 * kMiB;

// Loads without end: each frame brings uploads of every size, the oldest of what is resident goes.
class Loading {
 public:
  Loading(Emitter& emitter, Random& random, const GeneratorValues& values)
      : emitter_(emitter),
        random_(random),
        uploads_(emitter.scaled(values.integer("uploads_per_frame"))),
        resident_limit_(emitter.scaled(values.bytes("resident_bytes"))),
        copies_(emitter.scaled(1)) {
    TraceBuilder& out = emitter.out();
    const Bytes largest = std::min(values.bytes("largest_upload_bytes"), resident_limit_ / kResidentShare);
    while (kSmallestUpload << (octaves_ + 1) <= largest) ++octaves_;
    buffers_ = {intern(out, BufferShape{.kind = BufferKind::vertex, .tag = "load/vertex"}),
                intern(out, BufferShape{.kind = BufferKind::index, .tag = "load/index"}),
                intern(out, BufferShape{.kind = BufferKind::storage, .tag = "load/storage"})};
    for (std::uint32_t edge = kSmallestEdge; images_.empty() || 4 * Bytes{edge} * edge * 4 / 3 <= largest; edge *= 2) {
      images_.push_back(
          intern(out, TextureShape{.texels = TexelFamily::rgba8, .extent = {edge, edge}, .tag = "load/image"}));
    }
    staging_ =
        intern(out, BufferShape{.kind = BufferKind::staging, .memory = MemoryUse::upload, .tag = "load/staging"});
    target_ = emitter.buffer(kTargetSize, intern(out, BufferShape{.kind = BufferKind::storage, .tag = "load/target"}));
  }

  void upload() {
    for (std::uint64_t i = 0; i < uploads_; ++i) {
      // Two draws: small uploads are many, each octave near the top brings about as many bytes as the next.
      const std::uint64_t octave = random_.below(random_.below(octaves_) + 1);
      random_.below(100) < kImagePercent ? upload_image(octave) : upload_buffer(octave);
    }
  }
  // Staging buffers live for the frame that copies from them.
  void stage(std::uint64_t frame) {
    for (const StagingClass& row : kStaging) {
      if (frame % row.interval != row.interval - 1) continue;
      for (std::uint64_t i = 0; i < row.count * copies_; ++i) {
        const ObjectIndex staging = emitter_.buffer(row.size, staging_);
        const Bytes payload = align_up(random_.between(row.size / 2, row.size), 256);
        emitter_.write(staging, 0, payload);
        emitter_.copy(staging, target_, payload);
        emitter_.free(staging);
      }
    }
  }
  void shutdown() {
    while (!residents_.empty()) free_oldest();
    emitter_.free(target_);
  }

 private:
  void upload_buffer(std::uint64_t octave) {
    const Bytes low = kSmallestUpload << octave;
    const Bytes size = align_up(random_.between(low, 2 * low - 16), 16);
    const std::uint32_t shape = buffers_[random_.below(buffers_.size())];
    if (make_room(size)) keep(emitter_.buffer(size, shape));
  }
  void upload_image(std::uint64_t octave) {
    const ImageShape& image = images_[std::min<std::size_t>(octave / 2, images_.size() - 1)];
    if (make_room(image.size)) keep(emitter_.image(image));
  }
  bool make_room(Bytes bytes) {
    while (!residents_.empty() && (resident_bytes_ + bytes > resident_limit_ || !emitter_.fits(bytes))) free_oldest();
    return emitter_.fits(bytes);
  }
  void keep(ObjectIndex object) {
    emitter_.upload(object);
    residents_.push_back(object);
    resident_bytes_ += emitter_.out().size_of(object);
  }
  void free_oldest() {
    resident_bytes_ -= emitter_.out().size_of(residents_.front());
    emitter_.free(residents_.front());
    residents_.pop_front();
  }

  Emitter& emitter_;
  Random& random_;
  std::uint64_t uploads_;  // a frame
  Bytes resident_limit_;
  std::uint64_t copies_;       // of each row of kStaging
  std::uint64_t octaves_ = 1;  // of sizes, from the smallest upload on
  std::array<std::uint32_t, 3> buffers_{};
  std::vector<ImageShape> images_;  // the edge doubles
  std::uint32_t staging_ = 0;
  ObjectIndex target_ = kNoObject;
  std::deque<ObjectIndex> residents_;  // the oldest first
  Bytes resident_bytes_ = 0;
};

void generate(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Emitter emitter(values, out);
  Random random(seed);
  const std::uint64_t frames = values.integer("frames");

  emitter.frames();
  FrameLoop loop(emitter, 8 * kKiB);
  Loading loading(emitter, random, values);
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    loop.next();
    loading.upload();
    loading.stage(frame);
    if (frame == frames / 2) out.snapshot("midway");
  }
  out.snapshot("loaded");
  loading.shutdown();
  loop.shutdown();
  emitter.drain();
  out.snapshot("end");
}

}  // namespace

constinit const Generator kStagingRing = {
    "staging_ring",
    "Uploads of every size each frame, with and without staging buffers of the program; scale multiplies uploads and "
    "what stays resident",
    kParameters,
    generate,
};

}  // namespace vkmembench
