#include "bench/replay/counting/instruction_counts.h"

#include <charconv>
#include <istream>
#include <string>
#include <string_view>

#include "allocator/base/error.h"
#include "bench/replay/counting/counted_calls.h"

namespace vkmembench {
namespace {

constexpr std::string_view kCalled = "cfn=";
constexpr std::string_view kCalls = "calls=";
constexpr std::string_view kEvents = "events: ";

// `count` of a function that is none of ours.
InstructionClass class_of_function(std::string_view name) {
  if (!name.starts_with(kCountedPrefix)) return InstructionClass::count;
  name.remove_prefix(kCountedPrefix.size());
  for (std::size_t i = 0; i < kInstructionClassNames.size(); ++i)
    if (name == kInstructionClassNames[i]) return static_cast<InstructionClass>(i);
  return InstructionClass::count;
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data())
    throw Error("callgrind wrote '" + std::string(text) + "' where a number stands", ErrorKind::internal);
  return value;
}

}  // namespace

// A call is three lines: the function, how often, and a line of the source with what the calls cost in all.
InstructionCounts read_callgrind(std::istream& file) {
  InstructionCounts counts{};
  std::string line;
  if (!std::getline(file, line) || line != "# callgrind format")
    throw Error("valgrind left no counts; look at what it says on stderr", ErrorKind::internal);
  InstructionClass called = InstructionClass::count;
  while (std::getline(file, line)) {
    if (line.starts_with(kCalled)) {
      called = class_of_function(std::string_view(line).substr(kCalled.size()));
    } else if (line.starts_with(kEvents) && line != "events: Ir") {
      throw Error("valgrind counted '" + line.substr(kEvents.size()) + "', not instructions alone",
                  ErrorKind::internal);
    } else if (line.starts_with(kCalls)) {
      std::string cost;
      if (!std::getline(file, cost)) break;
      if (called == InstructionClass::count) continue;
      InstructionCount& count = counts[static_cast<std::size_t>(called)];
      count.operations += number(std::string_view(line).substr(kCalls.size()));
      count.instructions += number(std::string_view(cost).substr(cost.rfind(' ') + 1));
      called = InstructionClass::count;
    }
  }
  return counts;
}

}  // namespace vkmembench
