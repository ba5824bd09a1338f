#include "scenarios/recording/record_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "allocator/base/byte_text.h"
#include "allocator/base/error.h"
#include "allocator/base/suggest.h"

namespace vkmembench {
namespace {

constexpr std::string_view kFilePrefix = "vkmembench_record.";
constexpr std::string_view kFileName = "vk_layer_settings.txt";
constexpr std::size_t kMostOfFile = std::size_t{1} << 20;

void set_file(RecordSettings& settings, std::string_view text) {
  if (text.empty()) throw Error("is empty; name a file");
  settings.file = text;
}

void set_frames(RecordSettings& settings, std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_digits(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_digits(text.substr(dash + 1));
  if (!first || !last || *first > *last) throw Error(fmt::format("'{}' is not A-B, two frames in their order", text));
  settings.first_frame = *first;
  settings.last_frame = *last;
}

void set_max_bytes(RecordSettings& settings, std::string_view text) {
  const std::optional<Bytes> bytes = parse_bytes(text);
  if (!bytes || *bytes == 0) throw Error(fmt::format("'{}' is no number of bytes such as 4000000 or '4 MiB'", text));
  settings.max_bytes = *bytes;
}

void set_frame_on(RecordSettings& settings, std::string_view text) {
  const auto name = std::ranges::find(kFrameOnNames, text);
  if (name == kFrameOnNames.end())
    throw Error(fmt::format("'{}' ends no frame{}", text, known_words(text, kFrameOnNames)));
  settings.frame_on = static_cast<FrameOn>(name - kFrameOnNames.begin());
}

void set_anonymize(RecordSettings& settings, std::string_view text) {
  constexpr std::array<std::string_view, 4> kWords = {"true", "1", "false", "0"};
  const auto word = std::ranges::find(kWords, text);
  if (word == kWords.end()) throw Error(fmt::format("'{}' is neither true nor false", text));
  settings.anonymize = word - kWords.begin() < 2;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace

const std::array<RecordSetting, 5>& record_settings() {
  static constexpr std::array<RecordSetting, 5> kSettings = {{
      {"file", "NAME.jsonl.zst: NAME.PID-DEVICE.jsonl.zst is written for each process and device", set_file},
      {"frames", "A-B: what lives when frame A begins, and what happens to the end of frame B", set_frames},
      {"max_bytes", "where a file ends, about", set_max_bytes},
      {"frame_on", "what ends a frame: present, submit, seconds, or auto", set_frame_on},
      {"anonymize", "true: without the names of objects", set_anonymize},
  }};
  return kSettings;
}

RecordSettings read_record_settings(const std::array<RecordSettingSource, 3>& sources,
                                    const std::function<void(const std::string&)>& complain) {
  RecordSettings settings;
  for (const RecordSetting& setting : record_settings()) {
    for (const RecordSettingSource& source : sources) {
      const std::optional<std::string> text = source(setting.name);
      if (!text) continue;
      try {
        setting.set(settings, *text);
      } catch (const Error& error) {
        complain(fmt::format("{}: {}; as if it were not set", setting.name, error.what()));
      }
      break;
    }
  }
  return settings;
}

std::string environment_name(std::string_view setting) {
  std::string name(kRecordEnvironment);
  for (const char c : setting) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::optional<std::string> setting_of_environment(std::string_view setting) {
  const char* text = std::getenv(environment_name(setting).c_str());
  if (text == nullptr) return std::nullopt;
  return text;
}

std::optional<std::string> setting_of_text(std::string_view text, std::string_view setting) {
  std::optional<std::string> found;  // the last line of several
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    const std::string_view key = trimmed(line.substr(0, equals));
    if (key.starts_with(kFilePrefix) && key.substr(kFilePrefix.size()) == setting)
      found = trimmed(line.substr(equals + 1));
  }
  return found;
}

std::optional<std::string> setting_of_file(std::string_view setting) {
  const char* named = std::getenv("VK_LAYER_SETTINGS_PATH");
  std::filesystem::path path = named == nullptr ? std::filesystem::path(kFileName) : std::filesystem::path(named);
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) path /= kFileName;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::ifstream file(path);
  std::string text(kMostOfFile, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return setting_of_text(std::string_view(text).substr(0, static_cast<std::size_t>(file.gcount())), setting);
}

}  // namespace vkmembench
