#include "allocator/base/os/input_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/base/bytes.h"
#include "allocator/base/os/atomic_file.h"
#include "allocator/testing/error_fixture.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

std::string refused(const std::filesystem::path& file) {
  return refusal_of([&] { static_cast<void>(read_file(file)); });
}

TEST(InputFile, GivesEveryByte) {
  const std::string file = testing::TempDir() + "/input_file";
  // Around the size of the pieces that are read.
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, 64 * kKiB - 1, 64 * kKiB, 64 * kKiB + 1}) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7);
    write_file(file, text);
    EXPECT_EQ(read_file(file), text) << size;
  }
  std::filesystem::remove(file);
}

TEST(InputFile, RefusesWhatCannotBeRead) {
  EXPECT_THAT(refused("/no/such"), HasSubstr("/no/such: no such file"));
  EXPECT_THAT(refused("/no/such*.json"), HasSubstr("/no/such*.json: matches no file"));
  EXPECT_THAT(refused("/"), HasSubstr("/: is a folder"));
}

TEST(InputFile, ReadsNoMoreThanItMay) {
  const std::string file = testing::TempDir() + "/bounded_file";
  write_file(file, std::string(200'000, 'x'));
  EXPECT_EQ(read_file(file, 200'000).size(), 200'000u);
  EXPECT_THROW((void)read_file(file, 199'999), Error);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace vkmembench
