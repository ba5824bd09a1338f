// Other systems have no such files, and are asked otherwise.
#include <gtest/gtest.h>

#include "bench/run/host_info.h"

namespace vkmembench {
namespace {

TEST(HostInfoPosix, is_empty_without_system_files) {
  const HostInfo host = read_host_info("/nonexistent");
  EXPECT_TRUE(host.os.empty());
  EXPECT_EQ(host.ram_bytes, 0u);
}

}  // namespace
}  // namespace vkmembench
