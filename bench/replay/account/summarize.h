#pragma once

#include "bench/replay/account/account_feed.h"
#include "bench/replay/counting/counting.h"
#include "bench/replay/record/recording.h"
#include "bench/replay/request/requests.h"
#include "bench/replay/run_settings.h"
#include "reports/model/report.h"

namespace vkmembench {

struct SummaryOptions {
  AccountOptions account;
  RunSettings settings;
  bool model_clock = false;
  const InstructionCounts* instructions = nullptr;            // of the strategy, where they were counted
  InstructionCounter counter = InstructionCounter::valgrind;  // by which
};

// Computes everything a report says of one run, but its strategy and repeat number, from the recording of its replay.
// Metrics come in the order of the metric table.
[[nodiscard]] Run summarize(const Trace& trace, const Requests& requests, const Recording& recording,
                            const DeviceInfo& device, const SummaryOptions& options);

}  // namespace vkmembench
