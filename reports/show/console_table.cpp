#include "reports/show/console_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "reports/judge/advice_output.h"
#include "reports/show/table_columns.h"
#include "reports/text/printable.h"
#include "reports/text/units.h"

namespace vkmembench {
namespace {

constexpr std::size_t kMaxNotes = 5;
constexpr std::size_t kMinNameWidth = 8;
constexpr std::size_t kShownNameWidth = 14;  // of longer names; columns make room for so much

// Letters, not bytes: UTF-8 continuation bytes take no room.
std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string cut(const std::string& text, std::size_t room) {
  if (letters(text) <= room) return text;
  std::string out;
  for (const char c : text) {
    const bool starts_letter = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (starts_letter && letters(out) + 2 >= room) break;
    out += c;
  }
  return out + "..";
}

// On as many lines as it takes, broken at spaces; those after the first are indented by as much again as the first.
std::string wrapped(const std::string& text, std::size_t width) {
  const std::string indent(text.find_first_not_of(' ') == 0 ? 2 : 2 * text.find_first_not_of(' '), ' ');
  std::string out;
  std::string line;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t space = text.find(' ', text.find_first_not_of(' ', begin));
    const std::string word = text.substr(begin, space - begin);
    if (!line.empty() && letters(line) + letters(word) > width) {
      out.append(line).append("\n");
      line = indent + word.substr(word.find_first_not_of(' '));
    } else {
      line += word;
    }
    begin = space == std::string::npos ? text.size() : space;
  }
  return out + line + "\n";
}

std::string pad_left(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, letters(text)), ' ').append(text);
}
// Of a run that did not reach its end.
std::string how_far(const Run& run, std::uint64_t event_count) {
  std::string text(to_text(run.status));
  if (run.events_done && event_count != 0) text += fmt::format(" at {} %", 100 * *run.events_done / event_count);
  return text;
}

std::string pad_right(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, letters(text)), ' ');
}

std::string plural(std::uint64_t count, const char* word) {
  return fmt::format("{} {}{}", format_count(count), word, count == 1 ? "" : "s");
}

struct Marks {
  std::string best, worst, dot;
};
Marks marks_of(const TableStyle& style) { return style.utf8 ? Marks{"▲", "▼", " · "} : Marks{"+", "-", ", "}; }

std::string paint(const TableStyle& style, const char* code, const std::string& text) {
  return style.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::string cell_text(const Cell& cell, std::size_t width, const TableStyle& style, const Marks& marks) {
  const std::string text = pad_left(cell.text, width);
  switch (cell.mark) {
    case Mark::best:
      return paint(style, "32", text + marks.best);
    case Mark::worst:
      return paint(style, "33", text + marks.worst);
    case Mark::none:
      break;
  }
  return text + ' ';
}

// "6 to 12 rounds"; empty of a single one.
std::string rounds_text(const std::vector<Run>& runs) {
  const auto [fewest, largest] = std::ranges::minmax_element(runs, {}, &Run::rounds);
  const std::uint32_t least = fewest->rounds;
  const std::uint32_t most = largest->rounds;
  if (most == 1) return {};
  return least == most ? fmt::format("{} rounds", most) : fmt::format("{} to {} rounds", least, most);
}

std::string head(const Report& report, const TableStyle& style, const Marks& marks) {
  const auto line = [&](std::initializer_list<std::string> parts) {
    std::string text;
    for (const std::string& part : parts) {
      if (!part.empty()) text.append(text.empty() ? "" : marks.dot).append(part);
    }
    return cut(printable(text), style.width);
  };
  const ScenarioInfo& scenario = report.scenario;
  const std::string first = line({scenario.name, fmt::format("seed {}", scenario.seed),
                                  plural(scenario.frame_count, "frame"), plural(scenario.event_count, "event"),
                                  report.status == Status::ok ? "" : fmt::format("status {}", to_text(report.status))});
  std::string clock;
  if (!report.runs.empty()) {
    const Run& run = report.runs.front();
    const bool sees_no_driver = report.device.simulated && run.clock == "wall";
    clock = line({fmt::format("clock {}", run.clock), rounds_text(report.runs), run.replay + " replay",
                  sees_no_driver ? "only the allocator's own work is timed" : ""});
  }
  const std::string second = line({report.device.name + (report.device.simulated ? " (simulated)" : ""), clock});
  return fmt::format("{}\n{}\n", paint(style, "1", first), second);
}

// Reasons of missing values, or what the others leave out, strategies with the same together.
std::vector<std::string> reasons(const std::vector<Column>& columns, const std::vector<Run>& runs, bool missing) {
  std::vector<std::string> notes;
  std::map<std::string, std::vector<std::string>> columns_by_who;  // "strategies: reason" -> titles
  std::vector<std::string> order;
  for (const Column& column : columns) {
    std::map<std::string, std::pair<std::string, std::size_t>> who;  // reason -> strategies
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Cell& cell = column.cells[i];
      if (cell.value.has_value() == missing || cell.reason.empty()) continue;
      auto& [names, count] = who[cell.reason];
      names.append(names.empty() ? "" : ", ").append(runs[i].strategy);
      ++count;
    }
    for (const auto& [reason, names] : who) {
      const std::string key = fmt::format("{}: {}", names.second == runs.size() ? "all" : names.first, reason);
      if (columns_by_who.find(key) == columns_by_who.end()) order.push_back(key);
      columns_by_who[key].push_back(column.title);
    }
  }
  for (const std::string& key : order) {
    std::string titles;
    for (const std::string& title : columns_by_who[key]) titles.append(titles.empty() ? "" : ", ").append(title);
    notes.push_back(fmt::format("{}: {} of {}", missing ? "n/a" : "*", titles, key));
  }
  return notes;
}

