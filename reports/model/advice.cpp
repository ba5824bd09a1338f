#include "reports/model/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "allocator/base/bytes.h"
#include "reports/model/contenders.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

constexpr std::string_view kBase = "vma";
// Warnings of what works beside the strategies.
constexpr std::array<std::string_view, 3> kDisturbing = {"checked", "validated", "host_tracked"};

// A figure with where it surely lies.
struct Figure {
  double value = 0, low = 0, high = 0;

  [[nodiscard]] bool is_exact() const { return low == high; }
  [[nodiscard]] bool surely_below(const Figure& other) const { return high < other.low; }
  [[nodiscard]] bool equals(const Figure& other) const {
    return is_exact() && other.is_exact() && value == other.value;
  }
  [[nodiscard]] bool overlaps(const Figure& other) const { return low <= other.high && other.low <= high; }
};

// The axes of the choice; lower is better on each.
enum Axis : std::size_t { kReserve, kDriver, kWorstCreate, kFrame, kAxisCount };

struct Candidate {
  const Run* run = nullptr;
  std::array<Figure, kAxisCount> axes{};
};

bool beats(const Candidate& one, const Candidate& other) {
  bool better = false;
  for (std::size_t i = 0; i < kAxisCount; ++i) {
    if (one.axes[i].surely_below(other.axes[i]))
      better = true;
    else if (!one.axes[i].equals(other.axes[i]))
      return false;
  }
  return better;
}

bool are_alike(const Candidate& one, const Candidate& other) {
  return std::ranges::equal(one.axes, other.axes, [](const Figure& a, const Figure& b) { return a.equals(b); });
}

std::optional<Figure> figure_of(const Run& run, const std::string& id) {
  const MetricValue* metric = run.metric(id);
  const std::optional<double> value = metric == nullptr ? std::nullopt : as_number(*metric);
  if (!value) return std::nullopt;
  if (class_of(*metric) != MetricClass::noisy) return Figure{*value, *value, *value};
  if (!metric->low || !metric->high) return std::nullopt;
  return Figure{*value, *metric->low, *metric->high};
}

class Advising {
 public:
  Advising(const Report& report, bool utf8) : report_(report), utf8_(utf8) {}

  std::optional<Advice> make() {
    if (!is_undisturbed() || !gather() || candidates_.size() < 2) return std::nullopt;
    std::ranges::stable_sort(candidates_, {}, [](const Candidate& one) { return one.axes[kReserve].value; });
    choose_base();
    for (const Candidate& candidate : candidates_) place(candidate);
    for (Advice::Choice& choice : advice_.front) choice.text = sentence(find(choice.strategy));
    ask();
    return std::move(advice_);
  }

 private:
  // What works beside the strategies is in the times of the wall clock.
  [[nodiscard]] bool is_undisturbed() const {
    const auto disturbs = [](const auto& warning) {
      return std::ranges::find(kDisturbing, warning.first) != kDisturbing.end();
    };
    return report_.runs.empty() || report_.runs.front().clock != "wall" ||
           std::ranges::none_of(report_.warnings, disturbs);
  }
  // False where a strategy's times rank nobody.
  bool gather() {
    const Contenders contenders(report_.runs);
    frame_ = frame_metric();
    for (const Run& run : report_.runs) {
      if (run.strategy == kFloorStrategy) continue;
      if (run.status != Status::ok) {
        advice_.rejected.push_back({run.strategy, "", fmt::format("it did not end ({})", to_text(run.status))});
      } else if (contenders.refuses_more(run)) {
        advice_.rejected.push_back(
            {run.strategy, "",
             fmt::format("it refused {} requests", format_count(static_cast<std::uint64_t>(refused(run))))});
      } else if (!add(run)) {
        return false;
      }
    }
    return true;
  }

  // The hundredth slowest frame, or the slowest where there are too few for that.
  [[nodiscard]] std::string frame_metric() const {
    const bool too_few = std::ranges::any_of(report_.runs, [](const Run& run) {
      const MetricValue* p99 = run.metric("time.frame_ns.p99");
      return p99 != nullptr && p99->needs_n != 0;
    });
    return too_few ? "time.frame_ns.max" : "time.frame_ns.p99";
  }

