#include "scenarios/profiles/profile_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "allocator/base/suggest.h"

namespace vkmembench {
namespace {

constexpr Bytes kMaxBytes = Bytes{1} << 46;

VkImageTiling read_tiling(const JsonValue& value) {
  const std::string text = value.text();
  if (text == "optimal") return VK_IMAGE_TILING_OPTIMAL;
  if (text == "linear") return VK_IMAGE_TILING_LINEAR;
  value.fail(fmt::format("unknown tiling '{}'; use optimal or linear", text));
}

MipLayout read_mip_layout(const JsonValue& value) {
  const std::string text = value.text();
  if (text == "stacked") return MipLayout::stacked;
  if (text == "tail") return MipLayout::tail;
  if (text == "beside") return MipLayout::beside;
  value.fail(fmt::format("unknown mip layout '{}'; use stacked, tail or beside", text));
}

RequirementAnswer read_answer(const JsonValue& rule, const DeviceProfile& profile) {
  RequirementAnswer answer;
  answer.alignment = read_power(rule.at("alignment"));
  answer.memory_type_bits = read_type_bits(rule.at("memory_types"), profile.memory.memoryTypeCount);
  if (const auto rounding = rule.find("size_rounding")) answer.size_rounding = read_power(*rounding);
  if (const auto extra = rule.find("extra_bytes")) answer.extra_bytes = extra->integer(0, kMaxBytes);
  if (const auto prefers = rule.find("prefers_dedicated")) answer.prefers_dedicated = prefers->boolean();
  if (const auto from = rule.find("prefers_dedicated_from_bytes")) {
    if (rule.find("prefers_dedicated")) from->fail("stands beside prefers_dedicated; keep one of them");
    answer.prefers_dedicated = true;
    answer.prefers_dedicated_from = from->integer(0, kMaxBytes);
  }
  if (const auto needs = rule.find("requires_dedicated")) answer.requires_dedicated = needs->boolean();
  return answer;
}

BufferRule read_buffer_rule(const JsonValue& rule, const DeviceProfile& profile) {
  rule.only_keys({"usage", "alignment", "size_rounding", "extra_bytes", "memory_types", "prefers_dedicated",
                  "prefers_dedicated_from_bytes", "requires_dedicated"});
  BufferRule out;
  if (const auto usage = rule.find("usage")) out.any_usage = read_flags(*usage, buffer_usage_names(), "buffer usage");
  out.answer = read_answer(rule, profile);
  if (profile.has_maintenance4 && (out.answer.size_rounding > out.answer.alignment || out.answer.extra_bytes != 0))
    rule.fail(
        fmt::format("with maintenance4 a buffer requires at most its size rounded up to the alignment of {}; "
                    "round to that and add nothing, or turn the feature off",
                    out.answer.alignment));
  return out;
}

void read_tiles(const JsonValue& rule, ImageRule& out) {
  if (const auto tile = rule.find("tile_bytes")) out.tile_bytes = read_power(*tile);
  if (const auto width = rule.find("tile_width_bytes")) {
    out.tile_width_bytes = read_power(*width);
    if (out.tile_width_bytes > out.tile_bytes) width->fail("wider than the whole tile; use at most tile_bytes");
  }
  if (const auto most = rule.find("max_tile_bytes")) {
    out.max_tile_bytes = read_power(*most);
    if (out.max_tile_bytes < out.tile_bytes || out.tile_width_bytes == 0)
      most->fail("a tile grows in rows of tile_width_bytes from tile_bytes on; give all three, the largest here");
  }
  if (const auto mips = rule.find("mips")) out.mips = read_mip_layout(*mips);
  if (out.mips == MipLayout::tail && out.tile_width_bytes != 0)
    rule.fail("a mip tail needs square tiles; leave tile_width_bytes out");
}

ImageRule read_image_rule(const JsonValue& rule, const DeviceProfile& profile) {
  rule.only_keys({"formats",
                  "tiling",
                  "usage",
                  "samples",
                  "min_bytes",
                  "max_bytes",
                  "tile_bytes",
                  "tile_width_bytes",
                  "max_tile_bytes",
                  "mips",
                  "metadata_divisor",
                  "metadata_rounding",
                  "alignment",
                  "size_rounding",
                  "extra_bytes",
                  "memory_types",
                  "prefers_dedicated",
                  "prefers_dedicated_from_bytes",
                  "requires_dedicated",
                  "mip_rounding",
                  "whole_layers",
                  "plane_rounding"});
  ImageRule out;
  if (const auto globs = rule.find("formats")) out.formats = read_formats(*globs);
  if (const auto tiling = rule.find("tiling")) out.tiling = read_tiling(*tiling);
  if (const auto usage = rule.find("usage")) out.any_usage = read_flags(*usage, image_usage_names(), "image usage");
  if (const auto samples = rule.find("samples")) out.samples = read_samples(*samples);
  if (const auto least = rule.find("min_bytes")) out.min_bytes = least->integer(0, kMaxBytes);
  if (const auto most = rule.find("max_bytes")) out.max_bytes = most->integer(out.min_bytes, kMaxBytes);
  read_tiles(rule, out);
  if (const auto whole = rule.find("whole_layers")) out.whole_layers = whole->boolean();
  if (const auto rounding = rule.find("mip_rounding")) {
    out.mip_rounding = read_power(*rounding);
    if (out.mip_rounding != 1 && (out.mips != MipLayout::stacked || out.whole_layers))
      rounding->fail("rounds mips that are stacked, with all their layers; leave out mips and whole_layers");
  }
  if (const auto rounding = rule.find("plane_rounding")) out.plane_rounding = read_power(*rounding);
  if (const auto divisor = rule.find("metadata_divisor")) out.metadata_divisor = divisor->integer(1, kMaxBytes);
  if (const auto rounding = rule.find("metadata_rounding")) out.metadata_rounding = read_power(*rounding);
  out.answer = read_answer(rule, profile);
  return out;
}

ExactBuffer read_exact_buffer(const JsonValue& request) {
  request.only_keys({"size_bytes", "usage"});
  ExactBuffer out;
  out.size = request.at("size_bytes").integer(1, kMaxBytes);
  if (const auto usage = request.find("usage")) out.usage = read_flags(*usage, buffer_usage_names(), "buffer usage");
  return out;
}

ExactImage read_exact_image(const JsonValue& request) {
  request.only_keys({"format", "tiling", "extent", "mips", "layers", "samples", "usage", "flags"});
  ExactImage out;
  const JsonValue name = request.at("format");
  const FormatInfo* format = format_by_name(name.text());
  if (format == nullptr)
    name.fail(fmt::format("unknown format '{}'; use a Vulkan name without VK_FORMAT_", name.text()));
  out.format = format->format;
  if (const auto tiling = request.find("tiling")) out.tiling = read_tiling(*tiling);
  const std::vector<JsonValue> sides = request.at("extent").items();
  if (sides.size() != 3) request.at("extent").fail("needs width, height and depth");
  const auto side = [&](std::size_t i) { return static_cast<std::uint32_t>(sides[i].integer(1, 1u << 16)); };
  out.extent = {side(0), side(1), side(2)};
  if (const auto mips = request.find("mips"))
    out.mips = static_cast<std::uint32_t>(mips->integer(1, full_mip_count(out.extent)));
  if (const auto layers = request.find("layers")) out.layers = static_cast<std::uint32_t>(layers->integer(1, 1u << 16));
  if (const auto samples = request.find("samples")) {
    const std::uint64_t count = samples->integer(1, 64);
    if (!is_power_of_two(count)) samples->fail("no sample count; use 1, 2, 4, 8, 16, 32 or 64");
    out.samples = static_cast<VkSampleCountFlagBits>(count);
  }
  if (const auto usage = request.find("usage")) out.usage = read_flags(*usage, image_usage_names(), "image usage");
  if (const auto flags = request.find("flags")) out.flags = read_flags(*flags, image_flag_names(), "image flag");
  return out;
}

Bytes packed_bytes(const ExactImage& image) {
  Bytes layer = 0;
  for (std::uint32_t level = 0; level < image.mips; ++level)
    layer += mip_bytes(format_info(image.format), image.extent, level);
  return layer * image.layers * static_cast<Bytes>(image.samples);
}

void read_exact(const JsonValue& row, DeviceProfile& out) {
  row.only_keys(
      {"buffer", "image", "size_bytes", "alignment", "memory_types", "prefers_dedicated", "requires_dedicated"});
  const auto buffer = row.find("buffer");
  const auto image = row.find("image");
  if (buffer.has_value() == image.has_value()) row.fail("names a buffer and an image, or neither; name one");
  const Bytes required = row.at("size_bytes").integer(1, kMaxBytes);
  Bytes least = 0;
  if (buffer) {
    ExactBuffer exact = read_exact_buffer(*buffer);
    exact.answer = read_answer(row, out);
    exact.required_bytes = required;
    least = exact.size;
    if (out.has_maintenance4 &&
        (required > align_up(exact.size, exact.answer.alignment) || exact.answer.requires_dedicated))
      row.fail(
          "with maintenance4 a buffer requires at most its size rounded up to the alignment, and dedicated memory only "
          "by its usage; turn the feature off");
    out.exact_buffers.push_back(exact);
  } else {
    ExactImage exact = read_exact_image(*image);
    exact.answer = read_answer(row, out);
    exact.required_bytes = required;
    least = packed_bytes(exact);
    out.exact_images.push_back(exact);
  }
  if (required < least) row.fail(fmt::format("size_bytes below the {} bytes of the contents; correct it", least));
}

}  // namespace

std::uint32_t read_flags(const JsonValue& names, std::span<const FlagName> table, const char* what) {
  std::uint32_t bits = 0;
  for (const JsonValue& name : names.items()) {
    const std::string text = name.text();
    const auto bit = flag_by_name(table, text);
    if (!bit) {
      std::vector<std::string_view> known;
      for (const FlagName& row : table) known.push_back(row.name);
      name.fail(
          fmt::format("unknown {} '{}'{}; use {}", what, text, did_you_mean(text, known), fmt::join(known, ", ")));
    }
    bits |= *bit;
  }
  return bits;
}

VkSampleCountFlags read_samples(const JsonValue& counts) {
  VkSampleCountFlags bits = 0;
  for (const JsonValue& count : counts.items()) {
    const std::uint64_t samples = count.integer(1, 64);
    if (!is_power_of_two(samples)) count.fail("no sample count; use 1, 2, 4, 8, 16, 32 or 64");
    bits |= static_cast<VkSampleCountFlags>(samples);
  }
  if (bits == 0) counts.fail("no sample count; name at least one");
  return bits;
}

Bytes read_power(const JsonValue& value) {
  const Bytes bytes = value.integer(1, kMaxBytes);
  if (!is_power_of_two(bytes)) value.fail(fmt::format("{} is no power of two", bytes));
  return bytes;
}

std::uint32_t read_type_bits(const JsonValue& types, std::uint32_t type_count) {
  std::uint32_t bits = 0;
  for (const JsonValue& type : types.items()) bits |= 1u << type.integer(0, type_count - 1);
  if (bits == 0) types.fail("no memory type; name at least one");
  return bits;
}

std::vector<std::string> read_formats(const JsonValue& globs) {
  std::vector<std::string> out;
  for (const JsonValue& glob : globs.items()) {
    out.push_back(glob.text());
    const bool known =
        std::ranges::any_of(formats(), [&](const FormatInfo& format) { return glob_match(out.back(), format.name); });
    if (!known)
      glob.fail(fmt::format("'{}' matches no format; use Vulkan names without VK_FORMAT_, or globs", out.back()));
  }
  if (out.empty()) globs.fail("no format; name at least one, or leave the key out");
  return out;
}

void read_format_rules(const JsonValue& rules, DeviceProfile& out) {
  for (const JsonValue& rule : rules.items()) {
    rule.only_keys({"formats", "optimal", "linear", "samples", "max_extent"});
    FormatRule row;
    row.formats = read_formats(rule.at("formats"));
    row.optimal = read_flags(rule.at("optimal"), image_usage_names(), "image usage");
    row.linear = read_flags(rule.at("linear"), image_usage_names(), "image usage");
    if (const auto samples = rule.find("samples")) row.samples = read_samples(*samples);
    if (const auto extent = rule.find("max_extent"))
      row.max_extent = static_cast<std::uint32_t>(extent->integer(1, 1u << 16));
    out.formats.push_back(row);
  }
}

void read_requirements(const JsonValue& requirements, DeviceProfile& out) {
  requirements.only_keys({"buffers", "images", "exact"});
  const JsonValue buffers = requirements.at("buffers");
  for (const JsonValue& rule : buffers.items()) out.buffers.push_back(read_buffer_rule(rule, out));
  if (out.buffers.empty() || out.buffers.back().any_usage != 0)
    buffers.fail("the last rule does not match every buffer; end with a rule without `usage`");
  const JsonValue images = requirements.at("images");
  for (const JsonValue& rule : images.items()) out.images.push_back(read_image_rule(rule, out));
  const auto covers_all = [](const ImageRule& rule) {
    return rule.formats.empty() && !rule.tiling && rule.any_usage == 0 && rule.samples == 0 && rule.min_bytes == 0 &&
           rule.max_bytes == ~Bytes{0};
  };
  if (out.images.empty() || !covers_all(out.images.back()))
    images.fail("the last rule does not match every image; end with a rule without conditions");
  if (const auto exact = requirements.find("exact")) {
    for (const JsonValue& row : exact->items()) read_exact(row, out);
  }
}

}  // namespace vkmembench
