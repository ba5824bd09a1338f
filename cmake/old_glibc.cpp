// What the static libraries of a newer GCC ask of glibc and an older one lacks: part of a carried program that is
// linked with Debian 11's (cmake/old_glibc.cmake). x86-64.
#include <link.h>
#include <sys/random.h>

#include <cstdint>
#include <cstdlib>

// The names are glibc's. NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier)
extern "C" {

// glibc 2.32: not 0 while there is one thread, which saves atomic counts. 0 is always right.
[[gnu::visibility("hidden")]] extern char __libc_single_threaded;
char __libc_single_threaded = 0;

// glibc 2.36.
[[gnu::visibility("hidden")]] std::uint32_t arc4random();
std::uint32_t arc4random() {
  std::uint32_t value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) std::abort();
  return value;
}

// glibc 2.35: the object in which an address lies, with what unwinds its frames.
struct dl_find_object {
  unsigned long long dlfo_flags;
  void* dlfo_map_start;
  void* dlfo_map_end;
  struct link_map* dlfo_link_map;
  void* dlfo_eh_frame;
  unsigned long long reserved[7];
};
[[gnu::visibility("hidden")]] int _dl_find_object(void* address, dl_find_object* result);
int _dl_find_object(void* address, dl_find_object* result) {
  struct Search {
    std::uintptr_t address;
    dl_find_object* result;
  } search{reinterpret_cast<std::uintptr_t>(address), result};
  const auto look = [](dl_phdr_info* object, std::size_t, void* data) {
    const Search& wanted = *static_cast<Search*>(data);
    std::uintptr_t low = 0, high = 0;
    void* frames = nullptr;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
      const ElfW(Phdr)& segment = object->dlpi_phdr[i];
      const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
      if (segment.p_type == PT_GNU_EH_FRAME) frames = reinterpret_cast<void*>(begin);
      if (segment.p_type != PT_LOAD || wanted.address < begin || wanted.address - begin >= segment.p_memsz) continue;
      low = begin;
      high = begin + segment.p_memsz;
    }
    if (high == 0 || frames == nullptr) return 0;
    *wanted.result = {.dlfo_flags = 0,
                      .dlfo_map_start = reinterpret_cast<void*>(low),
                      .dlfo_map_end = reinterpret_cast<void*>(high),
                      .dlfo_link_map = nullptr,
                      .dlfo_eh_frame = frames,
                      .reserved = {}};
    return 1;
  };
  return dl_iterate_phdr(look, &search) == 1 ? 0 : -1;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