  bool add(const Run& run) {
    if (report_.device.simulated && run.clock == "wall") return false;
    if (run.replay == "concurrent") return false;
    Candidate candidate{.run = &run};
    const std::optional<Figure> reserve = figure_of(run, "mem.reserved_peak_bytes");
    const std::optional<Figure> driver = figure_of(run, "time.driver_ns");
    const std::optional<Figure> frame = figure_of(run, frame_);
    if (!reserve || !driver || !frame) return false;
    candidate.axes[kReserve] = *reserve;
    candidate.axes[kDriver] = *driver;
    candidate.axes[kFrame] = *frame;
    bool creates = false;
    for (const char* id : {"time.create_buffer_ns.max", "time.create_image_ns.max"}) {
      if (run.metric(id) == nullptr) continue;
      const std::optional<Figure> worst = figure_of(run, id);
      if (!worst) return false;
      if (!creates || worst->value > candidate.axes[kWorstCreate].value) candidate.axes[kWorstCreate] = *worst;
      creates = true;
    }
    if (creates) candidates_.push_back(candidate);
    return creates;
  }

  [[nodiscard]] const Candidate& find(const std::string& strategy) const {
    return *std::ranges::find_if(candidates_, [&](const Candidate& one) { return one.run->strategy == strategy; });
  }

  void choose_base() {
    const auto found =
        std::ranges::find_if(candidates_, [](const Candidate& one) { return one.run->strategy == kBase; });
    if (found == candidates_.end()) return;
    base_ = &*found;
    advice_.base = kBase;
  }

  // On the front, beside a choice that is alike, or below the one that beats it.
  void place(const Candidate& candidate) {
    const auto winner = std::ranges::find_if(candidates_, [&](const Candidate& one) { return beats(one, candidate); });
    if (winner != candidates_.end()) {
      advice_.rejected.push_back({candidate.run->strategy, undefeated(*winner).run->strategy, ""});
      return;
    }
    for (Advice::Choice& choice : advice_.front) {
      if (!are_alike(find(choice.strategy), candidate)) continue;
      choice.alike.push_back(candidate.run->strategy);
      return;
    }
    advice_.front.push_back({.strategy = candidate.run->strategy,
                             .alike = {},
                             .text = {},
                             .reserved_bytes = candidate.axes[kReserve].value,
                             .driver_ns = candidate.axes[kDriver].value});
  }
  // Who beats the winner, if anyone, beats its victim as well: intervals are ordered.
  [[nodiscard]] const Candidate& undefeated(const Candidate& winner) const {
    const auto better = std::ranges::find_if(candidates_, [&](const Candidate& one) { return beats(one, winner); });
    return better == candidates_.end() ? winner : undefeated(*better);
  }

  [[nodiscard]] std::string time(const Figure& figure) const { return format_ns(figure.value, utf8_); }
  [[nodiscard]] const char* frame_name() const { return frame_.ends_with(".p99") ? "frame p99" : "slowest frame"; }

  [[nodiscard]] std::string sentence(const Candidate& one) const {
    if (base_ == nullptr || base_ == &one)
      return fmt::format("{}, {} in the driver, worst create {}, {} {}", format_bytes(one.axes[kReserve].value),
                         time(one.axes[kDriver]), time(one.axes[kWorstCreate]), frame_name(), time(one.axes[kFrame]));
    return fmt::format("{}, {}, {}, {}", bytes_against(one.axes[kReserve], base_->axes[kReserve]),
                       time_against("driver time", one.axes[kDriver], base_->axes[kDriver]),
                       time_against("worst create", one.axes[kWorstCreate], base_->axes[kWorstCreate]),
                       time_against(frame_name(), one.axes[kFrame], base_->axes[kFrame]));
  }

