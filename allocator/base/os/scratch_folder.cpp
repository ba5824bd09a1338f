#include "allocator/base/os/scratch_folder.h"

#include <cstdlib>
#include <string>

#include "allocator/base/error.h"
#include "allocator/base/os/file_io.h"

namespace vkmembench {

ScratchFolder::ScratchFolder() {
  std::error_code missing;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(missing);
  const char* variable = std::getenv("TMPDIR");
  if (missing)
    throw Error(std::string("TMPDIR=") + (variable == nullptr ? "" : variable) +
                    ": is no folder for temporary files; set TMPDIR to a folder that can be written",
                ErrorKind::internal);
  try {
    path_ = make_unique_folder(parent / "vkmembench-");
  } catch (const std::filesystem::filesystem_error& error) {
    throw Error(parent.string() + ": no temporary folder can be made there (" + error.code().message() +
                    "); set TMPDIR to a folder that can be written",
                ErrorKind::internal);
  }
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace vkmembench
