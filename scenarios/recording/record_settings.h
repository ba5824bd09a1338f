#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "allocator/base/bytes.h"

namespace vkmembench {

// What ends a frame of a recorded program. By itself: presents, or frame boundaries, once there was one; submits
// before.
enum class FrameOn : std::uint8_t { automatic, present, submit, seconds };
inline constexpr std::array<std::string_view, 4> kFrameOnNames = {"auto", "present", "submit", "seconds"};

// How a program is recorded.
struct RecordSettings {
  std::string file = "vkmembench.jsonl.zst";  // names each process's and device's own
  std::uint64_t first_frame = 0;
  std::uint64_t last_frame = ~std::uint64_t{0};
  Bytes max_bytes = ~Bytes{0};  // of a file; about
  FrameOn frame_on = FrameOn::automatic;
  bool anonymize = false;  // leaves out the names of objects
};

// A setting, by its name in settings files. The environment has it as VKMEMBENCH_RECORD_ and the name in capitals.
struct RecordSetting {
  std::string_view name;
  std::string_view help;
  // Throws Error, without the setting's name, for a text that it cannot have.
  void (*set)(RecordSettings& settings, std::string_view text);
};
inline constexpr std::string_view kRecordEnvironment = "VKMEMBENCH_RECORD_";
inline constexpr std::string_view kRecordLayer = "VK_LAYER_VKMEMBENCH_record";
[[nodiscard]] const std::array<RecordSetting, 5>& record_settings();

// Where settings come from: a text by a setting's name, if it says anything.
using RecordSettingSource = std::function<std::optional<std::string>(std::string_view name)>;
// The first source that says anything of a setting decides; complain(message) hears of what cannot be used.
[[nodiscard]] RecordSettings read_record_settings(const std::array<RecordSettingSource, 3>& sources,
                                                  const std::function<void(const std::string&)>& complain);

[[nodiscard]] std::string environment_name(std::string_view setting);
[[nodiscard]] std::optional<std::string> setting_of_environment(std::string_view setting);
// The setting's line in the text of a vk_layer_settings.txt: vkmembench_record.NAME = VALUE.
[[nodiscard]] std::optional<std::string> setting_of_text(std::string_view text, std::string_view setting);
// That of the file, or the folder with it, that VK_LAYER_SETTINGS_PATH names, or else of one in the working folder.
[[nodiscard]] std::optional<std::string> setting_of_file(std::string_view setting);

}  // namespace vkmembench
