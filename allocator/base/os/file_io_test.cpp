#include "allocator/base/os/file_io.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "allocator/base/os/last_line.h"
#include "allocator/base/os/own_program.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

TEST(FileIo, TellsWhatAPathLeadsTo) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.write("file", "text");
  EXPECT_TRUE(look_at(file).exists && look_at(file).is_regular && !look_at(file).is_folder);
  EXPECT_TRUE(look_at(folder.path()).is_folder);
  EXPECT_FALSE(look_at(folder.path() / "none").exists);
  EXPECT_EQ(look_at(folder.path() / "none").error, 0);
  EXPECT_EQ(look_at(file / "below").error, ENOTDIR);
}

TEST(FileIo, MakesAFileOnceAndWritesItsBytes) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "f\xc3\xbcr.txt";
  int descriptor = -1;
  ASSERT_EQ(open_new(file, descriptor), 0);
  EXPECT_EQ(write_all(descriptor, "one\ntwo\r\n\n"), 0);
  EXPECT_EQ(flush_file(descriptor), 0);
  EXPECT_EQ(close_file(descriptor), 0);
  EXPECT_EQ(std::filesystem::file_size(file), 10u);
  EXPECT_EQ(last_line(file), "two");
  int other = -1;
  EXPECT_EQ(open_new(file, other), EEXIST);
  EXPECT_EQ(open_new_to_append(file, other), EEXIST);
  EXPECT_EQ(open_new(folder.path() / "none" / "a", other), ENOENT);
  remove_file(file.c_str());
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(FileIo, TakesThePlaceOfAFileThatIsRead) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.write("file", "old");
  const std::filesystem::path fresh = folder.write("fresh", "new");
  const FileHandle reader = open_for_reading(file);
  ASSERT_NE(reader, nullptr);
  ASSERT_EQ(take_place(fresh, file), 0);
  EXPECT_EQ(last_line(file), "new");
  EXPECT_FALSE(std::filesystem::exists(fresh));
  EXPECT_EQ(take_place(folder.write("third", "third"), folder.path() / "fourth"), 0);
  EXPECT_EQ(last_line(folder.path() / "fourth"), "third");
}

TEST(FileIo, MakesFoldersOfDifferentNames) {
  const TemporaryFolder folder;
  const std::filesystem::path one = make_unique_folder(folder.path() / "a-");
  const std::filesystem::path other = make_unique_folder(folder.path() / "a-");
  EXPECT_NE(one, other);
  EXPECT_TRUE(std::filesystem::is_directory(one) && std::filesystem::is_directory(other));
  EXPECT_TRUE(is_writable_folder(one));
  EXPECT_FALSE(is_writable_folder(folder.path() / "none"));
  EXPECT_THROW((void)make_unique_folder(folder.path() / "none" / "a-"), std::filesystem::filesystem_error);
}

TEST(OwnProgram, IsThere) {
  EXPECT_TRUE(std::filesystem::is_regular_file(own_program()));
  EXPECT_EQ(own_program().stem(), "allocator_test");
}

}  // namespace
}  // namespace vkmembench
