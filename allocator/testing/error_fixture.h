#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "allocator/base/error.h"

namespace vkmembench {

// What an act says that throws an Error; empty where it throws none.
inline std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

// The same of an act that refuses its input.
inline std::string refusal_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.what();
  }
  return {};
}

}  // namespace vkmembench
