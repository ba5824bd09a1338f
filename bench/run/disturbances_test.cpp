#include "bench/run/disturbances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A stand-in for the system's files.
class Disturbances : public testing::Test {
 protected:
  Disturbances() {
    device_.type = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
    write("proc/loadavg", "0.01 0.5 0.7 1/200 4711\n");
    write("proc/cpuinfo", "model name : X\nflags : fpu tsc constant_tsc\n");
  }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((root_.path() / name).parent_path());
    std::ofstream(root_.path() / name) << text;
  }
  [[nodiscard]] std::vector<std::string> codes() const {
    std::vector<std::string> codes;
    for (const Disturbance& found : disturbances(device_, root_.path())) codes.emplace_back(found.code);
    return codes;
  }
  TemporaryFolder root_;
  DeviceInfo device_;
};

TEST_F(Disturbances, AQuietMachineWithAGpuHasNone) { EXPECT_THAT(codes(), IsEmpty()); }

TEST_F(Disturbances, ADriverOnTheCpuIsNoGpu) {
  device_.type = VK_PHYSICAL_DEVICE_TYPE_CPU;
  EXPECT_THAT(codes(), ElementsAre("cpu_driver"));
}

TEST_F(Disturbances, ASimulatedDeviceHasNoDriverToTime) {
  device_.simulated = true;
  EXPECT_THAT(codes(), ElementsAre("wall_clock_simulated"));
}

TEST_F(Disturbances, OtherProgramsAndVirtualMachinesAreNamed) {
  write("proc/loadavg", "4711.5 3 3 1/200 4711\n");
  write("proc/cpuinfo", "model name : X\nflags : fpu hypervisor tsc\n");
  EXPECT_THAT(codes(), ElementsAre("loaded", "virtual_machine"));
}

TEST_F(Disturbances, FilesThatAreNotThereDisturbNobody) {
  EXPECT_THAT(disturbances(device_, root_.path() / "nowhere"), IsEmpty());
}

}  // namespace
}  // namespace vkmembench
