#include "scenarios/json/file_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& text, const char* wanted) {
  try {
    refuse_other_kind(text, "f", wanted);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

struct Foreign {
  const char* text;
  const char* is;
};
class OtherKinds : public testing::TestWithParam<Foreign> {};

TEST_P(OtherKinds, AreNamedToEveryReader) {
  for (const char* wanted : {"vkmembench.scenario", "vkmembench.device", "vkmembench.gate", "vkmembench.report"}) {
    const std::string message = refusal(GetParam().text, wanted);
    EXPECT_THAT(message, HasSubstr(std::string("f: is ") + GetParam().is));
    EXPECT_THAT(message, HasSubstr("; ")) << "a remedy";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, OtherKinds,
    testing::Values(
        Foreign{
            R"({"General": {"API": "Vulkan"}, "Total": {"BlockCount": 1, "BlockBytes": 64, "UnusedRangeCount": 0}})",
            "statistics of VMA"},
        Foreign{"Vulkan Memory Allocator,Calls recording\n1,8\nConfig,Begin\n", "a recording of VMA's calls"},
        Foreign{"==========\nVULKANINFO\n==========\n\nVulkan Instance Version: 1.2.131\n", "a text of vulkaninfo"},
        Foreign{
            R"({"$schema": "https://schema.khronos.org/vulkan/profiles-0.8.json#", "capabilities": {}, "profiles": {}})",
            "JSON of vulkaninfo or a Vulkan profile"},
        Foreign{R"({"environment": {"appversion": "3.2", "reportversion": "3.2"}, "device": {}})",
                "a report of Vulkan Hardware Capability Viewer"},
        Foreign{R"({"file_format_version": "1.2.0", "layer": {"name": "VK_LAYER_LUNARG_override"}})",
                "settings of Vulkan layers"},
        Foreign{"khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG\n", "settings of Vulkan layers"},
        Foreign{R"({"preset": "vma"})", "a strategy"},
        Foreign{R"({"schema" : "vkmembench.ab/1"})", "a result of `vkmembench ab`"},
        Foreign{R"({"schema": "vkmembench.trace/1", "events": 3})", "a trace"}));

TEST(FileKinds, AFileOfTheWantedKindIsTaken) {
  for (const char* kind : {"scenario", "device", "report", "gate"}) {
    for (const char* wanted : {"scenario", "device", "report", "gate"}) {
      const std::string message = refusal(std::string(R"({"schema": "vkmembench.)") + kind + R"(/2"})",
                                          (std::string("vkmembench.") + wanted).c_str());
      EXPECT_EQ(message == "no error", std::string(kind) == wanted) << message;
    }
  }
  EXPECT_EQ(refusal(R"({"preset": "vma"})", "vkmembench.strategy"), "no error");
}

TEST(FileKinds, WhatIsOfNoKindIsLeftToTheReader) {
  for (const char* text :
       {"", "{}", "[]", "{\"name\": 1}", "x,y\n1,2\n", "{\"schema\": 7}", "{\"schema\"", "{\"schema\": \"x\"}"})
    EXPECT_EQ(refusal(text, "vkmembench.scenario"), "no error") << text;
}

}  // namespace
}  // namespace vkmembench
