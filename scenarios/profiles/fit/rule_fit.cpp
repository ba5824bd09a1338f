#include "scenarios/profiles/fit/rule_fit.h"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "allocator/base/vulkan_names.h"
#include "allocator/device/simulated/simulated_requirements.h"

namespace vkmembench {
namespace {

using simulated::Requirements;
using simulated::RequirementTable;

auto kind_of(const RequirementAnswer& answer) {
  return std::tuple(answer.alignment, answer.memory_type_bits, answer.prefers_dedicated, answer.requires_dedicated);
}

bool is_right(const Requirements& got, Bytes required, const RequirementAnswer& wanted) {
  return got.size == required && got.alignment() == wanted.alignment &&
         got.memory_type_bits == wanted.memory_type_bits && got.requires_dedicated == wanted.requires_dedicated &&
         got.prefers_dedicated == wanted.prefers_dedicated;
}

// The largest rounding up to the alignment that makes the sizes what they are.
Bytes rounding_of(const std::vector<const AnsweredBuffer*>& group, Bytes alignment) {
  for (Bytes rounding = alignment; rounding > 1; rounding /= 2)
    if (std::ranges::all_of(group,
                            [&](const AnsweredBuffer* row) { return align_up(row->size, rounding) == row->required; }))
      return rounding;
  return 1;
}

// How sizes of images may come about, apart from what the answer of a rule says.
std::vector<ImageRule> size_forms() {
  std::vector<ImageRule> forms;
  for (Bytes tile = 1; tile <= 1u << 18; tile *= 2) {
    if (tile > 1 && tile < 256) continue;
    for (const MipLayout mips : {MipLayout::stacked, MipLayout::tail}) {
      ImageRule form;
      form.tile_bytes = tile;
      form.mips = mips;
      forms.push_back(form);
    }
  }
  for (Bytes width = 4; width <= 1024; width *= 2)
    for (Bytes rows = 1; rows <= 32; rows *= 2)
      for (Bytes growth = 1; growth <= 32; growth *= 2)
        for (const MipLayout mips : {MipLayout::stacked, MipLayout::beside}) {
          ImageRule form;
          form.tile_width_bytes = width;
          form.tile_bytes = width * rows;
          form.max_tile_bytes = growth == 1 ? 0 : width * rows * growth;
          form.mips = mips;
          forms.push_back(form);
        }
  return forms;
}

using Group = std::vector<const AnsweredImage*>;

// The form that gives most sizes of the group, of equals the first.
ImageRule best_form(const Group& group) {
  static const std::vector<ImageRule> kForms = size_forms();
  ImageRule best;
  std::size_t fewest = group.size() + 1;
  for (ImageRule form : kForms) {
    std::vector<Bytes> sizes;
    sizes.reserve(group.size());
    for (const AnsweredImage* row : group)
      sizes.push_back(std::max(simulated::packed_bytes(row->info), simulated::tiled_bytes(form, row->info)));
    for (Bytes rounding = 1; rounding <= 1u << 18; rounding *= 2) {
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < group.size() && wrong < fewest; ++i)
        wrong += align_up(sizes[i], rounding) != group[i]->required ? 1u : 0u;
      if (wrong >= fewest) continue;
      fewest = wrong;
      best = form;
      best.answer.size_rounding = rounding;
    }
    if (fewest == 0) break;
  }
  return best;
}

using AnswerKind = decltype(kind_of(RequirementAnswer{}));

// The kind of answer that most of the group have, and how many have another.
struct Majority {
  AnswerKind kind;
  std::size_t others = 0;
};
Majority majority_of(const Group& group) {
  std::map<AnswerKind, std::size_t> counts;
  for (const AnsweredImage* row : group) ++counts[kind_of(row->answer)];
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  return {most->first, group.size() - most->second};
}

// A group in two: what a narrower rule speaks of, and the rest.
struct Division {
  ImageRule narrowed;
  Group with;
  Group rest;
};

// The narrower rules that the conditions leave room for: by one usage, or by a least size.
std::vector<ImageRule> narrower(const ImageRule& conditions) {
  std::vector<ImageRule> rules;
  if (conditions.any_usage == 0)
    for (const FlagName& flag : image_usage_names()) rules.emplace_back(conditions).any_usage = flag.bit;
  if (conditions.min_bytes == 0 && conditions.max_bytes == ~Bytes{0})
    for (Bytes size = 1024; size <= Bytes{1} << 30; size *= 2) rules.emplace_back(conditions).min_bytes = size;
  return rules;
}

bool speaks_of(const ImageRule& rule, const VkImageCreateInfo& info) {
  return (rule.any_usage == 0 || (info.usage & rule.any_usage) != 0) && simulated::packed_bytes(info) >= rule.min_bytes;
}

// The division after which fewest answers are of another kind than most of their part, of equals the first; none where
// no division makes them fewer.
std::optional<Division> divide(const Group& group, const ImageRule& conditions) {
  std::optional<Division> best;
  std::size_t fewest = majority_of(group).others;
  if (fewest == 0) return best;
  for (const ImageRule& rule : narrower(conditions)) {
    Division made{.narrowed = rule, .with = {}, .rest = {}};
    for (const AnsweredImage* row : group) (speaks_of(rule, row->info) ? made.with : made.rest).push_back(row);
    if (made.with.empty() || made.rest.empty()) continue;
    const std::size_t others = majority_of(made.with).others + majority_of(made.rest).others;
    if (others >= fewest) continue;
    fewest = others;
    best = std::move(made);
  }
  return best;
}

// Rules for a group under the conditions, which it has in common.
void split(const Group& group, const ImageRule& conditions, std::vector<ImageRule>& out) {
  if (const std::optional<Division> made = divide(group, conditions)) {
    split(made->with, made->narrowed, out);
    split(made->rest, conditions, out);
    return;
  }
  const ImageRule form = best_form(group);
  const AnswerKind most = majority_of(group).kind;
  ImageRule rule = conditions;
  rule.tile_bytes = form.tile_bytes;
  rule.tile_width_bytes = form.tile_width_bytes;
  rule.max_tile_bytes = form.max_tile_bytes;
  rule.mips = form.mips;
  const auto answer = std::ranges::find_if(group, [&](const auto* row) { return kind_of(row->answer) == most; });
  rule.answer = (*answer)->answer;
  rule.answer.size_rounding = form.answer.size_rounding;
  rule.answer.extra_bytes = 0;
  out.push_back(rule);
}

}  // namespace

