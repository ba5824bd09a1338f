#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "allocator/base/error.h"
#include "allocator/base/os/input_file.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

std::string refusal_of(const std::filesystem::path& file) {
  try {
    static_cast<void>(read_file(file));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.what();
  }
  return "was read";
}

TEST(InputFilePosix, RefusesWhatCannotBeRead) {
  EXPECT_THAT(refusal_of("/proc/self/mem"), HasSubstr("/proc/self/mem: cannot be read: "));
  if (::geteuid() == 0) return;  // who may read everything
  const TemporaryFolder folder;
  const std::filesystem::path secret = folder.write("secret", "");
  ::chmod(secret.c_str(), 0);
  EXPECT_THAT(refusal_of(secret), HasSubstr("cannot be opened"));
}

TEST(InputFilePosix, ReadsNoMoreThanItMay) {
  EXPECT_THAT(refusal_of("/dev/zero"), HasSubstr("/dev/zero: is larger than 268435456 bytes"));
}

}  // namespace
}  // namespace vkmembench
