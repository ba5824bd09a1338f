#include "bench/fleet/emit.h"

#include <algorithm>
#include <array>

namespace vkmembench {

std::span<const PlanEmitter> emitters() {
  static constexpr std::array kEmitters = std::to_array<PlanEmitter>({
#define VKMEMBENCH_ROW(name, file, command, most, function) {name, file, command, most, function},
      VKMEMBENCH_EMITTERS(VKMEMBENCH_ROW)
#undef VKMEMBENCH_ROW
  });
  return kEmitters;
}

const PlanEmitter* find_emitter(std::string_view name) {
  const auto found = std::ranges::find(emitters(), name, &PlanEmitter::name);
  return found == emitters().end() ? nullptr : &*found;
}

std::string sh_word(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'')
      word += "'\\''";
    else
      word += c;
  }
  return word + "'";
}

}  // namespace vkmembench
