#include "allocator/base/os/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

class AtomicFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path().filename().string());
    return out;
  }
  // The message of the failure to write `file`.
  static std::string failure(const fs::path& file, std::string_view text = "new") {
    try {
      write_file(file, text);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::internal);
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "writing " << file << " did not fail";
    return {};
  }

  const TemporaryFolder temporary_;
  const fs::path& folder = temporary_.path();
};

TEST_F(AtomicFileTest, WritesAndReplaces) {
  const fs::path file = folder / "a.json";
  const std::string large(3'000'000, 'x');
  write_file(file, large);
  EXPECT_EQ(read(file), large);
  write_file(file, "short");
  EXPECT_EQ(read(file), "short");
  write_file(file, "");
  EXPECT_EQ(read(file), "");
  EXPECT_EQ(names(), (std::vector<std::string>{"a.json"}));
}

TEST_F(AtomicFileTest, PiecesAppearTogetherAtTheCommit) {
  const fs::path file = folder / "a.json";
  write_file(file, "old");
  AtomicFile out(file);
  out.write("one, ");
  out.write("");
  out.write("two");
  EXPECT_EQ(read(file), "old");
  out.commit();
  EXPECT_EQ(read(file), "one, two");
  EXPECT_EQ(names(), (std::vector<std::string>{"a.json"}));
}

TEST_F(AtomicFileTest, WhatIsNotCommittedLeavesNoTrace) {
  write_file(folder / "a.json", "old");
  {
    AtomicFile replaced(folder / "a.json");
    replaced.write("half");
    AtomicFile fresh(folder / "b.json");
    fresh.write("half");
    EXPECT_FALSE(fs::exists(folder / "b.json"));
  }
  EXPECT_EQ(read(folder / "a.json"), "old");
  EXPECT_EQ(names(), (std::vector<std::string>{"a.json"}));
}

TEST_F(AtomicFileTest, AFolderThatGoesAwayFailsTheCommit) {
  fs::create_directory(folder / "gone");
  AtomicFile out(folder / "gone" / "a.json");
  out.write("text");
  fs::remove_all(folder / "gone");
  EXPECT_THROW(out.commit(), Error);
}

using AtomicFileDeath = AtomicFileTest;
TEST_F(AtomicFileDeath, ACommitIsTheEnd) {
  AtomicFile out(folder / "a.json");
  out.commit();
  EXPECT_DEATH(out.write("more"), "committed");
  EXPECT_DEATH(out.commit(), "committed once");
}

TEST_F(AtomicFileTest, TakesAFileNameWithoutFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder);
  write_file("plain.json", "here");
  fs::current_path(before);
  EXPECT_EQ(read(folder / "plain.json"), "here");
}

TEST_F(AtomicFileTest, TakesTheLongestName) {
  const fs::path file = folder / std::string(255, 'n');
  write_file(file, "text");
  EXPECT_EQ(read(file), "text");
}

