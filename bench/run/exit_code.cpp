#include "bench/run/exit_code.h"

#include <array>
#include <cstddef>

namespace vkmembench {

ExitCode exit_code_of(const Error& error) {
  if (const auto* exit = dynamic_cast<const ExitError*>(&error)) return exit->code();
  constexpr std::array kCodes = {ExitCode::bad_input, ExitCode::not_comparable, ExitCode::out_of_memory,
                                 ExitCode::no_device, ExitCode::internal};
  static_assert(kCodes.size() == static_cast<std::size_t>(ErrorKind::internal) + 1);
  return kCodes[static_cast<std::size_t>(error.kind())];
}

ExitCode exit_code_of(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::passed:
      return ExitCode::done;
    case GateVerdict::regressed:
      return ExitCode::regression;
    case GateVerdict::not_comparable:
      return ExitCode::not_comparable;
  }
  return ExitCode::internal;
}

}  // namespace vkmembench
