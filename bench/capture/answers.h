#pragma once

#include <vector>

#include "allocator/device/device.h"
#include "scenarios/profiles/fit/answered.h"
#include "scenarios/trace/trace.h"

namespace vkmembench {

// What a device answered to requests; each request once.
struct Answers {
  std::vector<AnsweredBuffer> buffers;
  std::vector<AnsweredImage> images;
};

// Which images the device has: of each format the usages by tiling, and the sample counts.
[[nodiscard]] std::vector<FormatRule> ask_formats(const Device& device);
// Asks about buffers of each usage with sizes around powers of two, and images of every format with sizes, mips,
// layers, samples, tilings and usages. Throws Error when the device fails to make what it says it supports.
[[nodiscard]] Answers ask_systematically(const Device& device);
// Asks about every distinct request of the trace, and adds what is new.
void ask_requests_of(const Trace& trace, const Device& device, Answers& answers);

}  // namespace vkmembench
