// Not tried: written without a machine that runs macOS.
#include "allocator/base/os/machine.h"

#include <sys/sysctl.h>

namespace vkmembench {
namespace {

std::string text_of(const char* name) {
  std::size_t size = 0;
  if (sysctlbyname(name, nullptr, &size, nullptr, 0) != 0 || size == 0) return {};
  std::string text(size, '\0');
  if (sysctlbyname(name, text.data(), &size, nullptr, 0) != 0) return {};
  return text.c_str();
}

}  // namespace

Machine ask_for_machine() {
  Machine machine;
  machine.os = "macOS " + text_of("kern.osproductversion");
  machine.kernel = text_of("kern.osrelease");
  machine.cpu = text_of("machdep.cpu.brand_string");
  std::size_t size = sizeof machine.ram_bytes;
  sysctlbyname("hw.memsize", &machine.ram_bytes, &size, nullptr, 0);
  return machine;
}

}  // namespace vkmembench
