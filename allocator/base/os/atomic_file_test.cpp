#include "allocator/base/os/atomic_file.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/base/os/input_file.h"
#include "allocator/testing/atomic_file_fixture.h"

namespace vkmembench {
namespace {

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

TEST_F(AtomicFileTest, UnflushedOnesAppearTooAndAllAreFlushedAtOnce) {
  for (const char* name : {"a.json", "b.json"}) {
    AtomicFile out(folder / name);
    out.write(name);
    out.commit_unflushed();
    EXPECT_EQ(read(folder / name), name);
  }
  flush_disk(folder);
  EXPECT_EQ(names(), (std::vector<std::string>{"a.json", "b.json"}));
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

TEST_F(AtomicFileTest, StdoutByTwoNames) {
  testing::internal::CaptureStdout();
  write_file("-", "dash ");
  write_file("/dev/stdout", "device");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "dash device");
}

TEST_F(AtomicFileTest, ReadersAndWritersAtOnceSeeWholeFiles) {
  constexpr std::size_t kWriters = 4;
  constexpr int kTimes = 25;
  const fs::path file = folder / "a.json";
  write_file(file, std::string(50'000, 'a'));
  std::vector<std::jthread> writers;
  for (std::size_t i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      for (int time = 0; time < kTimes; ++time) write_file(file, std::string(50'000, static_cast<char>('a' + i)));
    });
  }
  for (int time = 0; time < kTimes; ++time) {
    const std::string text = read_file(file);
    ASSERT_EQ(text.size(), 50'000u);
    ASSERT_EQ(text.find_first_not_of(text.front()), std::string::npos);
  }
  writers.clear();
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
    EXPECT_NE(std::string(error.what()).find((fs::path("file") / "b").string()), std::string::npos);
  }
}

}  // namespace
}  // namespace vkmembench