// At most kMaxNotes of a kind, and how many more there are.
void append_bounded(std::vector<std::string>& notes, const std::vector<std::string>& more, const char* what) {
  const std::size_t shown = std::min(more.size(), kMaxNotes);
  notes.insert(notes.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(shown));
  if (shown < more.size()) notes.push_back(fmt::format("and {} more {}", more.size() - shown, what));
}

// What a strategy runs for an operation of each class; empty where instructions were not counted.
std::string instructions_of(const Run& run) {
  constexpr std::string_view kGroup = "instr.";
  constexpr std::string_view kUnit = "_count";
  const MetricValue* total = run.metric("instr.total_count");
  if (total == nullptr) return {};
  std::string text;
  for (const MetricValue& metric : run.metrics) {
    if (!metric.id.starts_with(kGroup) || &metric == total || metric.n == 0) continue;
    const double each = as_number(metric).value_or(0) / static_cast<double>(metric.n);
    const std::string_view name = std::string_view(metric.id).substr(kGroup.size());
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name.substr(0, name.size() - kUnit.size()),
                        format_count(static_cast<std::uint64_t>(std::llround(each))));
  }
  return fmt::format("{}: {} instructions{}{}", run.strategy,
                     format_count(static_cast<std::uint64_t>(as_number(*total).value_or(0))),
                     text.empty() ? "" : "; each ", text);
}

std::vector<std::string> notes_of(const Report& report, const std::vector<Column>& columns) {
  std::vector<std::string> notes;
  for (const Run& run : report.runs)
    if (std::string counted = instructions_of(run); !counted.empty()) notes.push_back(std::move(counted));
  append_bounded(notes, reasons(columns, report.runs, true), "missing values");
  append_bounded(notes, reasons(columns, report.runs, false), "values that leave something out");

  std::vector<std::string> more;
  for (const auto& [asked, taken] : report.scenario.substitutions)
    more.push_back(fmt::format("{}{} replaced by {}", asked.starts_with("usage ") ? "" : "format ", asked, taken));
  append_bounded(notes, more, "substitutions");

  more.clear();
  for (const auto& [code, text] : report.warnings) more.push_back(fmt::format("warning {}: {}", code, text));
  append_bounded(notes, more, "warnings");

  more.clear();
  for (const std::string& truncation : report.truncations) more.push_back("cut short: " + truncation);
  append_bounded(notes, more, "cuts");

  // The strategies that refused most come first.
  std::vector<std::pair<double, std::string>> refused;
  for (const Run& run : report.runs) {
    const MetricValue* failed = run.metric("alloc.failed_count");
    const double count = failed == nullptr ? 0 : as_number(*failed).value_or(0);
    if (count == 0) continue;
    std::string text =
        fmt::format("{}: {} refused", run.strategy, plural(static_cast<std::uint64_t>(count), "request"));
    const auto first = std::find_if(run.events.begin(), run.events.end(),
                                    [](const RunEvent& event) { return event.kind == "refusal"; });
    if (first != run.events.end()) {
      text += fmt::format(", first in frame {}: {}", first->frame, first->text);
    }
    refused.emplace_back(count, std::move(text));
  }
  std::stable_sort(refused.begin(), refused.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  more.clear();
  for (auto& [count, text] : refused) more.push_back(std::move(text));
  append_bounded(notes, more, "strategies with refusals");

  for (const Run& run : report.runs) {
    if (run.status != Status::ok)
      notes.push_back(fmt::format("{}: {}", run.strategy, how_far(run, report.scenario.event_count)));
    if (!run.checks.violations.empty()) {
      notes.push_back(fmt::format("{}: {}, first: {}", run.strategy, plural(run.checks.violations.size(), "violation"),
                                  run.checks.violations.front()));
    }
  }
  return notes;
}

std::size_t width_of(const Column& column) {
  std::size_t width = letters(column.title);
  for (const Cell& cell : column.cells) width = std::max(width, letters(cell.text));
  return width;
}

// Takes out columns, those of the highest rank first, until the rest fits beside the names; returns their titles.
std::vector<std::string> keep_what_fits(std::vector<Column>& columns, std::size_t width, std::size_t name_width) {
  std::vector<std::string> left_out;
  for (;;) {
    std::size_t used = name_width;
    for (const Column& column : columns) used += width_of(column) + 2;  // a space before it, a marker after it
    const auto least = std::max_element(columns.begin(), columns.end(),
                                        [](const Column& a, const Column& b) { return a.rank < b.rank; });
    if (used <= width || least == columns.end() || least->rank == 0) return left_out;
    left_out.push_back(least->title);
    columns.erase(least);
  }
}

}  // namespace

