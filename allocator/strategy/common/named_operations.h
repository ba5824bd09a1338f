#pragma once

#include <array>

#include "allocator/host/host_operation.h"
#include "allocator/strategy/common/around_strategy.h"

namespace vkmembench {

// Names each call of a strategy to a tracker, so that the host memory it takes is counted on what it did.
class OperationNames {
 public:
  explicit OperationNames(HostTracker& tracker) : tracker_(&tracker) {
    for (std::size_t i = 0; i < categories_.size(); ++i) categories_[i] = tracker.category(kStrategyCallNames[i]);
  }
  template <typename Work>
  auto operator()(StrategyCall call, const Work& work) const {
    const HostOperation named{*tracker_, categories_[static_cast<std::size_t>(call)]};
    return work();
  }

 private:
  HostTracker* tracker_;
  std::array<Category, kStrategyCallNames.size()> categories_{};
};

// The tracker outlives it.
using NamedOperations = AroundStrategy<OperationNames>;

}  // namespace vkmembench
