#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "allocator/base/check.h"
#include "scenarios/generators/generator_arguments.h"
#include "scenarios/trace/shape_rules.h"

namespace vkmembench::testing {

using Overrides = std::vector<std::pair<std::string_view, double>>;

// Every parameter of the row and the common ones, at their defaults but for the overrides.
class TestValues {
 public:
  TestValues(const Generator& generator, const Overrides& overrides) : parameters_(parameters_of(generator)) {
    for (const Parameter& parameter : parameters_) values_.push_back(default_of(parameter));
    for (const auto& [name, number] : overrides) {
      const auto found = std::ranges::find(parameters_, name, &Parameter::name);
      VKMEMBENCH_CHECK(found != parameters_.end(), "an override of a parameter that the generator lacks");
      values_[static_cast<std::size_t>(found - parameters_.begin())] = parameter_value(*found, number);
    }
  }
  [[nodiscard]] GeneratorValues values() const { return {parameters_, values_}; }

 private:
  std::vector<Parameter> parameters_;
  std::vector<ParameterValue> values_;
};

inline Trace generate(std::string_view name, const Overrides& overrides = {}, std::uint64_t seed = 7,
                      std::uint32_t frames_in_flight = 2) {
  const Generator* generator = find_generator(name);
  VKMEMBENCH_CHECK(generator != nullptr, "a generator of the table");
  TraceBuilder out(frames_in_flight);
  generator->generate(TestValues(*generator, overrides).values(), seed, out);
  return out.finish();
}

// What a trace holds at a place, by accounts that share nothing with the builder's.
struct Holding {
  std::uint64_t frame = 0;
  std::set<ObjectIndex> objects;
  Bytes bytes = 0;
};
struct TraceSummary {
  std::array<std::uint64_t, static_cast<std::size_t>(Op::count)> ops{};
  Bytes created_bytes = 0;
  Bytes uploaded_bytes = 0;  // and written ones
  Bytes live_peak_bytes = 0;
  Bytes held_peak_bytes = 0;  // live, and freed but not completed
  std::size_t live_peak_count = 0;
  std::uint64_t id_peak = 0;
  bool id_reused_while_live = false;
  Holding end;
  std::map<std::string, Holding> snapshots;
  [[nodiscard]] std::uint64_t count(Op op) const { return ops[static_cast<std::size_t>(op)]; }
  [[nodiscard]] std::set<Op> used_ops() const {
    std::set<Op> used;
    for (std::size_t i = 0; i < ops.size(); ++i) {
      if (ops[i] != 0) used.insert(static_cast<Op>(i));
    }
    return used;
  }
};

inline TraceSummary summarize(const Trace& trace) {
  TraceSummary summary;
  Holding& now = summary.end;
  std::set<std::uint64_t> ids;
  std::deque<Bytes> pending(trace.frames_in_flight, 0);  // by frame of the free, oldest first
  Bytes pending_bytes = 0;
  std::map<ObjectIndex, Bytes> asked;  // of what is live; an alias, CPU memory and what is bound in parts ask for none
  std::map<ObjectIndex, std::set<ObjectIndex>> inside;  // what is in the memory of an owner, itself too
  const auto create = [&](ObjectIndex index, bool alias) {
    const TraceObject& object = trace.objects[index];
    now.objects.insert(index);
    const Bytes size = asked[index] = alias ? 0 : object.size;
    if (object.shape != kHostShape) inside[trace.owner_of(index)].insert(index);
    now.bytes += size;
    summary.created_bytes += size;
    summary.id_peak = std::max(summary.id_peak, object.id);
    if (!ids.insert(object.id).second) summary.id_reused_while_live = true;
  };
  for (const Event& event : trace.events) {
    ++summary.ops[static_cast<std::size_t>(event.op)];
    switch (event.op) {
      case Op::frame:
        now.frame = event.frame();
        if (!pending.empty()) {
          pending_bytes -= pending.front();
          pending.pop_front();
          pending.push_back(0);
        }
        break;
      case Op::buffer:
      case Op::image:
        create(event.object, event.is_alias() || is_bound_in_parts(trace.shape_of(event.object)));
        break;
      case Op::sparse_bind:
      case Op::bind_plane:
        create(event.object, false);
        break;
      case Op::batch:
        for (ObjectIndex i = 0; i < event.count(); ++i) create(event.object + i, false);
        break;
      case Op::free: {
        const ObjectIndex owner = trace.owner_of(event.object);
        inside[owner].erase(event.object);
        const Bytes size = inside[owner].empty() ? asked[owner] : 0;
        now.objects.erase(event.object);
        now.bytes -= size;
        ids.erase(trace.objects[event.object].id);
        if (!pending.empty()) {
          pending.back() += size;
          pending_bytes += size;
        }
        break;
      }
      case Op::host_alloc:
        create(event.object, true);  // of no device memory
        break;
      case Op::host_free:
        asked.erase(event.object);
        now.objects.erase(event.object);
        ids.erase(trace.objects[event.object].id);
        break;
      case Op::resize:
        now.bytes = now.bytes - asked[event.object] + event.size();
        asked[event.object] = event.size();
        break;
      case Op::upload:
      case Op::write:
        summary.uploaded_bytes += event.size();
        break;
      case Op::snapshot:
        summary.snapshots[trace.strings[event.label()]] = now;
        break;
      default:
        break;
    }
    summary.live_peak_bytes = std::max(summary.live_peak_bytes, now.bytes);
    summary.held_peak_bytes = std::max(summary.held_peak_bytes, now.bytes + pending_bytes);
    summary.live_peak_count = std::max(summary.live_peak_count, now.objects.size());
  }
  return summary;
}

[[nodiscard]] inline std::string_view tag_of(const Trace& trace, ObjectIndex object) {
  return trace.strings[trace.shape_of(object).tag];
}

}  // namespace vkmembench::testing
