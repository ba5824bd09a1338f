#include "bench/fleet/run_shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "allocator/base/byte_text.h"
#include "allocator/base/error.h"
#include "allocator/base/os/atomic_file.h"
#include "allocator/base/os/child_process.h"
#include "allocator/base/os/input_file.h"
#include "allocator/base/os/machine.h"
#include "allocator/base/os/own_program.h"
#include "allocator/base/os/scratch_folder.h"
#include "bench/fleet/attempt.h"
#include "bench/run/exit_code.h"
#include "reports/json/report_reader.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kMostShards = 1'000'000;

std::optional<std::uint32_t> shard_number(std::string_view text) {
  const std::optional<std::uint64_t> number = parse_digits(text);
  if (!number || *number > kMostShards) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

ShardChoice checked(std::optional<std::uint32_t> index, std::optional<std::uint32_t> count, const std::string& from) {
  if (!index || !count || *index < 1 || *index > *count)
    throw Error(fmt::format("{} is no shard I/N with I from 1 to N, such as 3/12; give one by --shard", from));
  return {*index, *count, from};
}

// What a run says of itself by its exit code, where it ended and its report tells the rest.
bool is_told_by_report(int code) {
  constexpr std::array kCodes = {ExitCode::done, ExitCode::regression, ExitCode::not_comparable, ExitCode::check_failed,
                                 ExitCode::out_of_memory};
  return std::ranges::any_of(kCodes, [&](ExitCode known) { return code == static_cast<int>(known); });
}

std::string without_prefix(const std::string& line) {
  constexpr std::string_view kPrefix = "vkmembench: ";
  return line.starts_with(kPrefix) ? line.substr(kPrefix.size()) : line;
}

std::string last_words(const ChildEnd& end) {
  constexpr int kSignal = 128;
  if (!end.reason.empty()) return without_prefix(end.reason);
  return end.code > kSignal ? fmt::format("was ended by signal {}, and said nothing", end.code - kSignal)
                            : "said nothing";
}

// Why the text is no whole report of one run; empty when it is.
std::string what_is_wrong(const ReportText& text) {
  try {
    const StoredReport report = read_report(text);
    if (report.head.status != Status::ok || report.runs.size() != 1) return "its report is not whole";
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

ShardChoice choose_shard(const std::string& typed, const std::function<const char*(const char* name)>& variable) {
  const auto text = [&](const char* name) -> std::string {
    const char* value = variable(name);
    return value == nullptr ? "" : value;
  };
  if (!typed.empty()) {
    const std::size_t slash = std::min(typed.find('/'), typed.size() - 1);
    return checked(shard_number(std::string_view(typed).substr(0, slash)),
                   shard_number(std::string_view(typed).substr(slash + 1)), fmt::format("--shard '{}'", typed));
  }
  if (const std::string task = text("SLURM_ARRAY_TASK_ID"); !task.empty()) {
    const std::string from =
        fmt::format("SLURM_ARRAY_TASK_ID={} of SLURM_ARRAY_TASK_COUNT={}", task, text("SLURM_ARRAY_TASK_COUNT"));
    const auto id = shard_number(task);
    const auto count = shard_number(text("SLURM_ARRAY_TASK_COUNT"));
    const std::uint32_t first = shard_number(text("SLURM_ARRAY_TASK_MIN")).value_or(1);
    const auto last = shard_number(text("SLURM_ARRAY_TASK_MAX"));
    // Of an array with gaps nobody can tell which shards it is meant to be.
    if (id && count && last && *last - first + 1 != *count)
      return checked(std::nullopt, count, from + ", an array with gaps,");
    return checked(id && *id >= first ? std::optional(*id - first + 1) : std::nullopt, count, from);
  }
  if (const std::string index = text("CI_NODE_INDEX"); !index.empty()) {
    const std::string total = text("CI_NODE_TOTAL");
    return checked(shard_number(index), shard_number(total),
                   fmt::format("CI_NODE_INDEX={} of CI_NODE_TOTAL={}", index, total));
  }
  return {};
}

ShardResult run_shard(const Plan& plan, const fs::path& folder, const Shard& shard, const StopFlag& stop,
                      const ShowCell& show) {
  ShardResult result;
  const std::string program = own_program().string();
  const ScratchFolder scratch;
  make_folder(folder / "reports");
  for (std::size_t i = 0; i < shard.cells.size() && !stop.raised(); ++i) {
    const PlanCell& cell = *shard.cells[i];
    const CellState state = state_of(folder, cell);
    if (state != CellState::missing) {
      ++(state == CellState::done ? result.done : result.left_to);
      continue;
    }
    show(cell, i);
    const std::optional<Attempt> before = read_attempt(folder, cell);
    Attempt attempt;
    attempt.count = (before ? before->count : 0) + 1;
    attempt.line = fmt::format("started on {}, and did not end", host_name());
    write_attempt(folder, cell, attempt);

    std::vector<std::string> argv = arguments_of(plan, cell);
    argv.insert(argv.begin(), program);
    argv.insert(argv.end(), {"-q", "--color", "never", "-o", "-"});
    const fs::path written = fs::absolute(scratch.path() / "report.json");
    const ChildEnd end = run_child(argv, written, fs::absolute(scratch.path() / "stderr"), stop, folder);
    if (stop.raised()) {
      if (before)
        write_attempt(folder, cell, *before);
      else
        forget_attempt(folder, cell);
      break;
    }
    attempt.exit = end.code;
    attempt.line = end.code == 0 ? "" : last_words(end);
    if (is_told_by_report(end.code)) {
      const ReportText text{written.string(), read_file(written)};
      const std::string wrong = what_is_wrong(text);
      if (wrong.empty()) {
        if (state_of(folder, cell) != CellState::done) write_file(report_file(folder, cell), text.json);
        ++result.run;
        if (end.code == 0) {
          forget_attempt(folder, cell);
        } else {
          write_attempt(folder, cell, attempt);
          result.told.push_back({&cell, end.code, attempt.line});
        }
        continue;
      }
      if (end.code == 0) attempt.line = wrong;
    }
    write_attempt(folder, cell, attempt);
    result.failed.push_back({&cell, end.code, attempt.line});
  }
  return result;
}

}  // namespace vkmembench
