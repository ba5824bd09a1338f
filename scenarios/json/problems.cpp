#include "scenarios/json/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace vkmembench {
namespace {

std::string summary(const std::vector<std::string>& lines) {
  return fmt::format("{} errors{}, the first: {}", lines.size(),
                     lines.size() == Problems::kMost ? ", and none is looked for after them" : "", lines.front());
}

}  // namespace

SeveralErrors::SeveralErrors(std::vector<std::string> lines) : Error(summary(lines)), lines_(std::move(lines)) {}

void Problems::add(std::string line) {
  if (std::ranges::find(lines_, line) != lines_.end()) return;
  lines_.push_back(std::move(line));
  if (lines_.size() == kMost) finish();
}

void Problems::finish() const {
  if (lines_.size() == 1) throw Error(lines_.front());
  if (!lines_.empty()) throw SeveralErrors(lines_);
}

}  // namespace vkmembench
