#include "allocator/device/real/vulkan_validation.h"

#include <gmock/gmock.h>

#include <array>
#include <thread>

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ValidationLog, starts_empty) { EXPECT_THAT(ValidationLog().lines(), IsEmpty()); }

TEST(ValidationLog, counts_repeats_and_keeps_the_first_text) {
  ValidationLog log;
  log.add("VUID-a", "first");
  log.add("VUID-b", "other");
  log.add("VUID-a", "second");
  EXPECT_THAT(log.lines(), ElementsAre("VUID-a (2 times): first", "VUID-b (1 times): other"));
}

TEST(ValidationLog, is_bounded_and_says_what_it_dropped) {
  ValidationLog log;
  for (std::size_t i = 0; i < ValidationLog::kMaxRules + 3; ++i) log.add("rule" + std::to_string(i), "text");
  log.add("rule0", "known rules still count");
  const auto lines = log.lines();
  ASSERT_EQ(lines.size(), ValidationLog::kMaxRules + 1);
  EXPECT_EQ(lines.front(), "rule0 (2 times): text");
  EXPECT_EQ(lines.back(), "3 errors of further rules dropped");
}

TEST(ValidationLog, takes_messages_from_many_threads) {
  ValidationLog log;
  const VkDebugUtilsMessengerCreateInfoEXT info = log.messenger_info();
  VkDebugUtilsMessengerCallbackDataEXT data{};
  data.pMessageIdName = "VUID-shared";
  data.pMessage = "text";
  {
    std::array<std::jthread, 4> threads;
    for (std::jthread& thread : threads)
      thread = std::jthread([&] {
        for (int j = 0; j < 1000; ++j)
          EXPECT_EQ(info.pfnUserCallback(VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
                                         VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT, &data, info.pUserData),
                    VK_FALSE);
      });
  }
  EXPECT_THAT(log.lines(), ElementsAre("VUID-shared (4000 times): text"));
}

}  // namespace
}  // namespace vkmembench
