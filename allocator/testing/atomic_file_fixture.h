#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/base/error.h"
#include "allocator/base/os/atomic_file.h"
#include "allocator/testing/temporary_folder_fixture.h"

namespace vkmembench {

namespace fs = std::filesystem;

inline std::string read(const fs::path& file) {
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

}  // namespace vkmembench
