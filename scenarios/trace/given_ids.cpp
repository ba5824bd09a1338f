#include "scenarios/trace/given_ids.h"

#include <fmt/format.h>

#include "allocator/base/error.h"

namespace vkmembench {

std::uint64_t GivenIds::number_of(const std::string& text) {
  if (text.empty()) throw Error("an id is an empty text; give it a name");
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  return numbers_.emplace(text, builder_.give_id(text)).first->second;
}

void GivenIds::refuse(std::uint64_t id) const {
  throw Error(
      fmt::format("id {} is the number of object {}: texts and repeats are numbered from {} on; use smaller numbers",
                  id, id_text(builder_.trace(), id), kFirstGivenId));
}

std::uint64_t GivenIds::name(std::uint64_t id) {
  if (!renews_) {
    latest_.erase(id);
    return id;
  }
  const std::uint64_t number = builder_.give_id(id_text(builder_.trace(), id));
  latest_[id] = number;
  return number;
}

std::uint64_t GivenIds::latest(std::uint64_t id) const {
  const auto found = latest_.find(id);
  return found == latest_.end() ? id : found->second;
}

}  // namespace vkmembench
