#include "scenarios/importers/formats/gfxreconstruct_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/importers/content.h"
#include "scenarios/names/name_table.h"

namespace vkmembench {
namespace {

struct CallName {
  std::string_view name;
  VulkanCall call;
};
constexpr auto kCallNames = std::to_array<CallName>({
    {"vkCreateBuffer", VulkanCall::create_buffer},
    {"vkCreateImage", VulkanCall::create_image},
    {"vkAllocateMemory", VulkanCall::allocate_memory},
    {"vkBindBufferMemory", VulkanCall::bind_buffer},
    {"vkBindImageMemory", VulkanCall::bind_image},
    {"vkBindBufferMemory2", VulkanCall::bind_buffers},
    {"vkBindBufferMemory2KHR", VulkanCall::bind_buffers},
    {"vkBindImageMemory2", VulkanCall::bind_images},
    {"vkBindImageMemory2KHR", VulkanCall::bind_images},
    {"vkDestroyBuffer", VulkanCall::destroy_buffer},
    {"vkDestroyImage", VulkanCall::destroy_image},
    {"vkFreeMemory", VulkanCall::free_memory},
    {"vkQueuePresentKHR", VulkanCall::present},
    {"vkQueueSubmit", VulkanCall::submit},
    {"vkQueueSubmit2", VulkanCall::submit},
    {"vkQueueSubmit2KHR", VulkanCall::submit},
    {"vkGetPhysicalDeviceMemoryProperties", VulkanCall::memory_properties},
    {"vkGetPhysicalDeviceMemoryProperties2", VulkanCall::memory_properties},
    {"vkGetPhysicalDeviceMemoryProperties2KHR", VulkanCall::memory_properties},
    {"vkGetPhysicalDeviceProperties", VulkanCall::device_properties},
    {"vkGetPhysicalDeviceProperties2", VulkanCall::device_properties},
});
constexpr NameTable<kCallNames.size()> kCallTable([] {
  std::array<std::string_view, kCallNames.size()> names;
  std::ranges::transform(kCallNames, names.begin(), &CallName::name);
  return names;
}());

enum class CallKey : std::uint8_t {
  buffer,
  pBuffer,
  image,
  pImage,
  memory,
  pMemory,
  memoryOffset,
  size,
  allocationSize,
  usage,
  memoryTypeIndex,
  format,
  width,
  height,
  depth,
  mipLevels,
  arrayLayers,
  samples,
  tiling,
  deviceName,
  memoryTypeCount,
  memoryHeapCount,
  propertyFlags,
  heapIndex,
  flags,
  imageType,
  count
};
constexpr NameTable<static_cast<std::size_t>(CallKey::count)> kCallKeys(
    {"buffer",       "pBuffer",    "image",           "pImage",          "memory",          "pMemory",
     "memoryOffset", "size",       "allocationSize",  "usage",           "memoryTypeIndex", "format",
     "width",        "height",     "depth",           "mipLevels",       "arrayLayers",     "samples",
     "tiling",       "deviceName", "memoryTypeCount", "memoryHeapCount", "propertyFlags",   "heapIndex",
     "flags",        "imageType"});

// A number, or "VK_BUFFER_USAGE_VERTEX_BUFFER_BIT|..." of a listing with --expand-flags; a name that is unknown has no
// bit.
std::uint64_t flags_of(const JsonScalar& scalar, std::string_view prefix, std::span<const FlagName> names) {
  constexpr std::string_view kSuffix = "_BIT";
  std::uint64_t flags = scalar.number;
  for (std::string_view text = scalar.text; !text.empty();) {
    const std::size_t bar = std::min(text.find('|'), text.size());
    std::string_view word = text.substr(0, bar);
    text.remove_prefix(std::min(bar + 1, text.size()));
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (!word.starts_with(prefix)) continue;
    word.remove_prefix(prefix.size());
    if (word.ends_with(kSuffix)) word.remove_suffix(kSuffix.size());
    flags |= flag_by_name(names, lower_case(word)).value_or(0);
  }
  return flags;
}

// "VK_SAMPLE_COUNT_4_BIT"; 0 for another text.
std::uint32_t samples_of(std::string_view text) {
  constexpr std::string_view kPrefix = "VK_SAMPLE_COUNT_";
  std::uint32_t samples = 0;
  if (text.starts_with(kPrefix)) std::from_chars(text.data() + kPrefix.size(), text.data() + text.size(), samples);
  return samples;
}

ImageDimensions type_of(std::string_view text) {
  if (text == "VK_IMAGE_TYPE_1D") return ImageDimensions::one;
  if (text == "VK_IMAGE_TYPE_2D") return ImageDimensions::two;
  return text == "VK_IMAGE_TYPE_3D" ? ImageDimensions::three : ImageDimensions::by_extent;
}

class CallSax {
 public:
  explicit CallSax(GfxrCall& call) : call_(call) {}
  [[nodiscard]] bool concerns_memory() const { return call_.call != VulkanCall::count; }

