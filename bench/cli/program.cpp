#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <new>

#include "bench/build_info.h"
#include "bench/cli/command.h"

namespace vkmembench {
namespace {

std::atomic<int> g_signal{0};  // NOLINT: a signal handler reaches nothing else

// The first signal asks the run to finish its operation; the second ends the program at once.
extern "C" void on_signal(int number) {
  if (g_signal.exchange(number) != 0) _exit(128 + number);
}

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// All that is not the result goes to stderr, a line each.
void set_up_log(const CommandContext& context) {
  auto logger = std::make_shared<spdlog::logger>("vkmembench", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("%v");
  logger->set_level(context.verbose ? spdlog::level::debug : context.quiet ? spdlog::level::err : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

int fail(const std::string& message, ExitCode code) {
  fmt::print(stderr, "vkmembench: {}\n", message);
  return static_cast<int>(code);
}

// A result that could not be written is a failure, however late it shows.
int finish(ExitCode code) {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    return fail("stdout cannot be written: the result is incomplete; check the disk or the reader", ExitCode::internal);
  return static_cast<int>(code);
}

}  // namespace

bool CommandContext::use_color() const {
  if (color != ColorMode::automatic) return color == ColorMode::always;
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && isatty(STDOUT_FILENO) == 1;
}

int run_program(int argc, const char* const* argv) {
  CommandContext context;
  context.argv.assign(argv, argv + argc);
  context.signal = &g_signal;
  CLI::App app("Benchmark and stress harness for Vulkan memory allocation strategies", "vkmembench");
  app.set_version_flag("--version",
                       fmt::format("vkmembench {} ({}, {}, {}), VMA {}", build_info().version, build_info().git_sha,
                                   build_info().build_type, build_info().compiler, build_info().vma_version));
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("--json", context.json, "print the result as JSON");
  app.add_flag("-q,--quiet", context.quiet, "print no progress and no notes");
  app.add_flag("-v,--verbose", context.verbose, "print more");
  app.add_option("--color", context.color, "auto, always or never")
      ->transform(CLI::CheckedTransformer(std::map<std::string, ColorMode>{
          {"auto", ColorMode::automatic}, {"always", ColorMode::always}, {"never", ColorMode::never}}));
  for (const Command& command : commands())
    command.add(*app.add_subcommand(std::string(command.name), std::string(command.description)), context);
  app.footer(
      "Exit codes: 0 done, 1 internal or output, 2 bad input, 3 expectation not met, 6 check failed,\n"
      "7 out of memory for a strategy in must_fit, 77 no Vulkan device, 130 interrupted.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    app.exit(success);
    return finish(ExitCode::done);
  } catch (const CLI::ParseError& error) {
    return fail(fmt::format("{}; `vkmembench --help` says how it is used", error.what()), ExitCode::bad_input);
  }
  set_up_log(context);
  handle_signals();
  try {
    return finish(context.action(context));
  } catch (const Error& error) {
    std::fflush(stdout);
    return fail(error.what(), error.code());
  } catch (const std::bad_alloc&) {
    return fail("the machine is out of memory; use a smaller scale", ExitCode::internal);
  } catch (const std::exception& error) {
    return fail(fmt::format("internal error: {}", error.what()), ExitCode::internal);
  }
}

}  // namespace vkmembench
