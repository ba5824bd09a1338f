#include "bench/run/devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "allocator/base/byte_text.h"
#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "allocator/device/real/vulkan_device.h"
#include "allocator/device/simulated/simulated_device.h"
#include "bench/run/hostile_profiles.h"
#include "scenarios/profiles/profile_reader.h"

namespace vkmembench {
namespace {

constexpr std::string_view kSimulated = "sim:";
constexpr std::string_view kHostile = "hostile:";

DeviceChoice simulated_choice(std::string selector, std::string folder, DeviceProfile profile) {
  const auto shared = std::make_shared<const DeviceProfile>(std::move(profile));
  DeviceChoice choice;
  choice.selector = std::move(selector);
  choice.folder = std::move(folder);
  choice.info = *open_simulated_device(*shared)->device().info;
  choice.open = [shared](const OpenOptions& options) {
    if (options.validation)
      throw Error("--validation needs a Vulkan device; a simulated one checks every call by itself");
    return open_simulated_device(*shared, {options.model_clock, options.verify_contents, options.features});
  };
  return choice;
}

std::string stem(std::string_view file_name) { return std::filesystem::path(file_name).stem().string(); }

std::vector<DeviceChoice> list_simulated(std::string&) {
  std::vector<DeviceChoice> choices;
  for (const EmbeddedFile& file : shipped_profiles()) {
    const std::string name = stem(file.name);
    choices.push_back(
        simulated_choice(std::string(kSimulated) + name, name, parse_profile(file.text, std::string(file.name))));
  }
  return choices;
}

// What always can be had instead.
std::string simulated_instead() {
  return fmt::format("a simulated one is --device sim:{}", stem(shipped_profiles().front().name));
}

std::unique_ptr<DeviceOwner> open_vulkan(std::size_t index, const OpenOptions& options) try {
  return open_vulkan_device(index,
                            {.validation = options.validation, .host = options.host, .features = options.features});
} catch (const Error& error) {
  if (error.kind() != ErrorKind::no_device) throw;
  throw Error(fmt::format("{}; {}", error.what(), simulated_instead()), ErrorKind::no_device);
}

std::vector<DeviceChoice> list_vulkan(std::string& why_none) {
  VulkanDevices found = list_vulkan_devices();
  why_none = found.reason;
  std::vector<DeviceChoice> choices;
  for (std::size_t index = 0; index < found.infos.size(); ++index) {
    DeviceChoice choice;
    choice.selector = std::to_string(index);
    choice.folder = fmt::format("gpu{}", index);
    choice.info = std::move(found.infos[index]);
    choice.open = [index](const OpenOptions& options) {
      if (options.model_clock)
        throw Error("--clock model (or instructions) needs a simulated device; name one by --device sim:NAME");
      return open_vulkan(index, options);
    };
    choices.push_back(std::move(choice));
  }
  return choices;
}

std::vector<DeviceChoice> vulkan_or_throw() {
  std::string why_none;
  std::vector<DeviceChoice> choices = list_vulkan(why_none);
  if (choices.empty())
    throw Error(fmt::format("no Vulkan device: {}; {}", why_none, simulated_instead()), ErrorKind::no_device);
  return choices;
}

// auto: the first of the best type.
int rank(const DeviceInfo& info) {
  switch (info.type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return 0;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return 1;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return 2;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return 3;
    default:
      return 4;
  }
}

std::vector<DeviceChoice> select_simulated(const std::string& selector) {
  const std::string name = selector.substr(kSimulated.size());
  std::string none;
  if (name == "all") return list_simulated(none);
  return {simulated_choice(selector, stem(name), simulated_profile(name))};
}

std::vector<DeviceChoice> select_hostile(const std::string& selector) {
  const std::string name = selector.substr(kHostile.size());
  std::vector<DeviceChoice> choices;
  for (const HostileProfile& row : hostile_profiles()) {
    if (name == "all" || name == row.name)
      choices.push_back(simulated_choice(std::string(kHostile) + std::string(row.name),
                                         "hostile-" + std::string(row.name), make_profile(row)));
  }
  if (choices.empty())
    throw Error(fmt::format("no hostile device '{}'{}", name, known_names(name, hostile_profiles())));
  return choices;
}

std::vector<DeviceChoice> matching(const std::string& selector, const std::function<bool(const DeviceInfo&)>& matches) {
  std::vector<DeviceChoice> found;
  for (DeviceChoice& choice : vulkan_or_throw()) {
    if (matches(choice.info)) found.push_back(std::move(choice));
  }
  if (found.empty())
    throw Error(fmt::format("no Vulkan device matches '{}'; `vkmembench list devices` prints them, and {}", selector,
                            simulated_instead()),
                ErrorKind::no_device);
  if (found.size() > 1) {
    std::vector<std::string> names;
    names.reserve(found.size());
    for (const DeviceChoice& choice : found) names.push_back(fmt::format("{} ({})", choice.selector, choice.info.name));
    throw Error(fmt::format("'{}' matches {} devices: {}; name one by its index", selector, found.size(),
                            fmt::join(names, ", ")));
  }
  return found;
}

}  // namespace

DeviceProfile simulated_profile(const std::string& name) {
  std::vector<std::string> stems;
  for (const EmbeddedFile& file : shipped_profiles()) {
    stems.push_back(stem(file.name));
    if (stems.back() == name) return parse_profile(file.text, std::string(file.name));
  }
  const std::vector<std::string_view> names(stems.begin(), stems.end());
  if (!std::filesystem::path(name).has_parent_path() && !name.ends_with(".json") && !std::filesystem::exists(name))
    throw Error(fmt::format("no simulated device '{}'{}; a profile of your own is a file.json", name,
                            known_words(name, names)));
  return load_profile(name);
}

std::span<const DeviceBackend> device_backends() {
  static constexpr std::array kBackends = std::to_array<DeviceBackend>({
      {"vulkan", "GPUs and CPU drivers of this machine", list_vulkan},
      {"simulated", "devices made of profiles, the same on every machine", list_simulated},
  });
  return kBackends;
}

std::vector<DeviceChoice> select_devices(const std::string& selector) {
  if (selector.starts_with(kSimulated)) return select_simulated(selector);
  if (selector.starts_with(kHostile)) return select_hostile(selector);
  if (selector == "auto") {
    std::vector<DeviceChoice> all = vulkan_or_throw();
    const auto best = std::ranges::min_element(all, {}, [](const DeviceChoice& choice) { return rank(choice.info); });
    return {*best};
  }
  if (selector == "cpu")
    return matching(selector, [](const DeviceInfo& info) { return info.type == VK_PHYSICAL_DEVICE_TYPE_CPU; });
  if (selector.starts_with("name:"))
    return matching(selector, [&](const DeviceInfo& info) { return glob_match(selector.substr(5), info.name); });
  if (selector.starts_with("uuid:"))
    return matching(selector, [&](const DeviceInfo& info) { return info.uuid == selector.substr(5); });
  const std::optional<std::uint64_t> index = parse_digits(selector);
  if (!index)
    throw Error(
        fmt::format("'{}' is no device selector; use auto, an index, name:GLOB, uuid:HEX, cpu, sim:NAME, "
                    "sim:FILE, sim:all or hostile:NAME",
                    selector));
  std::vector<DeviceChoice> all = vulkan_or_throw();
  if (*index >= all.size())
    throw Error(fmt::format("no Vulkan device has index {}: there are {}; {}", *index, all.size(), simulated_instead()),
                ErrorKind::no_device);
  return {all[*index]};
}

}  // namespace vkmembench
