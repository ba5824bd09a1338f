#include "bench/run/devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "allocator/base/error.h"
#include "bench/run/exit_code.h"
#include "cmake/source_dir.h"
#include "scenarios/profiles/profile_reader.h"
#include "scenarios/random/random_trace_test.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

std::vector<std::string> shipped_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : shipped_profiles()) names.push_back(std::filesystem::path(file.name).stem().string());
  return names;
}

class EveryShippedDevice : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryShippedDevice, testing::ValuesIn(shipped_names()), [](const auto& row) {
  std::string name = row.param;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});
TEST_P(EveryShippedDevice, OpensByItsSelectorAsItWasListed) {
  const auto choices = select_devices("sim:" + GetParam());
  ASSERT_EQ(choices.size(), 1u);
  const DeviceChoice& choice = choices.front();
  EXPECT_EQ(choice.selector, "sim:" + GetParam());
  EXPECT_EQ(choice.folder, GetParam());
  EXPECT_TRUE(choice.info.simulated);
  for (const bool model : {false, true}) {
    const auto owner = choice.open({.model_clock = model, .verify_contents = true, .validation = false});
    const Device device = owner->device();
    EXPECT_EQ(device.info->name, choice.info.name);
    EXPECT_EQ(device.info->uuid, choice.info.uuid);
    EXPECT_EQ(device.model_ns != nullptr, model);
  }
  EXPECT_THAT(
      error_of([&] { (void)choice.open({.model_clock = false, .verify_contents = false, .validation = true}); }),
      HasSubstr("--validation needs a Vulkan device"));
}

TEST_P(EveryShippedDevice, OpensFromAFileToo) {
  const std::string file = source_dir() + "/scenarios/devices/" + GetParam() + ".json";
  const auto choices = select_devices("sim:" + file);
  ASSERT_EQ(choices.size(), 1u);
  EXPECT_EQ(choices.front().folder, GetParam());
  EXPECT_EQ(choices.front().info.name, select_devices("sim:" + GetParam()).front().info.name);
}

TEST(SelectDevices, SimAllIsEveryShippedOneInItsOwnFolder) {
  const auto choices = select_devices("sim:all");
  std::vector<std::string> folders;
  for (const DeviceChoice& choice : choices) folders.push_back(choice.folder);
  EXPECT_EQ(folders, shipped_names());
}

struct Bad {
  const char* selector;
  const char* says;
};
class BadSelector : public testing::TestWithParam<Bad> {};
INSTANTIATE_TEST_SUITE_P(
    Table, BadSelector,
    testing::Values(Bad{"", "no device selector"}, Bad{"cpus", "no device selector"}, Bad{"-1", "no device selector"},
                    Bad{"0x0", "no device selector"}, Bad{"1 ", "no device selector"}, Bad{"sim", "no device selector"},
                    Bad{"sim:", "no simulated device"}, Bad{"sim:nvidia-rtx-3900", "did you mean 'nvidia-rtx-3090'"},
                    Bad{"sim:no/such/file.json", "no/such/file.json"}, Bad{"sim:missing.json", "missing.json"}));
TEST_P(BadSelector, IsRefusedInOneLine) {
  EXPECT_THAT(error_of([] { (void)select_devices(GetParam().selector); }), HasSubstr(GetParam().says));
}

// What a machine has differs; what a selector means does not.
class VulkanSelectors : public testing::Test {
 protected:
  VulkanSelectors() { listed_ = device_backends()[0].list(why_none_); }
  static ExitCode code_of(const std::string& selector) {
    try {
      (void)select_devices(selector);
    } catch (const Error& error) {
      EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos);
      if (error.kind() == ErrorKind::no_device) {
        EXPECT_THAT(error.what(), HasSubstr("sim:"));
      }
      return exit_code_of(error);
    }
    return ExitCode::done;
  }
  std::string why_none_;
  std::vector<DeviceChoice> listed_;
};

TEST_F(VulkanSelectors, ThatMatchNothingSayNoDevice) {
  EXPECT_EQ(code_of("name:No Such GPU*"), ExitCode::no_device);
  EXPECT_EQ(code_of("uuid:ffffffffffffffffffffffffffffffff"), ExitCode::no_device);
  EXPECT_EQ(code_of("4000000000"), ExitCode::no_device);
}

TEST_F(VulkanSelectors, NameEachListedDevice) {
  if (listed_.empty()) {
    EXPECT_FALSE(why_none_.empty());
    EXPECT_EQ(code_of("auto"), ExitCode::no_device);
    return;
  }
  std::set<std::string> selectors;
  for (const DeviceChoice& choice : listed_) {
    EXPECT_TRUE(selectors.insert(choice.selector).second);
    EXPECT_EQ(select_devices(choice.selector).front().info.uuid, choice.info.uuid);
    EXPECT_THAT(
        error_of([&] { (void)choice.open({.model_clock = true, .verify_contents = false, .validation = false}); }),
        HasSubstr("--clock model (or instructions) needs a simulated device"));
  }
  EXPECT_EQ(select_devices("auto").size(), 1u);
  EXPECT_EQ(code_of("name:*"), listed_.size() == 1 ? ExitCode::done : ExitCode::bad_input);
}

TEST(DeviceBackends, AreNamedOnce) {
  std::set<std::string_view> names;
  for (const DeviceBackend& backend : device_backends()) {
    EXPECT_TRUE(names.insert(backend.name).second);
    EXPECT_FALSE(backend.description.empty());
  }
}

}  // namespace
}  // namespace vkmembench
