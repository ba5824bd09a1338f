#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/error.h"
#include "allocator/base/vulkan_names.h"
#include "scenarios/profiles/import/device_facts.h"

namespace vkmembench {
namespace {

std::string_view without_margins(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// "memoryHeaps[2]:" and, before 2020, "memoryHeaps[2] :".
std::optional<std::uint32_t> index_in(std::string_view line, std::string_view list, std::uint32_t most) {
  if (!line.starts_with(list) || line.size() == list.size() || line[list.size()] != '[') return std::nullopt;
  const std::optional<std::uint64_t> index = leading_number(line.substr(list.size() + 1));
  if (!index || *index >= most) return std::nullopt;
  return static_cast<std::uint32_t>(*index);
}

// One device's part of vulkaninfo's text, line by line. What is not known is left alone: other versions say more.
class Section {
 public:
  void line(std::string_view text) {
    const std::string_view line = without_margins(text);
    if (line.empty() || line.find_first_not_of("-=") == std::string_view::npos) return;
    if (const auto heap = index_in(line, "memoryHeaps", VK_MAX_MEMORY_HEAPS)) return begin_heap(*heap);
    if (const auto type = index_in(line, "memoryTypes", VK_MAX_MEMORY_TYPES)) return begin_type(*type);
    if (is_flag(line)) return flag(line);
    if (line.starts_with("Vk") || line.ends_with("Features:")) {
      samples_ = nullptr;
      if (!line.starts_with("VkPhysicalDeviceMemoryProperties")) in_ = Part::properties;
      return;
    }
    if (in_ == Part::type && use(line)) return;
    if (const std::size_t equals = line.find(" = "); equals != std::string_view::npos) {
      const std::string_view key = line.substr(0, equals);
      return pair(without_margins(key.substr(0, key.find(':'))), without_margins(line.substr(equals + 3)), line);
    }
    if (line.find("SampleCounts") != std::string_view::npos) return samples(line.substr(0, line.find(':')));
  }
  [[nodiscard]] DeviceFacts take() { return std::move(facts_); }
  [[nodiscard]] bool has_memory() const {
    return facts_.memory.memoryHeapCount > 0 && facts_.memory.memoryTypeCount > 0;
  }
  [[nodiscard]] bool is_named() const { return !facts_.name.empty(); }

 private:
  enum class Part : std::uint8_t { properties, heap, type };

  [[nodiscard]] VkMemoryHeap& heap() { return facts_.memory.memoryHeaps[index_]; }
  [[nodiscard]] VkMemoryType& type() { return facts_.memory.memoryTypes[index_]; }

  void begin_heap(std::uint32_t index) {
    in_ = Part::heap;
    index_ = index;
    facts_.memory.memoryHeapCount = std::max(facts_.memory.memoryHeapCount, index + 1);
  }
  void begin_type(std::uint32_t index) {
    in_ = Part::type;
    index_ = index;
    tiling_ = nullptr;
    facts_.memory.memoryTypeCount = std::max(facts_.memory.memoryTypeCount, index + 1);
  }
  static bool is_flag(std::string_view line) {
    return line.starts_with("MEMORY_") || line.starts_with("VK_MEMORY_") || line.starts_with("SAMPLE_COUNT_") ||
           line.starts_with("VK_SAMPLE_COUNT_");
  }
  void flag(std::string_view line) {
    if (line.find("MEMORY_HEAP_DEVICE_LOCAL") != std::string_view::npos && in_ == Part::heap)
      heap().flags |= VK_MEMORY_HEAP_DEVICE_LOCAL_BIT;
    if (const std::size_t at = line.find("SAMPLE_COUNT_"); at != std::string_view::npos && samples_ != nullptr)
      *samples_ |= leading_number(line.substr(at + 13)).value_or(0);
  }
  void samples(std::string_view name) { samples_ = &facts_.limits[std::string(without_margins(name))]; }

  // What stands below "usable for:" of a type.
  bool use(std::string_view line) {
    if (line.starts_with("IMAGE_TILING_OPTIMAL")) tiling_ = &facts_.optimal_image_types;
    if (line.starts_with("IMAGE_TILING_LINEAR")) tiling_ = &facts_.linear_image_types;
    if (line.starts_with("IMAGE_TILING_") && tiling_ != nullptr && !*tiling_) *tiling_ = 0;
    if (line.find("color images") != std::string_view::npos && tiling_ != nullptr && !line.starts_with("None"))
      **tiling_ |= 1u << index_;
    return line.find(" = ") == std::string_view::npos;
  }

  void pair(std::string_view key, std::string_view value, std::string_view line) {
    const std::optional<std::uint64_t> number = leading_number(value);
    if (line.find("SampleCounts") != std::string_view::npos) {  // "framebufferColorSampleCounts: count = 4", or bits
      samples(key);
      if (line.find("count =") == std::string_view::npos) *samples_ = number.value_or(0);
      return;
    }
    samples_ = nullptr;
    if (in_ == Part::heap && number) {
      if (key == "size") heap().size = *number;
      if (key == "budget") facts_.budgets[index_] = *number;
      return;
    }
    if (in_ == Part::type && number) {
      if (key == "heapIndex") type().heapIndex = static_cast<std::uint32_t>(*number);
      if (key == "propertyFlags") type().propertyFlags = static_cast<VkMemoryPropertyFlags>(*number);
      return;
    }
    property(key, value, number);
  }
  void property(std::string_view key, std::string_view value, std::optional<std::uint64_t> number) {
    const auto word = [&] { return static_cast<std::uint32_t>(number.value_or(0)); };
    if (key == "deviceName")
      facts_.name = value;
    else if (key == "deviceType")
      facts_.type = device_type_named(value);
    else if (key == "vendorID")
      facts_.vendor_id = word();
    else if (key == "deviceID")
      facts_.device_id = word();
    else if (key == "apiVersion" && facts_.api_version == 0)
      facts_.api_version = api_version_of(value);
    else if (key == "driverVersion" && facts_.driver_version == 0)
      facts_.driver_version = driver_version(value);
    else if (key == "driverName")
      facts_.driver_name = value;
    else if (key == "driverInfo")
      facts_.driver_info = value;
    else if (number && (key.starts_with("max") || key.starts_with("min") || key.starts_with("optimal") ||
                        key == "bufferImageGranularity" || key == "nonCoherentAtomSize"))
      facts_.limits.try_emplace(std::string(key), *number);
  }
  // "550.90.7.0 (2308342208)": the number in parentheses.
  static std::uint32_t driver_version(std::string_view value) {
    const std::size_t at = value.find('(');
    return static_cast<std::uint32_t>(
        leading_number(at == std::string_view::npos ? value : value.substr(at + 1)).value_or(0));
  }

  DeviceFacts facts_;
  Part in_ = Part::properties;
  std::uint32_t index_ = 0;                         // of the heap or type
  std::optional<std::uint32_t>* tiling_ = nullptr;  // that the uses are of
  std::uint64_t* samples_ = nullptr;                // counts under way
};

// "GPU0:", or before 2020 "GPU0".
bool begins_device(std::string_view line) {
  line = without_margins(line);
  if (line.ends_with(':')) line.remove_suffix(1);
  return line.size() > 3 && line.starts_with("GPU") &&
         line.find_first_not_of("0123456789", 3) == std::string_view::npos;
}

}  // namespace

std::vector<DeviceFacts> read_vulkaninfo_text(std::string_view text, const std::string& file_name) {
  std::vector<Section> sections(1);  // what stands before the first device, or all of a text without such lines
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (begins_device(line)) sections.emplace_back();
    sections.back().line(line);
  }
  std::vector<DeviceFacts> devices;
  for (Section& section : sections)
    if (section.has_memory() && section.is_named()) devices.push_back(section.take());
  if (devices.empty())
    throw Error(
        fmt::format("{}: no device with a name, heaps and memory types; give the output of vulkaninfo without "
                    "--summary",
                    file_name));
  return devices;
}

}  // namespace vkmembench
