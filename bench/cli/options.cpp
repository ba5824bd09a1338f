#include "bench/cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "allocator/base/byte_text.h"
#include "allocator/base/suggest.h"
#include "bench/cli/command_tree.h"
#include "bench/run/exit_code.h"

namespace vkmembench {
namespace {

constexpr double kMostSeconds = 1e9;  // 31 years, in ns half of what 64 bits hold

bool is_positional(const std::string& name) { return !name.starts_with('-'); }

// An empty shell variable is no wish for the default.
std::string refuse_empty(const std::string& text) { return text.empty() ? "the name is empty; give one" : ""; }

// CLI11 takes a negative number for one near 2^64, and one above 2^64 for the largest.
std::string refuse_unless_natural(const std::string& text) {
  if (text.starts_with('-')) return fmt::format("{} is negative, and 0 or more is taken", text);
  return parse_digits(text) ? "" : fmt::format("'{}' is no whole number from 0 to 2^64 - 1", text);
}

// CLI11's own check of positive numbers takes a NaN.
std::string refuse_no_seconds(const std::string& text) {
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  const bool usable = end != text.c_str() && *end == '\0' && seconds > 0 && seconds <= kMostSeconds;
  return usable ? "" : fmt::format("'{}' is no number of seconds above 0 and at most {:.0f}", text, kMostSeconds);
}

// CLI11's own check neither suggests nor joins readably; its description is what --help shows.
CLI::Validator one_of(std::vector<std::string> choices) {
  std::string described = fmt::format("{{{}}}", fmt::join(choices, ","));
  const auto refuse = [choices = std::move(choices)](const std::string& text) {
    if (std::ranges::find(choices, text) != choices.end()) return std::string();
    return fmt::format("no '{}' here{}", text,
                       known_words(text, std::vector<std::string_view>(choices.begin(), choices.end())));
  };
  return {refuse, std::move(described), "choice"};
}

std::string refuse_no_seconds_or_none(const std::string& text) {
  char* end = nullptr;
  if (std::strtod(text.c_str(), &end) == 0 && end != text.c_str() && *end == '\0') return "";
  return refuse_no_seconds(text);
}

}  // namespace

void Options::flag(const std::string& name, const std::string& help, bool& value) { app_.add_flag(name, value, help); }

void Options::text(const std::string& name, const std::string& help, std::string& value) {
  CLI::Option* option = app_.add_option(name, value, help)->required(is_positional(name));
  if (!value.empty()) option->capture_default_str();
}

void Options::optional_text(const std::string& name, const std::string& help, std::string& value) {
  app_.add_option(name, value, help)->required(false);
}

void Options::required_text(const std::string& name, const std::string& help, std::string& value) {
  app_.add_option(name, value, help)->required();
}

void Options::output(const std::string& name, const std::string& help, std::string& value) {
  app_.add_option(name, value, help)->check(CLI::Validator(refuse_empty, "", "file_name"));
}

void Options::required_output(const std::string& name, const std::string& help, std::string& value) {
  app_.add_option(name, value, help)->check(CLI::Validator(refuse_empty, "", "file_name"))->required();
}

void Options::choice(const std::string& name, const std::string& help, std::string& value,
                     std::vector<std::string> choices) {
  CLI::Option* option = app_.add_option(name, value, help)->required(is_positional(name));
  option->check(one_of(std::move(choices)));
  if (!value.empty()) option->capture_default_str();
}

void Options::list(const std::string& name, const std::string& help, std::vector<std::string>& values) {
  CLI::Option* option = app_.add_option(name, values, help)->required(is_positional(name));
  if (!is_positional(name)) option->allow_extra_args(false);
}

void Options::optional_list(const std::string& name, const std::string& help, std::vector<std::string>& values) {
  app_.add_option(name, values, help)->required(false);
}

void Options::natural(const std::string& name, const std::string& help, std::optional<std::uint64_t>& value) {
  app_.add_option(name, value, help)->check(CLI::Validator(refuse_unless_natural, "", "natural_number"));
}

void Options::number(const std::string& name, const std::string& help, std::uint32_t& value, std::uint32_t least,
                     std::uint32_t most) {
  app_.add_option(name, value, help)->check(CLI::Range(least, most))->capture_default_str();
}

void Options::seconds(const std::string& name, const std::string& help, double& value) {
  app_.add_option(name, value, help)->check(CLI::Validator(refuse_no_seconds, "SECONDS", "some_seconds"));
}

void Options::seconds_or_none(const std::string& name, const std::string& help, std::optional<double>& value) {
  app_.add_option(name, value, help)->check(CLI::Validator(refuse_no_seconds_or_none, "SECONDS", "seconds_or_none"));
}

void Options::action(std::function<ExitCode(const CommandContext&)> run) {
  app_.callback([this_context = &context_, run = std::move(run)] { this_context->action = run; });
}

std::function<ProgramTree()> Options::program() const {
  return [program = app_.get_parent()] { return program_tree(*program); };
}

}  // namespace vkmembench
