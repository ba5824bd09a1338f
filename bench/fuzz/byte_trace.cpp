#include "bench/fuzz/byte_trace.h"

#include <algorithm>

#include "allocator/seam/buffer_kind.h"
#include "allocator/seam/named_pool.h"
#include "bench/fuzz/refusable.h"
#include "scenarios/trace/trace_builder.h"

namespace vkmembench {
namespace {

class ByteEvents {
 public:
  ByteEvents(TraceBuilder& out, ByteSource& bytes) : out_(out), bytes_(bytes) {}

  void step() {
    constexpr std::array<Op, 17> kDrawn = {Op::buffer, Op::free, Op::frame, Op::write,      Op::upload,  Op::image,
                                           Op::resize, Op::read, Op::copy,  Op::defragment, Op::budget,  Op::batch,
                                           Op::touch,  Op::mark, Op::bind,  Op::unbind,     Op::snapshot};
    const Op op = bytes_.pick(kDrawn);
    out_.lane(op == Op::frame ? std::uint16_t{0} : static_cast<std::uint16_t>(bytes_.below(4)));
    switch (op) {
      case Op::frame:
        return out_.frame();
      case Op::buffer:
        return created(out_.buffer(next_id_++, size(), buffer_shape(), alias_target()));
      case Op::image:
        return created(out_.image(next_id_++, image_shape(), alias_target()));
      case Op::batch:
        return batch();
      case Op::defragment:
        return defragment();
      case Op::budget:
        return out_.budget({bytes_.yes() ? "host" : "device", bytes_.yes(), size(), (1.0 + bytes_.byte()) / 256});
      case Op::snapshot:
        return out_.snapshot("here");
      default:
        if (!live_.empty()) use(op, bytes_.pick(live_));
    }
  }

 private:
  Bytes size() {
    constexpr std::array<Bytes, 8> kSizes = {1, 100, 256, 1024, 4096, 40'000, 300'000, 2 * kMiB};
    return bytes_.pick(kSizes) + bytes_.byte();
  }
  MemoryUse memory() { return static_cast<MemoryUse>(bytes_.below(kMemoryUseCount)); }
  std::uint32_t buffer_shape() {
    constexpr std::array<Bytes, 4> kAlignments = {1, 64, 4096, 64 * kKiB};
    Shape shape;
    shape.memory = memory();
    shape.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
    shape.alignment = bytes_.pick(kAlignments);
    const std::uint8_t flags = bytes_.byte();
    shape.evictable = (flags & 1) != 0;
    if ((flags & 2) != 0) shape.usage |= VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    if ((flags & 4) != 0) shape.usage |= VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT;
    if ((flags & 8) != 0) shape.kind = out_.string(bytes_.pick(kBufferKinds).name);
    if ((flags & 16) != 0) shape.pool = out_.string(bytes_.pick(kNamedPools).name);
    return out_.shape(shape);
  }
  std::uint32_t image_shape() {
    Shape shape;
    shape.image = true;
    shape.memory = memory();
    shape.format = {VK_FORMAT_R8G8B8A8_UNORM};
    shape.usage = VK_IMAGE_USAGE_SAMPLED_BIT;
    if (shape.memory == MemoryUse::transient)
      shape.usage = VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT | VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
    shape.extent = {1u + bytes_.byte(), 1u + bytes_.byte(), 1};
    const std::uint8_t flags = bytes_.byte();
    shape.evictable = (flags & 1) != 0;
    shape.tiling = (flags & 2) != 0 ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL;
    if ((flags & 4) != 0) shape.mips = 1 + bytes_.below(3);
    if ((flags & 8) != 0) shape.layers = 1 + bytes_.below(4);
    return out_.shape(shape);
  }
  AliasOf alias_target() {
    if (bytes_.below(8) != 7 || live_.empty()) return {};
    const ObjectIndex target = bytes_.pick(live_);
    return {target, bytes_.yes() ? size() : 0};
  }
  void created(ObjectIndex object) { live_.push_back(object); }
  void batch() {
    std::vector<std::uint64_t> ids(1 + bytes_.below(8));
    std::vector<Bytes> sizes;
    for (std::uint64_t& id : ids) {
      id = next_id_++;
      sizes.push_back(size());
    }
    const ObjectIndex first = out_.batch(ids, sizes, buffer_shape());
    for (std::size_t i = 0; i < ids.size(); ++i) created(first + static_cast<ObjectIndex>(i));
  }
  void defragment() {
    DefragmentRequest request;
    request.select = static_cast<DefragmentSelect>(bytes_.below(3));
    request.algorithm = static_cast<DefragmentAlgorithm>(bytes_.below(kDefragmentAlgorithmNames.size()));
    request.idle_frames = bytes_.below(8);
    request.min_uses = bytes_.below(4);
    request.min_size = 1;
    if (bytes_.yes()) request.max_bytes_per_pass = size();
    if (bytes_.yes()) request.max_moves_per_pass = 1 + bytes_.below(4);
    request.passes_per_frame = 1 + bytes_.below(3);
    out_.defragment(request);
  }
  // So many 256ths of it, at least one.
  Bytes part_of(Bytes whole) { return std::max<Bytes>(1, whole * (1u + bytes_.byte()) / 256); }
  void use(Op op, ObjectIndex object) {
    const Bytes whole = out_.size_of(object);
    const Bytes part = op == Op::write || op == Op::read || op == Op::upload || op == Op::copy ? part_of(whole) : 0;
    switch (op) {
      case Op::write:
        return out_.write(object, whole - part, part);
      case Op::read:
        return out_.read(object, whole - part, part);
      case Op::upload:
        return out_.upload(object, part);
      case Op::copy:
        return out_.copy(object, bytes_.pick(live_), part);
      case Op::resize:
        return out_.resize(object, size());
      case Op::touch:
        return out_.touch(object);
      case Op::mark:
        return out_.mark(object);
      case Op::bind:
        return out_.bind(object);
      case Op::unbind:
        return out_.unbind(object);
      default:
        out_.free(object);
        std::erase(live_, object);
    }
  }

  TraceBuilder& out_;
  ByteSource& bytes_;
  std::uint64_t next_id_ = 1;
  std::vector<ObjectIndex> live_;
};

}  // namespace

Trace trace_of(ByteSource& bytes) {
  TraceBuilder out(bytes.below(4));
  ByteEvents events(out, bytes);
  out.frame();
  while (!bytes.is_empty()) refusable([&] { events.step(); });
  return out.finish();
}

}  // namespace vkmembench
