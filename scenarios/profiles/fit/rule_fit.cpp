#include "scenarios/profiles/fit/rule_fit.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "allocator/base/vulkan_names.h"
#include "allocator/device/simulated/simulated_requirements.h"

namespace vkmembench {
namespace {

using simulated::Requirements;
using simulated::RequirementTable;

auto kind_of(const RequirementAnswer& answer) {
  return std::tuple(answer.alignment, answer.memory_type_bits, answer.requires_dedicated);
}

// The size that decides whether dedicated memory is preferred.
Bytes deciding(const AnsweredBuffer& row) { return row.size; }
Bytes deciding(const AnsweredImage& row) { return row.required; }

// From which size on dedicated memory is preferred, and for how many answers that is wrong.
struct Preference {
  Bytes from = ~Bytes{0};  // never
  std::size_t wrong = 0;

  void say(RequirementAnswer& answer) const {
    answer.prefers_dedicated = from != ~Bytes{0};
    answer.prefers_dedicated_from = answer.prefers_dedicated ? from : 0;
  }
};
// The bound that is wrong least often; a power of two where it can be.
template <typename Row>
Preference preference_of(const std::vector<const Row*>& group) {
  std::map<Bytes, std::pair<std::size_t, std::size_t>, std::greater<>>
      sizes;  // those that prefer it, and those that do not
  Preference best;
  for (const Row* row : group) {
    auto& [yes, no] = sizes[deciding(*row)];
    ++(row->answer.prefers_dedicated ? yes : no);
    best.wrong += row->answer.prefers_dedicated ? 1u : 0u;
  }
  std::size_t wrong = best.wrong;
  for (auto row = sizes.begin(); row != sizes.end(); ++row) {
    wrong = wrong - row->second.first + row->second.second;
    if (wrong >= best.wrong) continue;
    const auto below = std::next(row);
    const Bytes power = std::bit_floor(row->first);
    best = {below == sizes.end() || power > below->first ? power : row->first, wrong};
    if (below == sizes.end()) best.from = 0;
  }
  return best;
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
  for (Bytes rounding = 16; rounding <= 4096; rounding *= 2) {
    ImageRule form;
    form.mip_rounding = rounding;
    forms.push_back(form);
  }
  for (Bytes width = 4; width <= 1024; width *= 2)
    for (Bytes rows = 1; rows <= 32; rows *= 2)
      for (Bytes growth = 1; growth <= 32; growth *= 2)
        for (const MipLayout mips : {MipLayout::stacked, MipLayout::beside})
          for (const bool whole_layers : {false, true}) {
            if (whole_layers && (mips == MipLayout::beside || growth == 1)) continue;
            ImageRule form;
            form.tile_width_bytes = width;
            form.tile_bytes = width * rows;
            form.max_tile_bytes = growth == 1 ? 0 : width * rows * growth;
            form.mips = mips;
            form.whole_layers = whole_layers;
            forms.push_back(form);
          }
  return forms;
}

using Group = std::vector<const AnsweredImage*>;

// Of an image by a rule's tiles, before rounding.
Bytes size_by(const ImageRule& form, const AnsweredImage& row) {
  return std::max(simulated::packed_bytes(row.info), simulated::tiled_bytes(form, row.info));
}

// The form that gives most sizes of the group, of equals the first, and how many it gives wrong.
struct BestForm {
  ImageRule form;
  std::size_t wrong = 0;
};
BestForm best_form(const Group& group) {
  static const std::vector<ImageRule> kForms = size_forms();
  BestForm best{{}, group.size() + 1};
  std::vector<Bytes> plane_roundings = {1};
  if (format_info(group.front()->info.format).plane_count > 1)
    plane_roundings.insert(plane_roundings.begin(), group.front()->answer.alignment);
  for (ImageRule form : kForms)
    for (const Bytes plane_rounding : plane_roundings) {
      form.plane_rounding = plane_rounding;
      std::vector<Bytes> sizes;
      sizes.reserve(group.size());
      for (const AnsweredImage* row : group) sizes.push_back(size_by(form, *row));
      for (Bytes rounding = 1; rounding <= 1u << 18; rounding *= 2) {
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < group.size() && wrong < best.wrong; ++i)
          wrong += align_up(sizes[i], rounding) != group[i]->required ? 1u : 0u;
        if (wrong >= best.wrong) continue;
        best = {form, wrong};
        best.form.answer.size_rounding = rounding;
      }
      if (best.wrong == 0) return best;
    }
  return best;
}

using AnswerKind = decltype(kind_of(RequirementAnswer{}));

// The kind of answer that most of the group have, when they prefer dedicated memory, and how many answers are
// otherwise.
struct Majority {
  AnswerKind kind;
  Preference preference;
  std::size_t others = 0;
};
Majority majority_of(const Group& group) {
  std::map<AnswerKind, std::size_t> counts;
  for (const AnsweredImage* row : group) ++counts[kind_of(row->answer)];
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  const Preference preference = preference_of(group);
  return {most->first, preference, group.size() - most->second + preference.wrong};
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

// The rule of a group under the conditions: sizes of the form, and what most of the group are answered otherwise.
ImageRule rule_of(const Group& group, const ImageRule& conditions, const ImageRule& form) {
  const Majority most = majority_of(group);
  ImageRule rule = form;
  rule.formats = conditions.formats;
  rule.tiling = conditions.tiling;
  rule.any_usage = conditions.any_usage;
  rule.samples = conditions.samples;
  rule.min_bytes = conditions.min_bytes;
  rule.max_bytes = conditions.max_bytes;
  const auto answer = std::ranges::find_if(group, [&](const auto* row) { return kind_of(row->answer) == most.kind; });
  rule.answer = (*answer)->answer;
  most.preference.say(rule.answer);
  rule.answer.size_rounding = form.answer.size_rounding;
  rule.answer.extra_bytes = 0;
  return rule;
}

// Images below a packed size, and the others.
std::pair<Group, Group> parted(const Group& group, Bytes size) {
  std::pair<Group, Group> parts;
  for (const AnsweredImage* row : group)
    (simulated::packed_bytes(row->info) < size ? parts.first : parts.second).push_back(row);
  return parts;
}

// Rules for a group under the conditions, which it has in common. Images below a size have a form of their own where
// that gives more sizes: drivers leave tiny ones untiled.
void split(const Group& group, const ImageRule& conditions, std::vector<ImageRule>& out) {
  if (const std::optional<Division> made = divide(group, conditions)) {
    split(made->with, made->narrowed, out);
    split(made->rest, conditions, out);
    return;
  }
  const BestForm best = best_form(group);
  const auto is_wrong = [&](const AnsweredImage* row) {
    return align_up(size_by(best.form, *row), best.form.answer.size_rounding) != row->required;
  };
  std::size_t fewest = best.wrong;
  Bytes bound = 0;
  ImageRule tiny_form;
  for (Bytes size = 2; fewest > 0 && conditions.min_bytes == 0 && size <= 4096; size *= 2) {
    const auto [tiny, rest] = parted(group, size);
    if (tiny.empty() || rest.empty()) continue;
    const BestForm own = best_form(tiny);
    const auto wrong = own.wrong + static_cast<std::size_t>(std::ranges::count_if(rest, is_wrong));
    if (wrong >= fewest) continue;
    fewest = wrong;
    bound = size;
    tiny_form = own.form;
  }
  if (bound != 0) {
    const auto [tiny, rest] = parted(group, bound);
    ImageRule narrowed = conditions;
    narrowed.min_bytes = bound;
    out.push_back(rule_of(rest, narrowed, best.form));
    out.push_back(rule_of(tiny, conditions, tiny_form));
    return;
  }
  out.push_back(rule_of(group, conditions, best.form));
}

}  // namespace

bool is_answered(const Requirements& got, Bytes required, const RequirementAnswer& wanted) {
  return got.size == required && got.alignment() == wanted.alignment &&
         got.memory_type_bits == wanted.memory_type_bits && got.requires_dedicated == wanted.requires_dedicated &&
         got.prefers_dedicated == wanted.prefers_dedicated;
}

std::vector<BufferRule> fit_buffer_rules(std::span<const AnsweredBuffer> answered) {
  // Of each usage alone; together they are aligned as the most demanding.
  std::vector<BufferRule> rules;
  for (const FlagName& flag : buffer_usage_names()) {
    std::vector<const AnsweredBuffer*> group;
    for (const AnsweredBuffer& row : answered)
      if (row.usage == flag.bit) group.push_back(&row);
    if (group.empty()) continue;
    RequirementAnswer answer = group.front()->answer;
    preference_of(group).say(answer);
    answer.size_rounding = rounding_of(group, answer.alignment);
    const auto same = std::ranges::find_if(rules, [&](const BufferRule& rule) {
      return kind_of(rule.answer) == kind_of(answer) && rule.answer.size_rounding == answer.size_rounding &&
             rule.answer.prefers_dedicated == answer.prefers_dedicated &&
             rule.answer.prefers_dedicated_from == answer.prefers_dedicated_from;
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
      if (kept_buffers[i] || is_answered(table.of_buffer(row.size, row.usage), row.required, row.answer)) continue;
      kept_buffers[i] = true;
      more_buffers.push_back({row.size, row.usage, row.answer, row.required});
    }
    for (std::size_t i = 0; i < images.size(); ++i) {
      const AnsweredImage& row = images[i];
      if (kept_images[i] || is_answered(table.of_image(row.info), row.required, row.answer)) continue;
      kept_images[i] = true;
      more_images.push_back({row.info.format, row.info.tiling, row.info.extent, row.info.mipLevels,
                             row.info.arrayLayers, row.info.samples, row.info.usage, row.info.flags, row.answer,
                             row.required});
    }
    added = !more_buffers.empty() || !more_images.empty();
    profile.exact_buffers.insert(profile.exact_buffers.end(), more_buffers.begin(), more_buffers.end());
    profile.exact_images.insert(profile.exact_images.end(), more_images.begin(), more_images.end());
    // A row answers requests with more usages and flags too, so the rows with most of them come first.
    std::ranges::stable_sort(profile.exact_buffers, std::ranges::greater{},
                             [&](const ExactBuffer& row) { return bits_of(row.usage); });
    std::ranges::stable_sort(profile.exact_images, std::ranges::greater{},
                             [&](const ExactImage& row) { return bits_of(row.usage) + bits_of(row.flags); });
  }
}

}  // namespace vkmembench