  bool begin(const JsonPath& path) {
    const std::size_t depth = path.depth();
    if (depth < 2) return true;
    if (!concerns_memory()) {
      if (path.is_in(0, "function"))
        throw Error("has the arguments of a function before its name; keep the order of gfxrecon-convert");
      return false;
    }
    if (depth == 3 && path.is_in(2, "pBindInfos")) in_binds_ = true;
    if (in_binds_ && depth == 4) call_.binds.emplace_back();
    if (is_of_properties() && depth > 3 && path.last().empty())
      ++element_[path.is_in(depth - 2, "memoryHeaps") ? 1 : 0];
    return true;
  }
  bool end(const JsonPath& path) {
    if (path.depth() == 3) in_binds_ = false;
    return true;
  }
  bool value(const JsonPath& path, const JsonScalar& scalar) {
    const std::size_t depth = path.depth();
    if (depth == 2) return of_function(path, scalar);
    if (depth < 3) return true;
    if (is_of_properties() && depth > 3) return of_properties(path, scalar);
    const auto key = static_cast<CallKey>(kCallKeys.find(path.last()));
    if (key == CallKey::count) return true;
    if (key == CallKey::deviceName) {
      call_.device_name = scalar.text;
      return true;
    }
    // Arguments, the structure that they point to, and its extent; what pNext points to is something else.
    if (depth < 5 || (depth == 5 && (in_binds_ || path.is_in(3, "extent")))) set(path, key, scalar);
    return true;
  }

 private:
  [[nodiscard]] bool is_of_properties() const { return call_.call == VulkanCall::memory_properties; }
  bool of_function(const JsonPath& path, const JsonScalar& scalar) {
    if (!path.is_in(0, "function")) return true;
    const std::string_view key = path.last();
    if (key == "return") call_.result = scalar.text;
    if (key == "thread") call_.thread = scalar.number;
    if (key != "name") return true;
    const std::size_t row = kCallTable.find(scalar.text);
    if (row != kCallNames.size()) call_.call = kCallNames[row].call;
    return concerns_memory();
  }
  bool of_properties(const JsonPath& path, const JsonScalar& scalar);
  void set(const JsonPath& path, CallKey key, const JsonScalar& scalar);

