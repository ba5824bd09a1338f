#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <new>
#include <sstream>
#include <system_error>

#include "allocator/base/os/signals.h"
#include "allocator/base/os/standard_streams.h"
#include "allocator/base/os/terminal.h"
#include "allocator/base/suggest.h"
#include "bench/cli/command.h"
#include "bench/cli/listening.h"
#include "bench/cli/log.h"
#include "bench/cli/options.h"
#include "bench/run/build_info.h"
#include "bench/run/exit_code.h"
#include "reports/text/printable.h"
#include "scenarios/json/problems.h"

namespace vkmembench {
namespace {

int fail(std::string_view message, ExitCode code) {
  const std::string line = "vkmembench: " + printable(message) + "\n";
  std::fputs(line.c_str(), stderr);
  return static_cast<int>(code);
}

// Each on a line of its own; what is said of them all follows.
void print_lines(const SeveralErrors& errors) {
  for (const std::string& line : errors.lines()) std::fputs((printable(line) + "\n").c_str(), stderr);
}

// A reader that left has what it wanted, and the command ends as it would have.
int fail_stdout(ExitCode code) {
  if (reader_left()) return static_cast<int>(code);
  return fail("stdout cannot be written: the result is incomplete; check the disk", ExitCode::internal);
}

// A result that could not be written is a failure, however late it shows.
int finish(ExitCode code) {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return fail_stdout(code);
  return static_cast<int>(code);
}

std::vector<const CLI::App*> typed_commands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* sub) { return sub->parsed(); });
}

// What stands where a sub-command should, empty when nothing does: CLI11 tells it only by what is left over.
std::string mistyped_command(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  return !typed_commands(app).empty() || rest.empty() || rest.front().starts_with('-') ? "" : rest.front();
}

// The first word that looks like an option and is none, empty without one.
std::string mistyped_option(const CLI::App& app) {
  for (const std::string& word : app.remaining(true)) {
    if (word.size() > 1 && word.starts_with('-')) return word.substr(0, word.find('='));
  }
  return "";
}

// The options of the sub-command that was typed, and those that all have.
std::vector<std::string> known_options(const CLI::App& app) {
  std::vector<std::string> names;
  const auto add = [&](const CLI::App& one) {
    for (const CLI::Option* option : one.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      if (option->get_lnames().empty() && !option->get_snames().empty())
        names.push_back("-" + option->get_snames().front());
    }
  };
  for (const CLI::App* typed : typed_commands(app)) add(*typed);
  add(app);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string usage_error(const CLI::App& app, std::string_view problem) {
  const std::string mistyped = mistyped_command(app);
  if (mistyped.empty()) {
    const std::vector<const CLI::App*> typed = typed_commands(app);
    const std::string command = typed.empty() ? "" : " " + typed.front()->get_name();
    if (const std::string option = mistyped_option(app); !option.empty()) {
      const std::vector<std::string> names = known_options(app);
      return fmt::format("no option '{}'{}; `vkmembench{} --help` says how they are used", option,
                         known_words(option, std::vector<std::string_view>(names.begin(), names.end())), command);
    }
    return fmt::format("{}; `vkmembench{} --help` says how it is used", problem, command);
  }
  std::vector<std::string_view> names;
  for (const Command& command : commands()) {
    if (!command.description.empty()) names.push_back(command.name);
  }
  return fmt::format("no sub-command '{}'{}", mistyped, known_words(mistyped, names));
}

void set_color(CommandContext& context, const std::string& mode) {
  context.color = mode == "auto" ? ColorMode::automatic : mode == "always" ? ColorMode::always : ColorMode::never;
}

}  // namespace

bool CommandContext::use_color() const {
  if (color != ColorMode::automatic) return color == ColorMode::always;
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && takes_escapes(Stream::output);
}

namespace {

int run_command(int argc, const char* const* argv) {
  hold_standard_streams();
  let_the_reader_leave();
  std::set_new_handler(end_without_memory);
  let_large_files_fail();
  CommandContext context;
  context.argv = utf8_arguments(argc, argv);
  CLI::App app("Benchmark and stress harness for Vulkan memory allocation strategies", "vkmembench");
  app.set_version_flag("--version",
                       fmt::format("vkmembench {} ({}, {}, {}), VMA {}", build_info().version, build_info().git_sha,
                                   build_info().build_type, build_info().compiler, build_info().vma_version));
  app.require_subcommand(1);
  app.fallthrough();
  app.allow_windows_style_options(false);  // on no system: paths begin so
  app.add_flag("--json", context.json, "print the result as JSON");
  app.add_flag("-q,--quiet", context.quiet, "print no progress and no notes");
  app.add_flag("-v,--verbose", context.verbose, "print more");
  app.add_option_function<std::string>(
         "--color", [&context](const std::string& mode) { set_color(context, mode); }, "when to colour what is printed")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.description));
    if (command.description.empty()) sub->group("");
    Options options(*sub, context);
    command.add(options);
  }
  app.footer(
      "Exit codes: 0 done; 1 internal error, output or a timeout; 2 bad input;\n"
      "3 regression or expectation not met; 4 inconclusive, when the policy says that fails;\n"
      "5 not comparable or nothing measured; 6 check failed;\n"
      "7 out of memory for a strategy in must_fit;\n"
      "77 no Vulkan device; 130 and 143 interrupted.");
  try {
    std::vector<const char*> words;
    for (const std::string& word : context.argv) words.push_back(word.c_str());
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::Success& success) {
    if (!mistyped_command(app).empty()) return fail(usage_error(app, success.what()), ExitCode::bad_input);
    std::ostringstream text;
    app.exit(success, text, text);
    std::fputs(text.str().c_str(), stdout);
    return finish(ExitCode::done);
  } catch (const CLI::ParseError& error) {
    return fail(usage_error(app, error.what()), ExitCode::bad_input);
  }
  set_up_log(context);
  handle_signals();
  try {
    return finish(context.action(context));
  } catch (const SeveralErrors& errors) {
    std::fflush(stdout);
    print_lines(errors);
    return fail(errors.what(), exit_code_of(errors));
  } catch (const Error& error) {
    std::fflush(stdout);
    return fail(error.what(), exit_code_of(error));
  } catch (const std::bad_alloc&) {  // that no operator new met
    end_without_memory();
  } catch (const std::system_error& error) {
    if (std::ferror(stdout) != 0) return fail_stdout(ExitCode::done);
    return fail(fmt::format("internal error: {}", error.what()), ExitCode::internal);
  } catch (const std::exception& error) {
    return fail(fmt::format("internal error: {}", error.what()), ExitCode::internal);
  }
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  const int code = run_command(argc, argv);
  if (!is_abandoned()) return code;
  // Drivers that still hold what was abandoned are not to be asked to clean up after it.
  std::fflush(nullptr);
  end_process({}, exit_code(code));
}

}  // namespace vkmembench
