#include "bench/fuzz/fuzz_file.h"

#include <stdlib.h>
#include <unistd.h>

#include <system_error>

#include "allocator/base/check.h"

namespace vkmembench {

FuzzFile::FuzzFile(std::string_view bytes, std::string_view suffix) {
  std::string name = (std::filesystem::temp_directory_path() / "vkmembench-fuzz-XXXXXX").string();
  name += suffix;
  const int file = ::mkstemps(name.data(), static_cast<int>(suffix.size()));
  VKMEMBENCH_CHECK(file >= 0, "the folder of temporary files takes one");
  path_ = name;
  const ssize_t written = ::write(file, bytes.data(), bytes.size());
  ::close(file);
  VKMEMBENCH_CHECK(written == static_cast<ssize_t>(bytes.size()), "the folder of temporary files has space");
}

FuzzFile::~FuzzFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace vkmembench
