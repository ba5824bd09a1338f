#include "allocator/base/os/windows/exit_status.h"

namespace vkmembench {

int exit_status_of(DWORD code) {
  constexpr int kSignal = 128;
  constexpr DWORD kFirstError = 0xC0000000u;
  constexpr DWORD kFailFast = 0xC0000409u;  // of abort() in the newer C library
  if (code < kFirstError) return static_cast<int>(code);
  switch (code) {
    case kFailFast:
      return kSignal + 6;
    case static_cast<DWORD>(STATUS_CONTROL_C_EXIT):
      return kSignal + 2;
    case static_cast<DWORD>(STATUS_ILLEGAL_INSTRUCTION):
    case static_cast<DWORD>(STATUS_PRIVILEGED_INSTRUCTION):
      return kSignal + 4;
    case static_cast<DWORD>(STATUS_INTEGER_DIVIDE_BY_ZERO):
    case static_cast<DWORD>(STATUS_INTEGER_OVERFLOW):
      return kSignal + 8;
    default:
      return kSignal + 11;  // an access violation, a stack overflow and their like
  }
}

}  // namespace vkmembench
