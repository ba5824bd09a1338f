#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "allocator/base/stop_flag.h"
#include "allocator/device/device.h"
#include "allocator/seam/strategy.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// How a device has objects of a shape: bound as a whole, bound in parts, or not at all.
enum class Served : std::uint8_t { whole, in_parts, never };

// A shape of the trace as this device is asked for it.
struct ResolvedShape {
  BufferRequest buffer;  // size is filled in per event
  ImageRequest image;
  Served served = Served::whole;  // never: no format of the shape's list works here, or something else is amiss
  std::string refusal;            // why not
  std::uint32_t type_bits = 0;    // memory types that its objects may lie in
  // That the device requires for an image bound as a whole: where a format stands in, they can be fewer than the
  // trace's.
  Bytes image_bytes = std::numeric_limits<Bytes>::max();
  std::vector<VkMemoryRequirements> parts;  // of what is bound in parts, see part_requirements()

  [[nodiscard]] bool is_supported() const { return served != Served::never; }
};

// Every request of a trace made concrete on one device, the same for every strategy: formats chosen, transfer usage
// added, and what the device requires for each object (METRICS.md, q). Refers to the trace's texts.
struct Requests {
  std::vector<ResolvedShape> shapes;    // by TraceObject::shape
  std::vector<NamedPool> pools;         // of the trace
  ProgramPlaces places;                 // likewise; empty where it tells none that this device has
  std::vector<Bytes> required;          // by object; 0 for aliases, unsupported ones and host allocations
  std::vector<Bytes> resized_required;  // by the number of the `resize` event
  std::unordered_map<ObjectIndex, Bytes> owner_alignment;  // that aliases ask of a buffer whose memory they are in
  std::vector<std::pair<std::string, std::string>> substitutions;  // what was asked, what was taken; each pair once
  std::uint64_t requirements_hash = 0;  // memory types, limits, extensions and the answers to all distinct requests
};

// The features with which a device has to be opened for the trace.
[[nodiscard]] DeviceFeatureSet features_for(const Trace& trace);

// Whether what programs do stands in for formats and usages that the device lacks; lists of formats hold either way.
enum class Substitution : std::uint8_t { on, off };

// Asks the device about each distinct request once: buffers by usage and size, images by shape. Throws Error when the
// device fails to answer. Once the flag is raised it ends, and what it answers is good for nothing. Requires a device
// without a recording layer: these calls are the harness's own.
[[nodiscard]] Requests resolve_requests(const Trace& trace, const Device& device, const StopFlag& stop = kNeverStopped,
                                        Substitution how = Substitution::on);

}  // namespace vkmembench