  static std::string bytes_against(const Figure& one, const Figure& base) {
    if (one.value == base.value) return "the same reserve";
    return fmt::format("{} {}", format_bytes(std::abs(one.value - base.value)),
                       one.value < base.value ? "less" : "more");
  }

  // "19 x the driver time", "worst create 1/7", "frame p99 alike".
  [[nodiscard]] std::string time_against(std::string_view what, const Figure& one, const Figure& base) const {
    constexpr double kAlike = 1.05;
    const double ratio = base.value == 0 ? 0 : one.value / base.value;
    if (one.overlaps(base) || ratio == 0 || (ratio < kAlike && ratio > 1 / kAlike))
      return fmt::format("{} alike", what);
    if (ratio <= 0.55) return fmt::format("{} 1/{:.0f}", what, 1 / ratio);
    const int decimals = ratio < 1 ? 2 : ratio < 10 ? 1 : 0;
    return fmt::format("{} {:.{}f} {}", what, ratio, decimals, utf8_ ? "×" : "x");
  }

  void ask() {
    if (advice_.front.size() > 1) {
      ask_for_memory(find(advice_.front.front().strategy), find(advice_.front.back().strategy));
      ask_for_lateness();
    }
    ask_for_size();
  }

  // How many frames the trace has: what a total means a frame.
  void ask_for_memory(const Candidate& tight, const Candidate& roomy) {
    const double frames = static_cast<double>(std::max<std::uint64_t>(report_.scenario.frame_count, 1));
    const double more = tight.axes[kDriver].value - roomy.axes[kDriver].value;
    if (!tight.axes[kReserve].surely_below(roomy.axes[kReserve]) ||
        !roomy.axes[kDriver].surely_below(tight.axes[kDriver]))
      return;
    advice_.questions.push_back(
        fmt::format("What is memory worth to you? {} takes {} less than {}, for {} more in the driver: {} a frame of "
                    "this scenario.",
                    tight.run->strategy, format_bytes(roomy.axes[kReserve].value - tight.axes[kReserve].value),
                    roomy.run->strategy, format_ns(more, utf8_), format_ns(more / frames, utf8_)));
  }

  // One long stop or many short ones.
  void ask_for_lateness() {
    const auto by = [&](Axis axis) {
      return [&, axis](const Advice::Choice& a, const Advice::Choice& b) {
        return find(a.strategy).axes[axis].value < find(b.strategy).axes[axis].value;
      };
    };
    const auto [calmest, roughest] = std::ranges::minmax_element(advice_.front, by(kWorstCreate));
    const Candidate& calm = find(calmest->strategy);
    const Candidate& rough = find(roughest->strategy);
    if (!calm.axes[kWorstCreate].surely_below(rough.axes[kWorstCreate])) return;
    constexpr double kFrameNs = 1e9 / 60;
    advice_.questions.push_back(
        fmt::format("How long may one create stop you? At worst {} with {}, {} with {}; a frame of 60 Hz has {}.",
                    time(calm.axes[kWorstCreate]), calm.run->strategy, time(rough.axes[kWorstCreate]),
                    rough.run->strategy, format_ns(kFrameNs, utf8_)));
  }

  // Blocks are made for programs that fill several.
  void ask_for_size() {
    constexpr double kManyBlocks = 4.0 * 256 * kMiB;
    const MetricValue* live = candidates_.front().run->metric("mem.required_peak_bytes");
    const std::optional<double> bytes = live == nullptr ? std::nullopt : as_number(*live);
    if (!bytes || *bytes >= kManyBlocks) return;
    advice_.questions.push_back(fmt::format(
        "Does your program hold more than this scenario's {}? VMA's default blocks of 256 MiB are meant for that.",
        format_bytes(*bytes)));
  }

  const Report& report_;
  bool utf8_;
  std::string frame_;  // the metric that stands for slow frames
  std::vector<Candidate> candidates_;
  const Candidate* base_ = nullptr;
  Advice advice_;
};

}  // namespace

std::optional<Advice> advise(const Report& report, bool utf8) { return Advising(report, utf8).make(); }

}  // namespace vkmembench
