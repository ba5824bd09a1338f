#include "bench/cli/completion.h"

#include <algorithm>
#include <array>

namespace vkmembench {
namespace {

struct ListedValue {
  std::string_view option;
  std::string_view listing;
  bool comma_list;
};
constexpr std::array kListed = std::to_array<ListedValue>({
    {"--strategy", "strategies", true},
    {"--strategies", "strategies", true},
    {"--device", "devices", false},
    {"SCENARIO", "scenarios", false},
});

const ListedValue* listed(const OptionNode& option) {
  for (const ListedValue& row : kListed) {
    if (std::ranges::find(option.names, row.option) != option.names.end()) return &row;
  }
  return nullptr;
}

}  // namespace

std::span<const Shell> shells() {
  static constexpr std::array kShells = std::to_array<Shell>({
      {"bash", "share/bash-completion/completions/vkmembench", bash_completion},
      {"zsh", "share/zsh/site-functions/_vkmembench", zsh_completion},
      {"fish", "share/fish/vendor_completions.d/vkmembench.fish", fish_completion},
  });
  return kShells;
}

std::string_view listed_values(const OptionNode& option) {
  const ListedValue* row = listed(option);
  return row == nullptr ? "" : row->listing;
}

bool takes_comma_list(const OptionNode& option) {
  const ListedValue* row = listed(option);
  return row != nullptr && row->comma_list;
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char letter : text) letter == '\'' ? out += "'\\''" : out += letter;
  return out + "'";
}

}  // namespace vkmembench
