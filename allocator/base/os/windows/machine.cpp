#include "allocator/base/os/machine.h"

#include <array>

#include "allocator/base/os/windows/api.h"

namespace vkmembench {
namespace {

std::string text_of(const wchar_t* key, const wchar_t* value) {
  std::array<wchar_t, 256> text{};
  DWORD bytes = sizeof text - sizeof(wchar_t);
  if (RegGetValueW(HKEY_LOCAL_MACHINE, key, value, RRF_RT_REG_SZ, nullptr, text.data(), &bytes) != ERROR_SUCCESS)
    return {};
  std::string found = to_utf8(text.data());
  found.erase(0, found.find_first_not_of(' '));
  found.erase(found.find_last_not_of(' ') + 1);
  return found;
}

}  // namespace

std::string host_name() {
  std::array<wchar_t, 256> name{};
  DWORD size = static_cast<DWORD>(name.size());
  return GetComputerNameExW(ComputerNameDnsHostname, name.data(), &size) != 0 ? to_utf8(name.data()) : "a node";
}

Machine ask_for_machine() {
  constexpr const wchar_t* kWindows = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
  constexpr const wchar_t* kProcessor = L"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0";
  Machine machine;
  machine.os = text_of(kWindows, L"ProductName");
  machine.kernel = text_of(kWindows, L"CurrentBuildNumber");
  machine.cpu = text_of(kProcessor, L"ProcessorNameString");
  MEMORYSTATUSEX memory{};
  memory.dwLength = sizeof memory;
  if (GlobalMemoryStatusEx(&memory) != 0) machine.ram_bytes = memory.ullTotalPhys;
  return machine;
}

}  // namespace vkmembench
