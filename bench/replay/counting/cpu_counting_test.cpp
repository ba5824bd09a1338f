#include "bench/replay/counting/cpu_counting.h"

#include <gtest/gtest.h>

#include "allocator/base/error.h"
#include "allocator/base/os/cpu_instructions.h"
#include "bench/replay/counting/counted_calls.h"

namespace vkmembench {
namespace {

// A CPU that runs what it is told, and 27 instructions each time it is asked.
struct ScriptedCpu {
  std::uint64_t done = 1'000'000;
  std::uint64_t (*ask)(ScriptedCpu&) = [](ScriptedCpu& cpu) { return cpu.done += 27; };

  [[nodiscard]] std::function<std::uint64_t()> counter() {
    return [this] { return ask(*this); };
  }
};

InstructionCount of(const CpuCounting& counting, InstructionClass which) {
  return counting.counts()[static_cast<std::size_t>(which)];
}

TEST(CpuCounting, TellsClassesApartAndLeavesOutWhatAskingAdds) {
  ScriptedCpu cpu;
  const CpuCounting counting(cpu.counter());
  for (int i = 0; i < 3; ++i) {
    cpu.done += 500;  // between calls
    count_as(
        InstructionClass::create, [](void* it) { static_cast<ScriptedCpu*>(it)->done += 100; }, &cpu);
    count_as(
        InstructionClass::destroy, [](void* it) { static_cast<ScriptedCpu*>(it)->done += 7; }, &cpu);
  }
  EXPECT_EQ(of(counting, InstructionClass::create).operations, 3u);
  EXPECT_EQ(of(counting, InstructionClass::create).instructions, 300u);
  EXPECT_EQ(of(counting, InstructionClass::destroy).operations, 3u);
  EXPECT_EQ(of(counting, InstructionClass::destroy).instructions, 21u);
  EXPECT_EQ(of(counting, InstructionClass::other).operations, 0u);
}

TEST(CpuCounting, LeavesOutWhatIsUncounted) {
  ScriptedCpu cpu;
  const CpuCounting counting(cpu.counter());
  const auto work = [](void* it) {
    auto& done = static_cast<ScriptedCpu*>(it)->done;
    done += 40;
    {
      const Uncounted driver;
      done += 9000;
      const Uncounted within;
      done += 9000;
    }
    done += 2;
    const Uncounted listener;
    done += 9000;
  };
  for (int i = 0; i < 2; ++i) count_as(InstructionClass::frame, work, &cpu);
  EXPECT_EQ(of(counting, InstructionClass::frame).operations, 2u);
  EXPECT_EQ(of(counting, InstructionClass::frame).instructions, 84u);
}

// Every tenth question is interrupted: that counts where it happens, and never in what is taken off everywhere.
TEST(CpuCounting, KnowsWhatAskingAddsOnAMachineThatInterrupts) {
  ScriptedCpu cpu;
  cpu.ask = [](ScriptedCpu& it) {
    static int asked = 0;
    return it.done += ++asked % 10 == 0 ? 527u : 27u;
  };
  const CpuCounting counting(cpu.counter());
  constexpr int kCalls = 100;
  for (int i = 0; i < kCalls; ++i)
    count_as(
        InstructionClass::create, [](void* it) { static_cast<ScriptedCpu*>(it)->done += 100; }, &cpu);
  const std::uint64_t counted = of(counting, InstructionClass::create).instructions;
  EXPECT_GE(counted, 100u * kCalls);
  EXPECT_LE(counted, 100u * kCalls + 500u * kCalls / 5);
}

TEST(CpuCounting, IsOfItsThreadWhileItLives) {
  ScriptedCpu cpu;
  EXPECT_EQ(CpuCounting::of_this_thread(), nullptr);
  {
    const CpuCounting counting(cpu.counter());
    EXPECT_EQ(CpuCounting::of_this_thread(), &counting);
  }
  EXPECT_EQ(CpuCounting::of_this_thread(), nullptr);
}

// Most virtual machines have no such counter; where there is one it counts.
TEST(CpuInstructions, CountOrSayWhyNot) {
  try {
    CpuInstructions cpu;
    const auto loop = [&](int times) {
      const std::uint64_t before = cpu.read();
      for (volatile int i = 0; i < times;) i = i + 1;
      return cpu.read() - before;
    };
    const std::uint64_t few = loop(1000);
    EXPECT_GT(loop(100'000), 50 * few);
    EXPECT_TRUE(cpu.is_whole());
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
  }
}

}  // namespace
}  // namespace vkmembench
