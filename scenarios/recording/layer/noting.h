#pragma once

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "scenarios/recording/layer/layer_state.h"

namespace vkmembench {

// Notes the call that make() makes of what was done, if the device is recorded. Never throws: a call without memory to
// note it is none.
template <typename Make>
void note(LayeredDevice& device, Make make) noexcept {
  Recorder* recorder = device.recorder.get();
  if (recorder == nullptr || !recorder->is_open()) return;
  try {
    recorder->note(make());
  } catch (const std::exception&) {
    recorder->give_up();
  }
}

[[nodiscard]] inline std::unique_ptr<CallDetails> with_text(std::string text) {
  auto details = std::make_unique<CallDetails>();
  details->text = std::move(text);
  return details;
}

// Hears what is left out.
[[nodiscard]] inline auto leaving_out(LayeredDevice& device) {
  return [&device](std::string what) {
    note(device, [&] { return CapturedCall{.kind = CallKind::leave_out, .more = with_text(std::move(what))}; });
  };
}

}  // namespace vkmembench
