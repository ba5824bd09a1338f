#pragma once

#include <span>
#include <vector>

#include "allocator/device/simulated/simulated_requirements.h"
#include "scenarios/profiles/fit/answered.h"

namespace vkmembench {

// Whether a table answers as the device did.
[[nodiscard]] bool is_answered(const simulated::Requirements& got, Bytes required, const RequirementAnswer& wanted);

// Rules that answer as many of the requests as such rules can, the last without conditions. Requires some request.
[[nodiscard]] std::vector<BufferRule> fit_buffer_rules(std::span<const AnsweredBuffer> answered);
// The same; formats that no request has come under the rule of the most requests.
[[nodiscard]] std::vector<ImageRule> fit_image_rules(std::span<const AnsweredImage> answered);

// Puts into the profile's exact table every request that it answers otherwise, until it answers all of them right.
// Requires a profile that open_simulated_device() takes.
void keep_exact(std::span<const AnsweredBuffer> buffers, std::span<const AnsweredImage> images, DeviceProfile& profile);

}  // namespace vkmembench
