#include "allocator/base/os/windows/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
// After the system's header, which it needs.
#include <shellapi.h>

#include <cerrno>

#include "allocator/base/error.h"
#include "allocator/base/os/child_process.h"
#include "allocator/base/os/own_program.h"
#include "allocator/base/os/windows/exit_status.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

std::vector<std::string> words_of(const std::wstring& line) {
  int count = 0;
  wchar_t** words = CommandLineToArgvW(line.c_str(), &count);
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(to_utf8(words[i]));
  LocalFree(static_cast<void*>(words));
  return texts;
}

TEST(CommandLine, KeepsEveryWord) {
  const std::vector<std::string> words = {"program.exe", "plain", "two words",   "",      "a\"b",           "\"",
                                          "tail\\",      "a b\\", "\\\\share\\", "\\\"x", "f\xc3\xbcr dich"};
  EXPECT_EQ(words_of(command_line(words)), words);
}

TEST(WindowsText, IsUtf8AndBack) {
  const std::string text = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(to_utf8(to_wide(text)), text);
  EXPECT_EQ(to_utf8(to_wide("")), "");
}

TEST(WindowsText, OfPathsIsUtf8) {
  const std::string text = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80.json";
  const std::filesystem::path path = text;
  EXPECT_EQ(path.native(), to_wide(text));
  EXPECT_EQ(path.string(), text);
  for (const char* bad : {"\xff", "a\xc3", "\xc0\x80", "\xe2\x82z", "\xed\xa0\x80", "\xf4\x90\x80\x80"})
    EXPECT_THROW((void)std::filesystem::path(bad), std::filesystem::filesystem_error);
}

TEST(WindowsErrors, AreErrnos) {
  EXPECT_EQ(errno_of(ERROR_PATH_NOT_FOUND), ENOENT);
  EXPECT_EQ(errno_of(ERROR_DISK_FULL), ENOSPC);
  EXPECT_EQ(errno_of(ERROR_SHARING_VIOLATION), EACCES);
  EXPECT_FALSE(text_of(ERROR_FILE_NOT_FOUND).empty());
}

TEST(ExitStatus, IsThatOfPosix) {
  EXPECT_EQ(exit_status_of(3), 3);
  EXPECT_EQ(exit_status_of(0xC0000005u), 128 + 11);
  EXPECT_EQ(exit_status_of(0xC0000094u), 128 + 8);
  EXPECT_EQ(exit_status_of(0xC000013Au), 128 + 2);
}

TEST(WindowsChild, EndsWithItsStatusOrIsKilled) {
  const TemporaryFolder folder;
  const StopFlag never;
  const std::string self = own_program().string();
  EXPECT_EQ(run_child({self, "--gtest_list_tests"}, folder.path() / "out", folder.path() / "err", never).code, 0);
  EXPECT_GT(std::filesystem::file_size(folder.path() / "out"), 0u);
  StopFlag stop;
  stop.raise_signal(2);
  EXPECT_EQ(run_child({self}, folder.path() / "out", folder.path() / "err", stop).code, 128 + 9);
  try {
    (void)run_child({(folder.path() / "none").string()}, folder.path() / "out", folder.path() / "err", never);
    ADD_FAILURE() << "was started";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot be started"));
  }
}

}  // namespace
}  // namespace vkmembench
