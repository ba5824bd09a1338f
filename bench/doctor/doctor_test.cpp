#include "bench/doctor/doctor.h"

#include <gmock/gmock.h>

#include <fstream>

#include "allocator/base/os/remedies.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

auto fine(const std::string& part) { return AllOf(Field(&Finding::ok, true), Field(&Finding::what, HasSubstr(part))); }
auto wrong(const std::string& part, const std::string& remedy) {
  return AllOf(Field(&Finding::ok, false), Field(&Finding::what, HasSubstr(part)),
               Field(&Finding::remedy, HasSubstr(remedy)));
}

bool has_packages() { return !install_command("").empty(); }

// A machine made of files, without Vulkan unless a test says otherwise.
class Doctor : public testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) { folder_.write(file, text); }
  std::vector<Finding> findings() const { return examine(where_); }

  const TemporaryFolder folder_;
  Surroundings where_{.root = folder_.path(), .vulkan_library = "libvkmembench-no-such-loader.so.1"};
};

TEST_F(Doctor, says_what_an_empty_machine_lacks) {
  const auto found = findings();
  EXPECT_THAT(found, Contains(wrong("no Vulkan loader", install_command("libvulkan1 mesa-vulkan-drivers"))));
  for (const std::string package : {"python3-pandas", "python3-jsonschema"}) {
    if (has_packages()) {
      EXPECT_THAT(found, Contains(wrong(package, "apt-get install " + package)));
    }
  }
}

TEST_F(Doctor, gives_a_remedy_exactly_where_something_is_wrong) {
  for (const Finding& finding : findings()) {
    EXPECT_THAT(finding.what, Not(IsEmpty()));
    EXPECT_EQ(finding.ok, finding.remedy.empty()) << finding.what;
  }
}

TEST_F(Doctor, finds_companions) {
  write("usr/lib/python3/dist-packages/pandas/__init__.py", "");
  if (has_packages()) {
    EXPECT_THAT(findings(), Contains(fine("installed: python3-pandas")));
  }
}

TEST_F(Doctor, judges_the_governor) {
  write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  EXPECT_THAT(findings(), Contains(wrong("governor: powersave", "scaling_governor")));
  write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  EXPECT_THAT(findings(), Contains(fine("governor: performance")));
}

TEST_F(Doctor, judges_turbo) {
  write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  write("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
  EXPECT_THAT(findings(), Contains(wrong("turbo is on", "no_turbo")));
  write("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
  EXPECT_THAT(findings(), Not(Contains(wrong("turbo", ""))));
  write("sys/devices/system/cpu/cpufreq/boost", "1\n");
  EXPECT_THAT(findings(), Contains(wrong("boost is on", "boost")));
}

TEST_F(Doctor, judges_memory_and_load) {
  write("proc/meminfo", "MemTotal: 99999999 kB\nMemAvailable: 1048576 kB\n");
  write("proc/loadavg", "4096.00 1.00 1.00 1/100 1\n");
  EXPECT_THAT(findings(), Contains(wrong("memory available: 1.0 GiB", "scale")));
  EXPECT_THAT(findings(), Contains(wrong("4096.00", "stop them")));
  write("proc/meminfo", "MemAvailable: 8388608 kB\n");
  write("proc/loadavg", "0.00 1.00 1.00 1/100 1\n");
  EXPECT_THAT(findings(), Contains(fine("memory available: 8.0 GiB")));
  EXPECT_THAT(findings(), Contains(fine("load of the last minute: 0.00")));
}

#if defined(__x86_64__)
TEST_F(Doctor, distrusts_a_time_stamp_counter_that_stops) {
  write("proc/cpuinfo", "flags\t: fpu tsc constant_tsc\n");
  EXPECT_THAT(findings(), Contains(wrong("nonstop_tsc", "--clock model")));
  EXPECT_THAT(findings(), Not(Contains(wrong("lacks constant_tsc", ""))));
}
#endif

TEST_F(Doctor, lists_the_devices_there_are) {
  where_.vulkan_library = kVulkanLoader;
  const auto found = findings();
  EXPECT_THAT(found, Contains(AllOf(Field(&Finding::what, testing::AnyOf(HasSubstr("Vulkan device 0: "),
                                                                         HasSubstr("no Vulkan device: "))))));
}

TEST(FindingsText, shows_remedies_and_counts) {
  EXPECT_EQ(findings_text({{true, "one", ""}}), "ok   one\nall is well\n");
  EXPECT_EQ(findings_text({{true, "one", ""}, {false, "two", "do it"}}),
            "ok   one\nfix  two\n     -> do it\n1 to fix\n");
}

}  // namespace
}  // namespace vkmembench
