#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "allocator/base/os/input_file.h"
#include "allocator/testing/error_fixture.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

std::string refused(const std::filesystem::path& file) {
  return refusal_of([&] { static_cast<void>(read_file(file)); });
}

TEST(InputFilePosix, RefusesWhatCannotBeRead) {
  EXPECT_THAT(refused("/proc/self/mem"), HasSubstr("/proc/self/mem: cannot be read: "));
  if (::geteuid() == 0) return;  // who may read everything
  const TemporaryFolder folder;
  const std::filesystem::path secret = folder.write("secret", "");
  ::chmod(secret.c_str(), 0);
  EXPECT_THAT(refused(secret), HasSubstr("cannot be opened"));
}

TEST(InputFilePosix, ReadsNoMoreThanItMay) {
  EXPECT_THAT(refused("/dev/zero"), HasSubstr("/dev/zero: is larger than 268435456 bytes"));
}

}  // namespace
}  // namespace vkmembench
