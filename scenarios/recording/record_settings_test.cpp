#include "scenarios/recording/record_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/recording/event_lines.h"
#include "scenarios/recording/recording_file.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Settings of texts, and what is complained of.
struct Read {
  RecordSettings settings;
  std::vector<std::string> complaints;
};
Read read(const std::vector<std::pair<std::string, std::string>>& first, const std::string& second = "") {
  const auto source = [&](std::string_view name) -> std::optional<std::string> {
    for (const auto& [key, value] : first)
      if (key == name) return value;
    return std::nullopt;
  };
  Read read;
  read.settings = read_record_settings({source, [&](std::string_view name) { return setting_of_text(second, name); },
                                        [](std::string_view) -> std::optional<std::string> { return std::nullopt; }},
                                       [&](const std::string& message) { read.complaints.push_back(message); });
  return read;
}

TEST(RecordSettings, TakeTheFirstSource) {
  const Read got = read({{"frames", "3-9"}, {"anonymize", "1"}},
                        "# vkmembench_record.max_bytes = 7\n  vkmembench_record.max_bytes = 4 MiB \r\n"
                        "vkmembench_record.frames=1-2\nvkmembench_record.frame_on = submit\nother.frame_on = x\n"
                        "vkmembench_record.file = a b.jsonl.zst");
  EXPECT_EQ(got.settings.first_frame, 3u);
  EXPECT_EQ(got.settings.last_frame, 9u);
  EXPECT_TRUE(got.settings.anonymize);
  EXPECT_EQ(got.settings.max_bytes, 4 * kMiB);
  EXPECT_EQ(got.settings.frame_on, FrameOn::submit);
  EXPECT_EQ(got.settings.file, "a b.jsonl.zst");
  EXPECT_TRUE(got.complaints.empty());
}

TEST(RecordSettings, TellOfWhatTheyCannotBe) {
  const std::pair<std::string, std::string> bad[] = {{"file", ""},       {"frames", "x"},    {"frames", "4-"},
                                                     {"frames", "5-4"},  {"frames", "-1"},   {"max_bytes", ""},
                                                     {"max_bytes", "0"}, {"max_bytes", "-"}, {"frame_on", ""},
                                                     {"frame_on", "3"},  {"anonymize", ""},  {"anonymize", "perhaps"}};
  const RecordSettings standard;
  for (const auto& setting : bad) {
    const Read got = read({setting});
    ASSERT_EQ(got.complaints.size(), 1u) << setting.first << '=' << setting.second;
    EXPECT_THAT(got.complaints[0], testing::AllOf(HasSubstr(setting.first + ": "), HasSubstr("as if it were not set")));
    EXPECT_EQ(got.settings.file, standard.file);
    EXPECT_EQ(got.settings.last_frame, standard.last_frame);
    EXPECT_EQ(got.settings.max_bytes, standard.max_bytes);
  }
}

TEST(RecordSettings, HaveNamesInTheEnvironment) {
  EXPECT_EQ(environment_name("max_bytes"), "VKMEMBENCH_RECORD_MAX_BYTES");
  EXPECT_EQ(read({{"frames", "4"}}).settings.last_frame, 4u) << "one frame";
}

TEST(RecordingPath, IsOfAProcessAndADevice) {
  EXPECT_EQ(recording_path("a/t.jsonl.zst", 12, 3), "a/t.12-3.jsonl.zst");
  EXPECT_EQ(recording_path("t", 12, 0), "t.12-0.jsonl.zst");
}

TEST(CleanText, IsUtf8WithoutControls) {
  EXPECT_EQ(clean_text("plain \"quoted\" \\ ä"), "plain \"quoted\" \\ ä");
  EXPECT_EQ(clean_text("a\nb\x01"), "a b ");
  EXPECT_EQ(clean_text("a\xff"), "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace vkmembench
