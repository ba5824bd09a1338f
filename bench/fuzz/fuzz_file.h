#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace vkmembench {

// Bytes as a file, for what reads files; removed with the object.
class FuzzFile {
 public:
  // The suffix is the end of its name, such as ".json".
  FuzzFile(std::string_view bytes, std::string_view suffix);
  FuzzFile(const FuzzFile&) = delete;
  FuzzFile& operator=(const FuzzFile&) = delete;
  ~FuzzFile();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace vkmembench
