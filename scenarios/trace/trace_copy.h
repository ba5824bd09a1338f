#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "scenarios/trace/trace_builder.h"

namespace vkmembench {

// Tells the events of a trace to a builder again, one by one; what the builder refuses throws as it does there. Nothing
// but tables and events is read of the trace, so that these may have been edited.
class TraceCopy {
 public:
  using NewId = std::function<std::uint64_t(ObjectIndex)>;  // of an object of the trace

  // Requires that trace and builder outlive the copy.
  TraceCopy(const Trace& trace, TraceBuilder& out, NewId id);

  // On the builder's lane. Requires that nothing it refers to was left out.
  void append(const Event& event);
  // Whether everything that the event uses was appended.
  [[nodiscard]] bool has_operands(const Event& event) const;

 private:
  [[nodiscard]] ObjectIndex mapped(ObjectIndex object) const {
    return object == kNoObject ? kNoObject : objects_[object];
  }
  [[nodiscard]] AliasOf alias(const Event& event) const {
    return event.is_alias() ? AliasOf{mapped(event.alias()), trace_.alias_offset(event)} : AliasOf{};
  }
  std::uint32_t shape(ObjectIndex object);
  void append_batch(const Event& event);
  std::uint32_t new_pool_name(std::uint32_t name);
  std::uint32_t pool_name(std::uint32_t name);

  const Trace& trace_;
  TraceBuilder& out_;
  NewId id_;
  std::vector<std::uint32_t> shapes_;                            // the builder's index of each shape, once it is used
  std::unordered_map<std::uint32_t, std::uint32_t> pool_names_;  // the builder's name of each pool that is declared
  std::vector<ObjectIndex> objects_;  // the builder's index of each object, kNoObject of what was left out
};

// The trace without the events that the rules of the format refuse, as after an edit: a use of what is not there, a
// range beyond the end, an alias that reaches out of its owner. Objects are numbered from 1 on. Empty when no event is
// left.
[[nodiscard]] Trace repaired(const Trace& edited);

}  // namespace vkmembench
