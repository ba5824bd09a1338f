#include "allocator/base/os/loaded_libraries.h"

#include <link.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>

namespace vkmembench {
namespace {

std::string hexadecimal(std::span<const std::byte> bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::string build_of(const dl_phdr_info& object) {
  constexpr std::size_t kAligned = 4;
  const auto aligned = [](std::size_t size) { return (size + kAligned - 1) / kAligned * kAligned; };
  for (const ElfW(Phdr) & header : std::span(object.dlpi_phdr, object.dlpi_phnum)) {
    if (header.p_type != PT_NOTE) continue;
    const auto* notes = reinterpret_cast<const std::byte*>(object.dlpi_addr + header.p_vaddr);
    for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= header.p_memsz;) {
      const auto& note = *reinterpret_cast<const ElfW(Nhdr)*>(notes + at);
      const std::size_t data = at + sizeof note + aligned(note.n_namesz);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof "GNU")
        return hexadecimal(std::span(notes + data, note.n_descsz));
      at = data + aligned(note.n_descsz);
    }
  }
  return {};
}

int add_library(dl_phdr_info* object, std::size_t /*size*/, void* libraries) {
  const std::filesystem::path file = object->dlpi_name;
  const std::string name = file.filename().string();
  if (!name.empty() && !name.starts_with("linux-vdso") && !name.starts_with("vgpreload"))
    static_cast<std::vector<LoadedLibrary>*>(libraries)->push_back({name, file, build_of(*object)});
  return 0;
}

}  // namespace

std::vector<LoadedLibrary> loaded_libraries() {
  std::vector<LoadedLibrary> libraries;
  dl_iterate_phdr(add_library, &libraries);
  std::ranges::sort(libraries, {}, &LoadedLibrary::name);
  return libraries;
}

}  // namespace vkmembench
