#include "allocator/base/os/signals.h"

#include <gtest/gtest.h>

#include <atomic>

#include "allocator/base/os/own_program.h"
#include "allocator/base/os/windows/process.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

// What the test below starts: ends with the number that its handler gets.
TEST(ConsoleChild, DISABLED_WaitsForTheUser) {
  static std::atomic<int> number{0};
  on_interruption([](int interruption) { number = interruption; });
  std::ofstream(std::getenv("VKMEMBENCH_TEST_READY")) << "ready";
  for (int i = 0; i < 1000 && number == 0; ++i) Sleep(10);
  end_process("", 40 + number);
}

TEST(Console, CtrlCCallsTheHandler) {
  FreeConsole();
  if (AllocConsole() == 0) GTEST_SKIP() << "no console can be made here";
  const TemporaryFolder folder;
  const std::filesystem::path ready = folder.path() / "ready";
  StartOptions options;
  options.changes = {{"VKMEMBENCH_TEST_READY", ready.string()}};
  const Process child = start_process(
      {own_program().string(), "--gtest_also_run_disabled_tests", "--gtest_filter=ConsoleChild.*"}, options);
  for (int i = 0; i < 1000 && !std::filesystem::exists(ready); ++i) Sleep(10);
  SetConsoleCtrlHandler(nullptr, TRUE);  // it is for all programs of the console
  ASSERT_NE(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0), 0);
  ASSERT_TRUE(child.ended_within(10'000));
  EXPECT_EQ(child.exit_status(), 40 + 2);
}

}  // namespace
}  // namespace vkmembench
