#include "scenarios/generators/emitter.h"

#include <algorithm>
#include <cmath>

#include "allocator/base/check.h"

namespace vkmembench {
namespace {

constexpr std::uint64_t kScaleUnit = 10'000;

}  // namespace

Emitter::Emitter(const GeneratorValues& values, TraceBuilder& out)
    : out_(out),
      bound_(values.bytes("max_live_bytes")),
      scale_(static_cast<std::uint64_t>(std::llround(values.real("scale") * static_cast<double>(kScaleUnit)))) {}

std::uint64_t Emitter::scaled(std::uint64_t amount) const {
  return std::max<std::uint64_t>(1, (amount * scale_ + kScaleUnit / 2) / kScaleUnit);
}

std::uint32_t Emitter::extent_shift() const {
  std::uint32_t shift = 0;
  while ((scale_ << (2 * shift)) < kScaleUnit) ++shift;
  return shift;
}

ObjectIndex Emitter::buffer(Bytes size, std::uint32_t shape) {
  if (!fits(size)) return kNoObject;
  return out_.buffer(take_id(), size, shape);
}

ObjectIndex Emitter::image(const ImageShape& image) {
  if (!fits(image.size)) return kNoObject;
  return out_.image(take_id(), image.shape);
}

ObjectIndex Emitter::alias(const ImageShape& image, ObjectIndex target) {
  if (target == kNoObject || image.size > out_.size_of(target)) return kNoObject;
  return out_.image(take_id(), image.shape, target);
}

void Emitter::batch(std::span<const Bytes> sizes, std::uint32_t shape, std::vector<ObjectIndex>& objects) {
  batch_ids_.clear();
  Bytes total = 0;
  for (const Bytes size : sizes) {
    total += size;
    if (!fits(total)) break;
    batch_ids_.push_back(take_id());
  }
  const std::size_t count = batch_ids_.size();
  if (count > 0) {
    const ObjectIndex first = out_.batch(batch_ids_, sizes.first(count), shape);
    for (std::size_t i = 0; i < count; ++i) objects.push_back(first + static_cast<ObjectIndex>(i));
  }
  objects.insert(objects.end(), sizes.size() - count, kNoObject);
}

void Emitter::free(ObjectIndex object) {
  if (object == kNoObject) return;
  out_.free(object);
  free_ids_.push_back(out_.trace().objects[object].id);
}

ObjectIndex Emitter::host_alloc(Bytes size, std::string_view category) {
  return out_.host_alloc(take_id(), size, category);
}

void Emitter::host_free(ObjectIndex object) {
  out_.host_free(object);
  free_ids_.push_back(out_.trace().objects[object].id);
}

void Emitter::upload(ObjectIndex object) {
  if (object != kNoObject) out_.upload(object, out_.size_of(object));
}

void Emitter::write(ObjectIndex object) {
  if (object != kNoObject) out_.write(object, 0, out_.size_of(object));
}

void Emitter::write(ObjectIndex object, Offset offset, Bytes size) {
  if (object != kNoObject) out_.write(object, offset, size);
}

void Emitter::copy(ObjectIndex from, ObjectIndex to, Bytes size) {
  if (from != kNoObject && to != kNoObject) out_.copy(from, to, size);
}

bool Emitter::resize(ObjectIndex object, Bytes size) {
  if (object == kNoObject) return false;
  const Bytes before = out_.size_of(object);
  if (size > before && !fits(size - before)) return false;
  out_.resize(object, size);
  return true;
}

void Emitter::bind(ObjectIndex object) {
  if (object != kNoObject) out_.bind(object);
}

void Emitter::unbind(ObjectIndex object) {
  if (object != kNoObject) out_.unbind(object);
}

void Emitter::touch(ObjectIndex object) {
  if (object != kNoObject) out_.touch(object);
}

void Emitter::mark(ObjectIndex object) {
  if (object != kNoObject) out_.mark(object);
}

void Emitter::frames(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) out_.frame();
}

void Emitter::free_over_frames(std::span<const ObjectIndex> objects, std::uint64_t frame_count) {
  VKMEMBENCH_CHECK(frame_count > 0, "objects are freed over at least one frame");
  std::size_t next = 0;
  for (std::uint64_t frame = 1; frame <= frame_count; ++frame) {
    const std::size_t end = objects.size() * frame / frame_count;
    while (next < end) free(objects[next++]);
    out_.frame();
  }
}

std::uint64_t Emitter::take_id() {
  if (free_ids_.empty()) return next_id_++;
  const std::uint64_t id = free_ids_.back();
  free_ids_.pop_back();
  return id;
}

}  // namespace vkmembench
