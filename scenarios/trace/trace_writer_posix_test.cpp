#include <gtest/gtest.h>

#include <filesystem>

#include "allocator/testing/temporary_folder_fixture.h"
#include "scenarios/random/random_trace.h"
#include "scenarios/trace/trace_writer.h"

namespace vkmembench {
namespace {

TEST(WriteTracePosix, FollowsLinksAndWritesDevices) {
  const TemporaryFolder folder;
  const auto link = folder.path() / "link.jsonl";
  std::filesystem::create_symlink("t.jsonl", link);
  write_trace(random_trace({.seed = 1, .events = 50}), link);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_TRUE(std::filesystem::is_regular_file(folder.path() / "t.jsonl"));
  write_trace(random_trace({.seed = 1, .events = 50}), "/dev/null");
}

}  // namespace
}  // namespace vkmembench
