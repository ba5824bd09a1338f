#include <array>
#include <filesystem>
#include <fstream>

#include "allocator/base/os/scratch_folder.h"
#include "bench/fuzz/fuzzers.h"
#include "bench/fuzz/refusable.h"
#include "reports/show/html.h"
#include "reports/store/store.h"

namespace vkmembench {

void fuzz_store(std::string_view bytes) {
  static const ScratchFolder folder;
  std::ofstream(store_index(folder.path()), std::ios::binary | std::ios::trunc) << bytes;
  refusable([&] { static_cast<void>(read_store_head(folder.path())); });
  refusable([&] { for_each_cell(folder.path(), [](const nlohmann::ordered_json&) {}); });
  const std::array<std::filesystem::path, 1> stores = {folder.path()};
  refusable([&] { static_cast<void>(html_page(std::span<const std::filesystem::path>(stores))); });
}

}  // namespace vkmembench