  GfxrCall& call_;
  bool in_binds_ = false;
  std::array<std::uint32_t, 2> element_{};  // of memory types and of heaps: how many began
};

std::uint32_t narrow(const JsonPath& path, const JsonScalar& scalar) {
  if (scalar.kind != JsonScalar::Kind::number || scalar.number > ~std::uint32_t{0})
    throw Error(fmt::format("'{}' is not a whole number of 32 bits", path.last()));
  return static_cast<std::uint32_t>(scalar.number);
}

bool CallSax::of_properties(const JsonPath& path, const JsonScalar& scalar) {
  if (!call_.properties) call_.properties = std::make_unique<VkPhysicalDeviceMemoryProperties>();
  VkPhysicalDeviceMemoryProperties& properties = *call_.properties;
  const auto key = static_cast<CallKey>(kCallKeys.find(path.last()));
  const std::uint32_t type = element_[0] - 1;
  const std::uint32_t heap = element_[1] - 1;
  if (key == CallKey::memoryTypeCount) properties.memoryTypeCount = std::min(narrow(path, scalar), VK_MAX_MEMORY_TYPES);
  if (key == CallKey::memoryHeapCount) properties.memoryHeapCount = std::min(narrow(path, scalar), VK_MAX_MEMORY_HEAPS);
  if (key == CallKey::propertyFlags && type < VK_MAX_MEMORY_TYPES)
    properties.memoryTypes[type].propertyFlags =
        static_cast<VkMemoryPropertyFlags>(flags_of(scalar, "VK_MEMORY_PROPERTY_", memory_property_names()));
  if (key == CallKey::heapIndex && type < VK_MAX_MEMORY_TYPES)
    properties.memoryTypes[type].heapIndex = narrow(path, scalar);
  if (key == CallKey::size && heap < VK_MAX_MEMORY_HEAPS) properties.memoryHeaps[heap].size = scalar.number;
  if (key == CallKey::flags && heap < VK_MAX_MEMORY_HEAPS)
    properties.memoryHeaps[heap].flags =
        static_cast<VkMemoryHeapFlags>(flags_of(scalar, "VK_MEMORY_HEAP_", heap_flag_names()));
  return true;
}

void CallSax::set(const JsonPath& path, CallKey key, const JsonScalar& scalar) {
  const bool is_number = scalar.kind == JsonScalar::Kind::number;
  const auto wide = [&] {
    if (!is_number) throw Error(fmt::format("'{}' is not a whole number", path.last()));
    return scalar.number;
  };
  switch (key) {
    case CallKey::buffer:
    case CallKey::pBuffer:
      if (in_binds_)
        call_.binds.back().resource = wide();
      else
        call_.buffer = scalar.number;
      break;
    case CallKey::image:
    case CallKey::pImage:
      if (in_binds_)
        call_.binds.back().resource = wide();
      else
        call_.image = scalar.number;
      break;
    case CallKey::memory:
    case CallKey::pMemory:
      (in_binds_ ? call_.binds.back().memory : call_.memory) = scalar.number;
      break;
    case CallKey::memoryOffset:
      (in_binds_ ? call_.binds.back().offset : call_.offset) = wide();
      break;
    case CallKey::size:
    case CallKey::allocationSize:
      call_.size = wide();
      break;
    case CallKey::usage:
      call_.usage = call_.call == VulkanCall::create_image ? flags_of(scalar, "VK_IMAGE_USAGE_", image_usage_names())
                                                           : flags_of(scalar, "VK_BUFFER_USAGE_", buffer_usage_names());
      break;
    case CallKey::memoryTypeIndex:
      call_.memory_type = narrow(path, scalar);
      break;
    case CallKey::format:
      call_.format = scalar.text;
      break;
    case CallKey::width:
      call_.extent.width = narrow(path, scalar);
      break;
    case CallKey::height:
      call_.extent.height = narrow(path, scalar);
      break;
    case CallKey::depth:
      call_.extent.depth = narrow(path, scalar);
      break;
    case CallKey::mipLevels:
      call_.mips = narrow(path, scalar);
      break;
    case CallKey::arrayLayers:
      call_.layers = narrow(path, scalar);
      break;
    case CallKey::samples:
      call_.samples = is_number ? narrow(path, scalar) : samples_of(scalar.text);
      break;
    case CallKey::tiling:
      call_.is_linear = scalar.text == "VK_IMAGE_TILING_LINEAR";
      break;
    case CallKey::flags:
      call_.flags = static_cast<std::uint32_t>(call_.call == VulkanCall::create_image
                                                   ? flags_of(scalar, "VK_IMAGE_CREATE_", image_flag_names())
                                                   : flags_of(scalar, "VK_BUFFER_CREATE_", buffer_flag_names()));
      break;
    case CallKey::imageType:
      call_.type = type_of(scalar.text);
      break;
    case CallKey::deviceName:
    case CallKey::memoryTypeCount:
    case CallKey::memoryHeapCount:
    case CallKey::propertyFlags:
    case CallKey::heapIndex:
    case CallKey::count:
      break;
  }
}

}  // namespace

void GfxrCall::clear() {
  GfxrCall empty;
  empty.result = std::move(result);
  empty.format = std::move(format);
  empty.binds = std::move(binds);
  *this = std::move(empty);
  result.clear();
  format.clear();
  binds.clear();
}

bool GfxrLineReader::read(std::string_view line, GfxrCall& call) {
  if (!line.starts_with('{') || !line.ends_with('}'))
    throw Error("is no whole JSON object, as each line is that gfxrecon-convert writes with --format jsonl");
  if (call.call != VulkanCall::count) call.clear();
  call.result.clear();
  CallSax sax(call);
  parser_.parse(line, sax);
  return sax.concerns_memory();
}

}  // namespace vkmembench