std::string console_table(const Report& report, const TableStyle& style) {
  const Marks marks = marks_of(style);
  std::string out = head(report, style, marks);
  if (report.runs.empty()) return out + "no strategy has run\n";

  std::vector<Column> columns = columns_of(report, style.utf8);
  std::size_t name_width = kMinNameWidth;
  for (const Run& run : report.runs) name_width = std::max(name_width, letters(printable(run.strategy)));
  const std::vector<std::string> left_out = keep_what_fits(columns, style.width, std::min(name_width, kShownNameWidth));
  std::vector<std::size_t> widths;
  std::size_t used = 0;
  for (const Column& column : columns) {
    widths.push_back(width_of(column));
    used += widths.back() + 2;
  }
  name_width = std::min(name_width, std::max(kMinNameWidth, style.width - std::min(style.width, used)));

  std::string titles = pad_right("strategy", name_width);
  for (std::size_t i = 0; i < columns.size(); ++i)
    titles.append(" ").append(pad_left(columns[i].title, widths[i])).append(" ");
  titles.erase(titles.find_last_not_of(' ') + 1);
  out.append("\n").append(paint(style, "2", titles)).append("\n");
  bool is_marked = false;
  for (std::size_t row = 0; row < report.runs.size(); ++row) {
    std::string line = pad_right(cut(printable(report.runs[row].strategy), name_width), name_width);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Cell& cell = columns[i].cells[row];
      is_marked |= cell.mark != Mark::none;
      line.append(" ").append(cell_text(cell, widths[i], style, marks));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (report.runs[row].status != Status::ok)
      line.append("  ").append(how_far(report.runs[row], report.scenario.event_count));
    out.append(line).append("\n");
  }

  std::vector<std::string> notes;
  const bool has_intervals = std::ranges::any_of(report.runs, [](const Run& run) { return run.rounds > 1; });
  if (has_intervals)
    notes.push_back(
        fmt::format("times are medians over rounds, {} half of the 95 % interval", style.utf8 ? "±" : "+-"));
  if (is_marked) {
    const bool has_floor = std::any_of(report.runs.begin(), report.runs.end(),
                                       [](const Run& run) { return run.strategy == kFloorStrategy; });
    notes.push_back(fmt::format("{} best of its column{}{} worst{}{}", marks.best, marks.dot, marks.worst,
                                has_intervals ? ", where no interval overlaps theirs" : "",
                                has_floor ? marks.dot + "null is the harness's own floor" : ""));
  }
  if (!left_out.empty())
    notes.push_back(
        fmt::format("{} left out: a wider terminal shows them, and the report has all", fmt::join(left_out, ", ")));
  const std::vector<std::string> more = notes_of(report, columns);
  notes.insert(notes.end(), more.begin(), more.end());
  if (!notes.empty()) out += "\n";
  for (const std::string& note : notes) out.append(paint(style, "2", cut(printable(note), style.width))).append("\n");
  if (const std::optional<Advice> advice = advise(report, style.utf8)) {
    out += "\n";
    for (const std::string& text : advice_lines(*advice)) out += wrapped(printable(text), style.width);
  }
  return out;
}

}  // namespace vkmembench
