#include <fmt/format.h>

#include "allocator/base/os/atomic_file.h"
#include "bench/cli/commands.h"
#include "bench/cli/log.h"
#include "bench/cli/outputs.h"
#include "bench/cli/terminal.h"
#include "bench/run/exit_code.h"
#include "reports/show/exporters.h"
#include "reports/show/html.h"
#include "reports/store/store.h"

namespace vkmembench {
namespace {

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Exporter& exporter : exporters()) names.emplace_back(exporter.name);
  return names;
}

struct ReportArguments {
  std::vector<std::string> reports;
  std::string format;
  std::string output;
};

// The format that was named, or else the one of the output's extension.
const Exporter& format_of(const ReportArguments& arguments) {
  const Exporter* found =
      arguments.format.empty() ? exporter_for_file(arguments.output) : find_exporter(arguments.format);
  if (found == nullptr)
    throw Error(fmt::format("{}: its ending names no format; add --format {}", arguments.output,
                            fmt::join(format_names(), " or --format ")));
  return *found;
}

// The stores that are named, oldest first; none where reports are. Throws Error for a mixture of both.
std::vector<std::filesystem::path> stores_named(const ReportArguments& arguments) {
  std::vector<std::filesystem::path> stores;
  std::string other;
  for (const std::string& path : arguments.reports) {
    std::error_code ignored;
    const std::vector<std::filesystem::path> found =
        std::filesystem::is_directory(path, ignored) ? stores_of(path) : std::vector<std::filesystem::path>{};
    if (found.empty()) other = path;
    stores.insert(stores.end(), found.begin(), found.end());
  }
  if (!stores.empty() && !other.empty())
    throw Error(fmt::format("{}: is no store, as {} is; show them apart", other, stores.front().string()));
  return stores;
}

ExitCode report_stores(const std::vector<std::filesystem::path>& stores, const ReportArguments& arguments) {
  if (arguments.output.empty() || format_of(arguments).name != "html")
    throw Error("a store is shown as a page; add -o FILE.html");
  for (const std::filesystem::path& store : stores) static_cast<void>(read_store_head(store));
  write_file(arguments.output, html_page(std::span(stores)));
  log_info(fmt::format("html: {}{}", arguments.output,
                       stores.size() == 1 ? "" : fmt::format(", the last of {} stores and the trend", stores.size())));
  return ExitCode::done;
}

ExitCode report(const ReportArguments& arguments, const CommandContext& context) {
  if (const std::vector<std::filesystem::path> stores = stores_named(arguments); !stores.empty())
    return report_stores(stores, arguments);
  if (!arguments.format.empty() && arguments.output.empty())
    throw Error(fmt::format("--format {} needs a file to write; add -o FILE, or -o - for stdout", arguments.format));
  const std::vector<std::filesystem::path> inputs(arguments.reports.begin(), arguments.reports.end());
  refuse_input_as_output(arguments.output, inputs);
  const Exporter* format = arguments.output.empty() ? nullptr : &format_of(arguments);
  // All are read before anything is written.
  std::vector<ReportText> texts;
  std::vector<Report> outlines;
  for (const std::string& file : arguments.reports) {
    texts.push_back(read_report_text(file));
    outlines.push_back(read_outline(texts.back()));
  }
  if (format != nullptr) {
    const Exported exported = format->write(texts);
    write_file(arguments.output, exported.text);
    for (const std::string& warning : exported.warnings) log_warning(warning);
    log_info(
        fmt::format("{}: {}{}{}", format->name, arguments.output, exported.taken.empty() ? "" : ", ", exported.taken));
    return ExitCode::done;
  }
  const TableStyle style = table_style(context);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (context.json)
      fmt::print("{}", texts[i].json);
    else
      fmt::print("{}{}", i == 0 ? "" : "\n", console_table(outlines[i], style));
  }
  return ExitCode::done;
}

}  // namespace

void add_report(Options& options) {
  const auto arguments = std::make_shared<ReportArguments>();
  options.list("REPORT", "reports of `vkmembench run`, or stores of `merge`", arguments->reports);
  options.choice("--format", "what to write; default: by the ending of -o", arguments->format, format_names());
  options.output("-o,--output", "FILE, or - for stdout; without it tables are printed", arguments->output);
  options.action([arguments](const CommandContext& context) { return report(*arguments, context); });
}

}  // namespace vkmembench
