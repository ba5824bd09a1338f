#pragma once

#include <cstdint>

namespace vkmembench {

// While one lives, what is done on a simulated device takes no modelled time: for checks, which are to change nothing
// that is measured. Requires a thread that no other uses the device beside where its clock is modelled.
class OffTheClock {
 public:
  // Device::model_ns, which shows a counter of the device as constant.
  explicit OffTheClock(const std::uint64_t* model_ns)
      : ns_(const_cast<std::uint64_t*>(model_ns)), before_(ns_ != nullptr ? *ns_ : 0) {}
  ~OffTheClock() {
    if (ns_ != nullptr) *ns_ = before_;
  }
  OffTheClock(const OffTheClock&) = delete;
  OffTheClock& operator=(const OffTheClock&) = delete;

 private:
  std::uint64_t* ns_;
  std::uint64_t before_;
};

}  // namespace vkmembench
