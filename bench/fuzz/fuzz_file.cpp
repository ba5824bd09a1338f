#include "bench/fuzz/fuzz_file.h"

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>

#include "allocator/base/check.h"
#include "allocator/base/os/file_io.h"

namespace vkmembench {

FuzzFile::FuzzFile(std::string_view bytes, std::string_view suffix) {
  static std::atomic<std::uint64_t> counter{0};
  const std::string name = "vkmembench-fuzz-" + std::to_string(process_id()) + "-";
  int file = -1;
  int code = EEXIST;
  while (code == EEXIST) {
    path_ = std::filesystem::temp_directory_path() / (name + std::to_string(counter++) + std::string(suffix));
    code = open_new(path_, file);
  }
  VKMEMBENCH_CHECK(code == 0, "the folder of temporary files takes one");
  VKMEMBENCH_CHECK(write_all(file, bytes) == 0 && close_file(file) == 0, "the folder of temporary files has space");
}

FuzzFile::~FuzzFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace vkmembench