std::vector<BufferRule> fit_buffer_rules(std::span<const AnsweredBuffer> answered) {
  // Of each usage alone; together they are aligned as the most demanding.
  std::vector<BufferRule> rules;
  for (const FlagName& flag : buffer_usage_names()) {
    std::vector<const AnsweredBuffer*> group;
    for (const AnsweredBuffer& row : answered)
      if (row.usage == flag.bit) group.push_back(&row);
    if (group.empty()) continue;
    RequirementAnswer answer = group.front()->answer;
    answer.size_rounding = rounding_of(group, answer.alignment);
    const auto same = std::ranges::find_if(rules, [&](const BufferRule& rule) {
      return kind_of(rule.answer) == kind_of(answer) && rule.answer.size_rounding == answer.size_rounding;
    });
    if (same != rules.end())
      same->any_usage |= flag.bit;
    else
      rules.push_back({flag.bit, answer});
  }
  std::ranges::stable_sort(rules, std::ranges::greater{}, [](const BufferRule& rule) {
    return std::pair(rule.answer.alignment, rule.answer.size_rounding);
  });
  rules.back().any_usage = 0;
  return rules;
}

std::vector<ImageRule> fit_image_rules(std::span<const AnsweredImage> answered) {
  // Formats whose texel blocks and aspects agree lie alike.
  using Key = std::tuple<bool, bool, std::uint32_t, std::uint32_t, VkImageAspectFlags, std::uint32_t>;
  std::map<Key, Group> groups;
  for (const AnsweredImage& row : answered) {
    const FormatInfo& format = format_info(row.info.format);
    groups[{row.info.tiling == VK_IMAGE_TILING_LINEAR, row.info.samples == VK_SAMPLE_COUNT_1_BIT, format.block_bytes,
            format.block_width, format.aspects, format.plane_count}]
        .push_back(&row);
  }
  std::vector<ImageRule> rules;
  ImageRule usual;
  std::size_t most = 0;
  for (const auto& [key, group] : groups) {
    const auto& [linear, single, bytes, width, aspects, planes] = key;
    ImageRule conditions;
    conditions.tiling = linear ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL;
    if (single) conditions.samples = VK_SAMPLE_COUNT_1_BIT;
    for (const FormatInfo& format : formats())
      if (format.block_bytes == bytes && format.block_width == width && format.aspects == aspects &&
          format.plane_count == planes)
        conditions.formats.emplace_back(format.name);
    split(group, conditions, rules);
    if (group.size() > most) {
      most = group.size();
      usual = rules.back();
    }
  }
  // Of one sample first, so that the rules without a count speak of several.
  std::ranges::stable_sort(rules, {}, [](const ImageRule& rule) { return rule.samples == 0; });
  usual.formats.clear();
  usual.tiling.reset();
  usual.any_usage = 0;
  usual.samples = 0;
  usual.min_bytes = 0;
  usual.max_bytes = ~Bytes{0};
  rules.push_back(usual);
  return rules;
}

void keep_exact(std::span<const AnsweredBuffer> buffers, std::span<const AnsweredImage> images,
                DeviceProfile& profile) {
  const auto bits_of = [](std::uint32_t usage) { return std::popcount(usage); };
  std::vector<bool> kept_buffers(buffers.size());
  std::vector<bool> kept_images(images.size());
  for (bool added = true; added;) {
    added = false;
    const RequirementTable table(profile);
    std::vector<ExactBuffer> more_buffers;
    std::vector<ExactImage> more_images;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      const AnsweredBuffer& row = buffers[i];
      if (kept_buffers[i] || is_right(table.of_buffer(row.size, row.usage), row.required, row.answer)) continue;
      kept_buffers[i] = true;
      more_buffers.push_back({row.size, row.usage, row.answer, row.required});
    }
    for (std::size_t i = 0; i < images.size(); ++i) {
      const AnsweredImage& row = images[i];
      if (kept_images[i] || is_right(table.of_image(row.info), row.required, row.answer)) continue;
      kept_images[i] = true;
      more_images.push_back({row.info.format, row.info.tiling, row.info.extent, row.info.mipLevels,
                             row.info.arrayLayers, row.info.samples, row.info.usage, row.answer, row.required});
    }
    added = !more_buffers.empty() || !more_images.empty();
    profile.exact_buffers.insert(profile.exact_buffers.end(), more_buffers.begin(), more_buffers.end());
    profile.exact_images.insert(profile.exact_images.end(), more_images.begin(), more_images.end());
    // A row answers requests with more usages too, so the rows with most of them come first.
    std::ranges::stable_sort(profile.exact_buffers, std::ranges::greater{},
                             [&](const ExactBuffer& row) { return bits_of(row.usage); });
    std::ranges::stable_sort(profile.exact_images, std::ranges::greater{},
                             [&](const ExactImage& row) { return bits_of(row.usage); });
  }
}

}  // namespace vkmembench
