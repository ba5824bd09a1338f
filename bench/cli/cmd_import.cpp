#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/byte_text.h"
#include "bench/cli/commands.h"
#include "bench/cli/imported.h"
#include "bench/cli/outputs.h"
#include "bench/run/exit_code.h"
#include "scenarios/importers/formats/import.h"
#include "scenarios/trace/trace_reader.h"
#include "scenarios/trace/trace_writer.h"

namespace vkmembench {
namespace {

// "threads", "one", or numbers of threads.
void parse_lanes(const std::string& text, ImportOptions& options) {
  options.lanes = ImportOptions::Lanes::named;
  if (text == "threads") options.lanes = ImportOptions::Lanes::each_thread;
  if (text == "one") options.lanes = ImportOptions::Lanes::one;
  if (options.lanes != ImportOptions::Lanes::named) return;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::optional<std::uint64_t> thread = parse_digits(text.substr(begin, end - begin));
    if (!thread || std::ranges::find(options.threads, *thread) != options.threads.end())
      throw Error(
          fmt::format("--lanes {}: is not 'threads', 'one', nor numbers of different threads with commas", text));
    options.threads.push_back(*thread);
    begin = end + 1;
  }
  if (options.threads.size() >= kMaxTraceLanes)
    throw Error(fmt::format("--lanes: names {} threads; name fewer than {}", options.threads.size(), kMaxTraceLanes));
}

const Importer* importer_by_name(const std::string& name) {
  const auto row = std::ranges::find(importers(), name, &Importer::name);
  return row == importers().end() ? nullptr : &*row;
}

void require_trace_name(const std::string& output) {
  if (is_stdout(output) || is_trace_file(output) || !is_replaceable(output)) return;
  throw Error(
      fmt::format("-o {}: a trace's name ends in .jsonl or .jsonl.zst; use such a name, or - for stdout", output));
}

}  // namespace

void add_import(Options& options) {
  struct Arguments {
    std::string file, from, output;
    std::string lanes = "threads";
    bool begun_late = false;
  };
  const auto arguments = std::make_shared<Arguments>();
  std::vector<std::string> formats;
  for (const Importer& importer : importers()) formats.emplace_back(importer.name);
  options.text("FILE", "recording, as `list importers` lists", arguments->file);
  options.choice("--from", "its format, where its content is not believed", arguments->from, std::move(formats));
  options.text("--lanes", "threads (a lane each), one, or A,B,... (for these)", arguments->lanes);
  options.flag("--begun-late", "leave out uses of objects from before it", arguments->begun_late);
  options.required_output("-o,--output", "trace.jsonl, trace.jsonl.zst, or - for stdout", arguments->output);
  options.action([arguments](const CommandContext&) {
    ImportOptions chosen;
    parse_lanes(arguments->lanes, chosen);
    chosen.begun_late = arguments->begun_late;
    require_trace_name(arguments->output);
    refuse_input_as_output(arguments->output, std::vector<std::filesystem::path>{arguments->file});
    const Imported imported = import_trace(arguments->file, importer_by_name(arguments->from), chosen);
    const Trace& trace = imported.trace;
    write_trace(trace, arguments->output);
    log_trace(trace, imported.left_out, arguments->output);
    return ExitCode::done;
  });
}

}  // namespace vkmembench
