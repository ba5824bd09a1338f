#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>

#include "allocator/testing/atomic_file_fixture.h"

namespace vkmembench {
namespace {

using AtomicFilePosix = AtomicFileTest;

TEST_F(AtomicFilePosix, AFolderThatGoesAwayFailsTheCommit) {
  fs::create_directory(folder / "gone");
  AtomicFile out(folder / "gone" / "a.json");
  out.write("text");
  fs::remove_all(folder / "gone");
  EXPECT_THROW(out.commit(), Error);
}

TEST_F(AtomicFilePosix, KeepsTheMode) {
  const fs::path file = folder / "a.json";
  write_file(file, "old");
  ::chmod(file.c_str(), 0640);
  write_file(file, "new");
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST_F(AtomicFilePosix, ANewFileHasTheUsersMode) {
  const mode_t before = ::umask(027);
  write_file(folder / "a.json", "new");
  ::umask(before);
  struct stat info {};
  ASSERT_EQ(::stat((folder / "a.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST_F(AtomicFilePosix, FollowsSymbolicLinks) {
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

TEST_F(AtomicFilePosix, AFullDeviceFails) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  EXPECT_NE(failure("/dev/full").find("free some space"), std::string::npos);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(AtomicFilePosix, WithoutSpaceTheOldFileStays) {
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

TEST_F(AtomicFilePosix, AReadOnlyFolderOrFileFails) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  write_file(folder / "a.json", "old");
  ::chmod((folder / "a.json").c_str(), 0444);
  EXPECT_NE(failure(folder / "a.json").find("change its permissions"), std::string::npos);
  ::chmod((folder / "a.json").c_str(), 0644);
  ::chmod(folder.c_str(), 0555);
  EXPECT_NE(failure(folder / "a.json").find("change its permissions"), std::string::npos);
  EXPECT_EQ(read(folder / "a.json"), "old");
}

TEST_F(AtomicFilePosix, APipeIsWrittenDirectly) {
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

TEST_F(AtomicFilePosix, AnOpenFileOfAProcessIsWrittenDirectly) {
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

}  // namespace
}  // namespace vkmembench
