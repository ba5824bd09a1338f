#include "scenarios/profiles/fit/held_out.h"

#include <utility>
#include <vector>

#include "allocator/device/simulated/simulated_requirements.h"
#include "scenarios/profiles/fit/rule_fit.h"

namespace vkmembench {
namespace {

using simulated::Requirements;
using simulated::RequirementTable;

// The same halves on every machine.
bool is_held_out(std::size_t number) {
  std::uint64_t mixed = number + 1;
  mixed *= 0x9e3779b97f4a7c15;
  return (mixed >> 40 & 1u) != 0;
}

template <typename Row>
std::pair<std::vector<Row>, std::vector<Row>> halves(std::span<const Row> rows) {
  std::pair<std::vector<Row>, std::vector<Row>> out;
  for (std::size_t i = 0; i < rows.size(); ++i) (is_held_out(i) ? out.second : out.first).push_back(rows[i]);
  return out;
}

bool is_near(const Requirements& got, Bytes required, const RequirementAnswer& wanted) {
  const Bytes apart = got.size > required ? got.size - required : required - got.size;
  return apart <= required / 20 && got.alignment() == wanted.alignment &&
         got.memory_type_bits == wanted.memory_type_bits;
}

}  // namespace

HeldOut test_rules(std::span<const AnsweredBuffer> buffers, std::span<const AnsweredImage> images,
                   DeviceProfile profile) {
  const auto [buffers_known, buffers_asked] = halves(buffers);
  const auto [images_known, images_asked] = halves(images);
  profile.buffers = fit_buffer_rules(buffers_known);
  profile.images = fit_image_rules(images_known);
  profile.exact_buffers.clear();
  profile.exact_images.clear();
  const RequirementTable rules(profile);
  HeldOut out{.buffers = buffers_asked.size(), .images = images_asked.size()};
  for (const AnsweredBuffer& row : buffers_asked)
    out.buffers_exact += is_answered(rules.of_buffer(row.size, row.usage), row.required, row.answer) ? 1u : 0u;
  for (const AnsweredImage& row : images_asked) {
    const Requirements got = rules.of_image(row.info);
    const bool exact = is_answered(got, row.required, row.answer);
    out.images_exact += exact ? 1u : 0u;
    out.images_near += exact || is_near(got, row.required, row.answer) ? 1u : 0u;
  }
  return out;
}

}  // namespace vkmembench
