#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

// The numbers of ids that a file does not number itself: of those that are texts, and of what a repeat creates anew.
class GivenIds {
 public:
  explicit GivenIds(TraceBuilder& builder) : builder_(builder) {}

  // The number of an id that is a text, the same for the same text. Throws Error for an empty one.
  [[nodiscard]] std::uint64_t number_of(const std::string& text);
  // Throws Error for a number that a file spells though it was given already.
  void refuse_given(std::uint64_t id) const {
    if (id - kFirstGivenId < builder_.trace().given_ids.size()) [[unlikely]]
      refuse(id);
  }

  // Whether what is created from now on gets a number of its own, whatever its event says.
  void renew(bool on) {
    renews_ = on;
    renamed_ = renamed_ || on;
  }
  [[nodiscard]] bool renamed() const { return renamed_; }  // whether a number can differ from what an event says
  // The number for what an event of this id creates, and of the latest that one has created.
  [[nodiscard]] std::uint64_t of_new(std::uint64_t id) { return renamed_ ? name(id) : id; }
  [[nodiscard]] std::uint64_t of_old(std::uint64_t id) const { return renamed_ ? latest(id) : id; }

 private:
  [[noreturn]] void refuse(std::uint64_t id) const;
  std::uint64_t name(std::uint64_t id);
  [[nodiscard]] std::uint64_t latest(std::uint64_t id) const;

  TraceBuilder& builder_;
  std::unordered_map<std::string, std::uint64_t> numbers_;   // of texts
  std::unordered_map<std::uint64_t, std::uint64_t> latest_;  // of an event's id, where it is another
  bool renews_ = false;
  bool renamed_ = false;  // once anything was renewed
};

}  // namespace vkmembench