TEST_F(AtomicFileTest, KeepsTheMode) {
  const fs::path file = folder / "a.json";
  write_file(file, "old");
  ::chmod(file.c_str(), 0640);
  write_file(file, "new");
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST_F(AtomicFileTest, ANewFileHasTheUsersMode) {
  const mode_t before = ::umask(027);
  write_file(folder / "a.json", "new");
  ::umask(before);
  struct stat info {};
  ASSERT_EQ(::stat((folder / "a.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST_F(AtomicFileTest, FollowsSymbolicLinks) {
  fs::create_directory(folder / "far");
  write_file(folder / "far" / "target", "old");
  fs::create_symlink("far/target", folder / "link");
  fs::create_symlink("link", folder / "link2");
  write_file(folder / "link2", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link2"));
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read(folder / "far" / "target"), "new");

  fs::create_symlink("far/none", folder / "dangling");
  write_file(folder / "dangling", "made");
  EXPECT_TRUE(fs::is_symlink(folder / "dangling"));
  EXPECT_EQ(read(folder / "far" / "none"), "made");

  fs::create_symlink("loop", folder / "loop");
  EXPECT_NE(failure(folder / "loop").find("symbolic links"), std::string::npos);
}

TEST_F(AtomicFileTest, NamesWhatIsWrong) {
  EXPECT_NE(failure(folder / "none" / "a.json").find("make its folder first"), std::string::npos);
  EXPECT_NE(failure(folder).find("it is a folder"), std::string::npos);
  EXPECT_NE(failure(folder.string() + "/").find("it is a folder"), std::string::npos);
  EXPECT_NE(failure(folder / "new" / "").find("make its folder first"), std::string::npos);
  EXPECT_NE(failure(folder / std::string(256, 'n')).find("shorter name"), std::string::npos);
  write_file(folder / "file", "old");
  EXPECT_NE(failure(folder / "file" / "a.json").find("not a folder"), std::string::npos);
  EXPECT_EQ(read(folder / "file"), "old");
  EXPECT_EQ(names(), (std::vector<std::string>{"file"}));
}

TEST_F(AtomicFileTest, AFullDeviceFails) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  EXPECT_NE(failure("/dev/full").find("free some space"), std::string::npos);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(AtomicFileTest, WithoutSpaceTheOldFileStays) {
  const fs::path file = folder / "a.json";
  write_file(file, "old");
  // A file size limit stands for a full disk: the temporary file is begun and cannot be finished.
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = before;
  small.rlim_cur = 4096;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message = failure(file, std::string(100'000, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(message.find("raise `ulimit -f`"), std::string::npos) << message;
  EXPECT_EQ(read(file), "old");
  EXPECT_EQ(names(), (std::vector<std::string>{"a.json"}));
}

TEST_F(AtomicFileTest, AReadOnlyFolderOrFileFails) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  write_file(folder / "a.json", "old");
  ::chmod((folder / "a.json").c_str(), 0444);
  EXPECT_NE(failure(folder / "a.json").find("change its permissions"), std::string::npos);
  ::chmod((folder / "a.json").c_str(), 0644);
  ::chmod(folder.c_str(), 0555);
  EXPECT_NE(failure(folder / "a.json").find("change its permissions"), std::string::npos);
  EXPECT_EQ(read(folder / "a.json"), "old");
}

TEST_F(AtomicFileTest, APipeIsWrittenDirectly) {
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = read(pipe); });
  write_file(pipe, "through");
  reader.join();
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_EQ(names(), (std::vector<std::string>{"pipe"}));
}

TEST_F(AtomicFileTest, StdoutByTwoNames) {
  testing::internal::CaptureStdout();
  write_file("-", "dash ");
  write_file("/dev/stdout", "device");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "dash device");
}

TEST_F(AtomicFileTest, AnOpenFileOfAProcessIsWrittenDirectly) {
  const fs::path file = folder / "log";
  write_file(file, "old,");
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  struct stat before {};
  ASSERT_EQ(::fstat(fd, &before), 0);
  write_file("/proc/self/fd/" + std::to_string(fd), "new");
  ::close(fd);
  struct stat after {};
  ASSERT_EQ(::stat(file.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(read(file), "old,new");
}

TEST_F(AtomicFileTest, ReadersAndWritersAtOnceSeeWholeFiles) {
  constexpr std::size_t kWriters = 4;
  constexpr int kTimes = 25;
  const fs::path file = folder / "a.json";
  write_file(file, std::string(50'000, 'a'));
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      for (int time = 0; time < kTimes; ++time) write_file(file, std::string(50'000, static_cast<char>('a' + i)));
    });
  }
  for (int time = 0; time < kTimes; ++time) {
    const std::string text = read(file);
    ASSERT_EQ(text.size(), 50'000u);
    ASSERT_EQ(text.find_first_not_of(text.front()), std::string::npos);
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(names(), (std::vector<std::string>{"a.json"}));
}

TEST_F(AtomicFileTest, MakesFoldersOrSaysWhichItCannot) {
  make_folder(folder / "a" / "b");
  make_folder(folder / "a" / "b");
  EXPECT_TRUE(fs::is_directory(folder / "a" / "b"));
  write_file(folder / "file", "x");
  try {
    make_folder(folder / "file" / "b");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::internal);
    EXPECT_NE(std::string(error.what()).find("file/b"), std::string::npos);
  }
}

}  // namespace
}  // namespace vkmembench
