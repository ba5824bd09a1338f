#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "scenarios/generators/generators.h"
#include "scenarios/generators/shapes.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

// Appends the objects of a generator to a trace under the rules that all generators share: ids are small and reused
// after their free, live bytes stay within `max_live_bytes`, counts and bytes grow with `scale`.
// Whatever does not fit becomes kNoObject, and every event on kNoObject is left out.
class Emitter {
 public:
  // Requires the common parameters among the values. `out` outlives the emitter.
  Emitter(const GeneratorValues& values, TraceBuilder& out);

  // `amount` times the scale, rounded, at least 1.
  [[nodiscard]] std::uint64_t scaled(std::uint64_t amount) const;
  // The shift that brings a two-dimensional extent down to the scale's share of its area; 0 from scale 1 on.
  [[nodiscard]] std::uint32_t extent_shift() const;
  // Whether `size` more bytes stay within the bound.
  [[nodiscard]] bool fits(Bytes size) const { return bound_ == 0 || out_.live_bytes() + size <= bound_; }

  ObjectIndex buffer(Bytes size, std::uint32_t shape);
  ObjectIndex image(const ImageShape& image);
  // An image in the memory of `target`, which outlives it; kNoObject where the target is, or is smaller.
  ObjectIndex alias(const ImageShape& image, ObjectIndex target);
  // One batch of the longest prefix of `sizes` that fits; appends sizes.size() objects, kNoObject for the rest.
  void batch(std::span<const Bytes> sizes, std::uint32_t shape, std::vector<ObjectIndex>& objects);
  void free(ObjectIndex object);
  // CPU memory, which counts for no bound.
  ObjectIndex host_alloc(Bytes size, std::string_view category);
  void host_free(ObjectIndex object);
  void upload(ObjectIndex object);  // all of it
  void write(ObjectIndex object);   // all of it
  void write(ObjectIndex object, Offset offset, Bytes size);
  void copy(ObjectIndex from, ObjectIndex to, Bytes size);
  // False, and no event, when the growth does not fit.
  bool resize(ObjectIndex object, Bytes size);
  void bind(ObjectIndex object);
  void unbind(ObjectIndex object);
  void touch(ObjectIndex object);
  void mark(ObjectIndex object);
  // Begins a frame, `count` times.
  void frames(std::uint64_t count = 1);
  // Frees the objects in order over `frame_count` frames, the last of which is over at return. Requires frame_count >
  // 0.
  void free_over_frames(std::span<const ObjectIndex> objects, std::uint64_t frame_count);
  // Begins frames until every free asked for so far is completed.
  void drain() { frames(out_.frames_in_flight() + 1); }

  [[nodiscard]] TraceBuilder& out() { return out_; }

 private:
  std::uint64_t take_id();

  TraceBuilder& out_;
  Bytes bound_ = 0;
  std::uint64_t scale_ = 0;  // in ten-thousandths: integers multiply alike on every platform
  std::uint64_t next_id_ = 1;
  std::vector<std::uint64_t> free_ids_;  // the last freed is taken first
  std::vector<std::uint64_t> batch_ids_;
};

}  // namespace vkmembench
