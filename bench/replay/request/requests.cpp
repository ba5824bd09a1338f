#include "bench/replay/request/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "allocator/device/layers/stop_layer.h"
#include "bench/replay/request/image_support.h"
#include "bench/replay/request/part_requirements.h"
#include "bench/replay/request/program_places.h"
#include "bench/replay/request/stand_ins.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench {
namespace {

struct Requirement {
  Bytes size = 0;
  Bytes alignment = 0;
  std::uint32_t type_bits = 0;
};

Requirement buffer_requirement(const Device& device, const BufferRequest& request) {
  const ChainedBufferInfo chained(request);
  const VkBufferCreateInfo& info = chained.get();
  VkMemoryRequirements out{};
  // A size that no buffer can have still loads the trace: it counts as asked, and every strategy refuses it.
  const Requirement as_asked{request.size, 1, 0};
  if (request.size > device.info->max_buffer_size) return as_asked;
  if (device.fn.get_device_buffer_memory_requirements != nullptr) {
    const VkDeviceBufferMemoryRequirements query{VK_STRUCTURE_TYPE_DEVICE_BUFFER_MEMORY_REQUIREMENTS, nullptr, &info};
    VkMemoryRequirements2 answer{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, nullptr, {}};
    device.fn.get_device_buffer_memory_requirements(device.handle, &query, &answer);
    out = answer.memoryRequirements;
  } else {
    const Expected<std::uint64_t> buffer = create_resource(device, info);
    if (!buffer) return as_asked;
    out = requirements_of(device, *buffer, false);
    destroy_resource(device, *buffer, false);
  }
  return {out.size, out.alignment, out.memoryTypeBits};
}

Requirement image_requirement(const Device& device, const ImageRequest& request) {
  const Expected<std::uint64_t> image = create_resource(device, chained_info(request).get());
  if (!image)
    throw Error("the device refuses an image that it says it supports (" +
                    std::string(format_info(request.format).name) + "): " + result_name(image.result()),
                ErrorKind::internal);
  const VkMemoryRequirements out = requirements_of(device, *image, true);
  destroy_resource(device, *image, true);
  return {out.size, out.alignment, out.memoryTypeBits};
}

std::string describe(const Shape& shape) {
  std::vector<std::string_view> names;
  for (VkFormat format : shape.format) names.push_back(format_info(format).name);
  return fmt::format("{} {}x{}x{}, mips {}, layers {}, samples {}", fmt::join(names, "|"), shape.extent.width,
                     shape.extent.height, shape.extent.depth, shape.mips, shape.layers,
                     static_cast<unsigned>(shape.samples));
}

BufferKind buffer_kind(std::string_view name) {
  const auto row = std::ranges::find(kBufferKinds, name, &BufferKindInfo::name);
  return static_cast<BufferKind>(row - kBufferKinds.begin());
}

// Tells strategies of a field as they know it.
template <typename Member>
void tell(const Trace& /*trace*/, const Member& stated, Member& told) {
  told = stated;
}
void tell(const Trace& trace, std::uint32_t name, BufferKind& told) { told = buffer_kind(trace.strings[name]); }
void tell(const Trace& trace, std::uint32_t name, std::string_view& told) { told = trace.strings[name]; }
void tell(const Trace& /*trace*/, const std::vector<VkFormat>& /*stated*/, VkFormat& /*told*/) {}  // one is chosen
void tell(const Trace& /*trace*/, const std::vector<VkFormat>& stated, std::span<const VkFormat>& told) {
  told = stated;
}

// Each pair once.
void add_substitution(Requests& out, std::string asked, std::string taken) {
  std::pair<std::string, std::string> pair(std::move(asked), std::move(taken));
  if (std::ranges::find(out.substitutions, pair) == out.substitutions.end())
    out.substitutions.push_back(std::move(pair));
}

std::string describe_request(const Shape& shape, const ResolvedShape& resolved) {
  return shape.image
             ? fmt::format("image {}, {}", describe(shape), describe_use(resolved.image))
             : fmt::format("buffer of usage {}", fmt::join(names_of(resolved.buffer.usage, buffer_usage_names()), "|"));
}

// What of a request no format or usage could mend; empty for most.
std::string why_beyond(const Trace& trace, const Shape& shape, const DeviceInfo& device) {
  if (shape.device_mask > 1)
    return fmt::format("device mask {:#x}: {} is no group of devices", shape.device_mask, device.name);
  if (is_protected(shape) && !device.has(DeviceFeature::protected_memory))
    return fmt::format("{} has no protected memory", device.name);
  const VkExternalMemoryHandleTypeFlags exportable = shape.image ? device.exportable_images : device.exportable_buffers;
  if (const std::uint32_t lacking = shape.export_handles & ~exportable; lacking != 0)
    return fmt::format("{} exports no {}", device.name, fmt::join(names_of(lacking, external_handle_names()), ", "));
  const MemoryChoice& memory = shape.memory;
  if (!trace.recorded.device && memory.recorded_type >= static_cast<int>(device.memory.memoryTypeCount) &&
      memory.required == 0 && memory.preferred == 0 && memory.unwanted == 0)
    return fmt::format("{} has no memory type {}", device.name, memory.recorded_type);
  return {};
}

// Whether the device has the memory types of the one that the trace was recorded on.
bool has_types_of(const RecordedDevice& recorded, const VkPhysicalDeviceMemoryProperties& memory) {
  const auto types_of = [](const VkPhysicalDeviceMemoryProperties& properties) {
    return std::span(properties.memoryTypes).first(properties.memoryTypeCount);
  };
  return std::ranges::equal(types_of(recorded.memory), types_of(memory),
                            [](const VkMemoryType& a, const VkMemoryType& b) {
                              return a.heapIndex == b.heapIndex && a.propertyFlags == b.propertyFlags;
                            });
}

// The recorded memory type: itself where the device has the same types or nothing else is said of it; elsewhere one
// like it, as far as the trace says by properties or by the recorded device what it was.
void choose_recorded_type(const Trace& trace, const Shape& shape, const DeviceInfo& device, ResolvedShape& resolved) {
  MemoryChoice choice = shape.memory;
  if (choice.recorded_type < 0) return;
  const auto index = static_cast<std::uint32_t>(choice.recorded_type);
  const bool is_said = choice.required != 0 || choice.preferred != 0 || choice.unwanted != 0;
  const auto& recorded = trace.recorded.device;
  const bool is_known = recorded && index < recorded->memory.memoryTypeCount;
  if ((recorded && has_types_of(*recorded, device.memory)) || (!is_said && !is_known)) {
    choice.types = 1u << index;
    choice.required = static_cast<std::uint16_t>(device.memory.memoryTypes[index].propertyFlags);
    choice.preferred = choice.unwanted = 0;
  } else if (!is_said) {
    constexpr std::uint32_t kUsual = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                     VK_MEMORY_PROPERTY_HOST_COHERENT_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
    const std::uint32_t flags = recorded->memory.memoryTypes[index].propertyFlags;
    choice.required = static_cast<std::uint16_t>(flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT);
    choice.preferred = static_cast<std::uint16_t>(flags);
    choice.unwanted = static_cast<std::uint16_t>(kUsual & ~flags);
  }
  resolved.buffer.memory = resolved.image.memory = choice;
}

void require_protected(ResolvedShape& resolved) {
  const MemoryUseRule rule = rule_of(resolved.buffer.memory);
  MemoryChoice chosen = MemoryUse::custom;
  chosen.required = static_cast<std::uint16_t>(rule.required | VK_MEMORY_PROPERTY_PROTECTED_BIT);
  chosen.preferred = static_cast<std::uint16_t>(rule.preferred);
  chosen.unwanted = static_cast<std::uint16_t>(rule.unwanted);
  resolved.buffer.memory = resolved.image.memory = chosen;
}

// The first format that the device supports: of the list, then of what programs take instead.
ResolvedShape choose_format(const Shape& shape, const Device& device, Substitution how, ResolvedShape resolved,
                            Requests& out) {
  const auto taken = [&](VkFormat format) {
    resolved.image.format = format;
    const std::string reason = unsupported_reason(device, resolved.image);
    if (reason.empty()) {
      resolved.refusal.clear();
      if (format != shape.format.front())
        add_substitution(out, describe(shape) + (shape.tiling == VK_IMAGE_TILING_LINEAR ? ", linear" : ", optimal"),
                         std::string(format_info(format).name));
      return true;
    }
    if (resolved.refusal.empty())
      resolved.refusal = fmt::format("image {}, {}: {}", describe(shape), describe_use(resolved.image), reason);
    return false;
  };
  for (const VkFormat format : shape.format)
    if (taken(format)) return resolved;
  if (how == Substitution::on)
    for (const VkFormat format : shape.format)
      for (const VkFormat instead : formats_instead_of(format))
        if (taken(instead)) return resolved;
  resolved.image.format = shape.format.back();
  resolved.served = Served::never;
  return resolved;
}

ResolvedShape resolve(const Trace& trace, const Shape& shape, const Device& device, Substitution how, Requests& out) {
  ResolvedShape resolved;
#define VKMEMBENCH_TELL_buffer(member) tell(trace, shape.member, resolved.buffer.member);
#define VKMEMBENCH_TELL_image(member) tell(trace, shape.member, resolved.image.member);
#define VKMEMBENCH_TELL_both(member) VKMEMBENCH_TELL_buffer(member) VKMEMBENCH_TELL_image(member)
#define VKMEMBENCH_TELL_to_strategies(of, member) VKMEMBENCH_TELL_##of(member)
#define VKMEMBENCH_TELL_to_reports(of, member)
#define VKMEMBENCH_ROW(key, member, type, most, standard, need, of, told, ...) VKMEMBENCH_TELL_##told(of, member)
  VKMEMBENCH_EVENT_KEYS(VKMEMBENCH_NO_KEY, VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
#undef VKMEMBENCH_TELL_to_reports
#undef VKMEMBENCH_TELL_to_strategies
#undef VKMEMBENCH_TELL_both
#undef VKMEMBENCH_TELL_image
#undef VKMEMBENCH_TELL_buffer
  if (shape.memory != MemoryUse::transient && !is_protected(shape)) {  // its contents are copied, whatever the event
    resolved.buffer.usage |= VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    resolved.image.usage |= VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  }
  const auto refuse = [&](std::string reason) {
    resolved.served = Served::never;
    resolved.refusal = fmt::format("{}: {}", describe_request(shape, resolved), reason);
    return resolved;
  };
  if (std::string reason = why_beyond(trace, shape, *device.info); !reason.empty()) return refuse(std::move(reason));
  if (std::string reason = why_not_in_parts(shape, device); !reason.empty()) return refuse(std::move(reason));
  choose_recorded_type(trace, shape, *device.info, resolved);
  if (is_protected(shape)) require_protected(resolved);

  std::uint32_t& asked = shape.image ? resolved.image.usage : resolved.buffer.usage;
  const UsageStandIn usage = stand_in_for(asked, shape.image, device.info->features);
  if (!usage.lacking.empty()) {
    if (how == Substitution::off)
      return refuse(fmt::format("{} lacks usage {}", device.info->name, fmt::join(usage.lacking, ", ")));
    const std::string instead(fmt::format(
        "usage {}", fmt::join(names_of(usage.usage, shape.image ? image_usage_names() : buffer_usage_names()), "|")));
    for (const std::string& lacking : usage.lacking) add_substitution(out, "usage " + lacking, instead);
    asked = usage.usage;
  }
  if (shape.image) resolved = choose_format(shape, device, how, std::move(resolved), out);
  if (!is_bound_in_parts(shape) || !resolved.is_supported()) return resolved;
  resolved.served = Served::in_parts;
  resolved.parts = shape.image ? part_requirements(device, resolved.image) : part_requirements(device, resolved.buffer);
  if (resolved.parts.empty()) return refuse(fmt::format("{} refuses to make it", device.info->name));
  if (const Bytes page = resolved.parts.front().alignment; is_sparse(shape) && page > kSparsePage)
    return refuse(
        fmt::format("{} binds pages of {} bytes, the trace has some of {}", device.info->name, page, kSparsePage));
  for (const VkMemoryRequirements& part : resolved.parts) resolved.type_bits |= part.memoryTypeBits;
  return resolved;
}

// Order-dependent 64-bit mix (multiply and fold, after Wang Yi's wyhash).
class Mixer {
 public:
  void add(std::uint64_t value) {
    const auto product = static_cast<unsigned __int128>(state_ ^ value) * 0x9e3779b97f4a7c15u;
    state_ = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^ 0xe7037ed1a0b428dbu;
  }
  void add(const std::string& text) {
    add(text.size());
    for (char c : text) add(static_cast<unsigned char>(c));
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xa0761d6478bd642fu;
};

void add_device(Mixer& mixer, const DeviceInfo& info) {
  mixer.add(info.memory.memoryTypeCount);
  for (std::uint32_t type = 0; type < info.memory.memoryTypeCount; ++type) {
    mixer.add(info.memory.memoryTypes[type].propertyFlags);
    mixer.add(info.memory.memoryTypes[type].heapIndex);
  }
  mixer.add(info.max_memory_allocation_size);
  mixer.add(info.limits.maxMemoryAllocationCount);
  mixer.add(info.limits.bufferImageGranularity);
  mixer.add(info.limits.nonCoherentAtomSize);
  mixer.add(info.limits.minMemoryMapAlignment);
  for (const std::string& extension : info.extensions_used) mixer.add(extension);
}

// A program that knows what will share memory asks for what suits all of it: a buffer is aligned so that its aliases
// are where they lie in it, with images on pages of their own.
template <typename AlignmentOf>
void align_owners(const Trace& trace, const DeviceInfo& device, Requests& out, const AlignmentOf& alignment_of) {
  if (!trace.has_aliases) return;
  std::unordered_map<ObjectIndex, Offset> places;  // of aliases in their owners
  for (const Event& event : trace.events) {
    if (!event.is_alias()) continue;
    const auto target = places.find(event.alias());
    const Offset place = trace.alias_offset(event) + (target == places.end() ? 0 : target->second);
    places.emplace(event.object, place);
    const ObjectIndex owner = trace.owner_of(event.object);
    if (trace.shape_of(owner).image) continue;
    const Shape& shape = trace.shape_of(event.object);
    const Bytes page = shape.image ? device.limits.bufferImageGranularity : 1;
    const Bytes alignment = std::max(alignment_of(event.object), page);
    Bytes& asked = out.owner_alignment[owner];
    if (is_aligned(place, alignment)) asked = std::max(asked, alignment);
  }
}

}  // namespace

DeviceFeatureSet features_for(const Trace& trace) {
  DeviceFeatureSet features;
  for (const Shape& shape : trace.shapes) {
    features = features | (shape.image ? features_for(0, shape.usage) : features_for(shape.usage, 0));
    if (is_protected(shape)) features.add(DeviceFeature::protected_memory);
  }
  return features;
}

Requests resolve_requests(const Trace& trace, const Device& unstopped, const StopFlag& stop, Substitution how) try {
  const StopLayer stopped(unstopped, stop);
  const Device& device = stopped.device();
  Requests out;
  for (const PoolDeclaration& pool : trace.pools)
    out.pools.push_back({trace.strings[pool.name], pool.block_bytes, pool.min_blocks, pool.max_blocks, pool.order});
  for (const Shape& shape : trace.shapes) out.shapes.push_back(resolve(trace, shape, device, how, out));
  if (why_no_places(trace, *device.info).empty()) out.places = places_of(trace);

  struct Distinct {
    std::uint32_t shape;
    Bytes size;
    bool operator<(const Distinct& other) const {
      return shape != other.shape ? shape < other.shape : size < other.size;
    }
  };
  std::map<Distinct, Requirement> answers;
  out.required.reserve(trace.objects.size());
  std::vector<std::unordered_map<Bytes, Bytes>> sizes(trace.shapes.size());
  const auto required = [&](std::uint32_t shape, Bytes size) -> Bytes {
    if (shape == kHostShape || out.shapes[shape].served != Served::whole) return 0;
    const bool image = trace.shapes[shape].image;
    const Bytes key = image ? 0 : size;
    const auto [entry, fresh] = sizes[shape].try_emplace(key, 0);
    if (fresh) {
      BufferRequest buffer = out.shapes[shape].buffer;
      buffer.size = size;
      const Requirement answer =
          image ? image_requirement(device, out.shapes[shape].image) : buffer_requirement(device, buffer);
      answers[{shape, key}] = answer;
      out.shapes[shape].type_bits |= answer.type_bits;
      if (image) out.shapes[shape].image_bytes = answer.size;
      entry->second = answer.size;
    }
    return entry->second;
  };
  const auto part_required = [&](const Event& event) -> Bytes {
    const ResolvedShape& shape = out.shapes[trace.objects[event.object].shape];
    return shape.is_supported() ? part_bytes(event, trace.shape_of(event.object).image, shape.parts) : 0;
  };
  for (const TraceObject& object : trace.objects) {
    if (stop.raised()) return out;
    out.required.push_back(required(object.shape, object.size));
  }
  for (const Event& event : trace.events) {
    if (stop.raised()) return out;
    if (effect_of(event.op) == Effect::resizes)
      out.resized_required.push_back(required(trace.objects[event.object].shape, event.size()));
    else if (makes_part(event.op))
      out.required[event.object] = part_required(event);
    else if (event.is_alias())
      out.required[event.object] = 0;
  }
  align_owners(trace, *device.info, out, [&](ObjectIndex object) {
    const TraceObject& asked = trace.objects[object];
    const auto answer = answers.find({asked.shape, trace.shapes[asked.shape].image ? 0 : asked.size});
    return answer == answers.end() ? Bytes{1} : std::max<Bytes>(answer->second.alignment, 1);
  });

  Mixer mixer;
  add_device(mixer, *device.info);
  for (const auto& [request, answer] : answers) {
    mixer.add(request.size);
    mixer.add(answer.size);
    mixer.add(answer.alignment);
    mixer.add(answer.type_bits);
  }
  for (const ResolvedShape& shape : out.shapes) {
    mixer.add(static_cast<std::uint64_t>(shape.image.format));
    for (const VkMemoryRequirements& part : shape.parts) {
      mixer.add(part.size);
      mixer.add(part.alignment);
      mixer.add(part.memoryTypeBits);
    }
  }
  out.requirements_hash = mixer.value();
  return out;
} catch (const Error&) {
  if (!stop.raised()) throw;
  return {};
}

}  // namespace vkmembench
