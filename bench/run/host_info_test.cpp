#include "bench/run/host_info.h"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>

#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

// GoogleTest's own expressions are simpler on some systems.
MATCHER_P(IsLike, expression, "") { return std::regex_match(std::string(arg), std::regex(expression)); }

TEST(ReadFields, trims_unquotes_and_keeps_the_first) {
  EXPECT_THAT(read_fields("a\t: 1 \nb: \"two words\"\nno separator\na: 3\nempty:\n", ':'),
              ElementsAre(Pair("a", "1"), Pair("b", "two words"), Pair("empty", "")));
}

struct KilobytesCase {
  const char* text;
  Bytes bytes;
};
class ParseKilobytes : public testing::TestWithParam<KilobytesCase> {};
TEST_P(ParseKilobytes, reads_only_what_the_kernel_writes) {
  EXPECT_EQ(parse_kilobytes(GetParam().text), GetParam().bytes) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(table, ParseKilobytes,
                         testing::Values(KilobytesCase{"16 kB", 16384}, KilobytesCase{"0 kB", 0}, KilobytesCase{"", 0},
                                         KilobytesCase{"kB", 0}, KilobytesCase{"16", 0}, KilobytesCase{"16 MB", 0},
                                         KilobytesCase{"-1 kB", 0}, KilobytesCase{"18446744073709551615 kB", 0}));

TEST(HostInfo, is_read_from_the_system_files) {
  const TemporaryFolder root;
  root.write("etc/os-release", "NAME=Other\nPRETTY_NAME=\"Some Linux 5\"\n");
  root.write("proc/sys/kernel/osrelease", "6.1.0-test\n");
  root.write("proc/cpuinfo", "processor\t: 0\nmodel name\t: A CPU @ 3 GHz\n\nprocessor\t: 1\n");
  root.write("proc/meminfo", "MemTotal:       1024 kB\nMemFree: 1 kB\n");
  const HostInfo host = read_host_info(root.path());
  EXPECT_EQ(host.os, "Some Linux 5");
  EXPECT_EQ(host.kernel, "6.1.0-test");
  EXPECT_EQ(host.cpu, "A CPU @ 3 GHz");
  EXPECT_EQ(host.ram_bytes, kMiB);
}

TEST(HostInfo, names_a_cpu_of_arm_by_its_numbers) {
  const TemporaryFolder root;
  root.write("proc/sys/kernel/osrelease", "6.1.0-test\n");
  root.write("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd08\n");
  EXPECT_EQ(read_host_info(root.path()).cpu, "CPU 0xd08 of implementer 0x41");
}

TEST(HostInfo, knows_this_machine) {
  const HostInfo host = read_host_info();
  EXPECT_THAT(host.kernel, Not(IsEmpty()));
  EXPECT_GT(host.logical_cpus, 0u);
  EXPECT_GT(host.ram_bytes, 64 * kMiB);
}

TEST(ToolInfo, names_version_commit_and_libraries) {
  const ToolInfo tool = tool_info();
  EXPECT_THAT(tool.version, IsLike("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(tool.git_sha, IsLike("unknown|[0-9a-f]+(-dirty)?"));
  EXPECT_THAT(tool.compiler, IsLike("[A-Za-z]+ [0-9.]+"));
  EXPECT_THAT(tool.build_type, Not(IsEmpty()));
  for (const char* name : {"vma", "vulkan_headers", "cli11", "fmt", "nlohmann_json", "spdlog", "zstd"})
    EXPECT_THAT(tool.libs, Contains(Pair(name, IsLike("[0-9]+\\.[0-9]+(\\.[0-9]+)?")))) << name;
}

}  // namespace
}  // namespace vkmembench
