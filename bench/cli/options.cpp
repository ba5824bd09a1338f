#include "bench/cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>

namespace vkmembench {
namespace {

bool is_positional(const std::string& name) { return !name.starts_with('-'); }

// CLI11 takes a negative number for one near 2^64.
std::string refuse_negative(const std::string& text) {
  return text.starts_with('-') ? fmt::format("{} is negative, and 0 or more is taken", text) : "";
}

// CLI11's own check of positive numbers takes a NaN.
std::string refuse_no_seconds(const std::string& text) {
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  const bool usable = end != text.c_str() && *end == '\0' && seconds > 0 && std::isfinite(seconds);
  return usable ? "" : fmt::format("'{}' is no number of seconds above 0", text);
}

}  // namespace

void Options::flag(const std::string& name, const std::string& help, bool& value) { app_.add_flag(name, value, help); }

void Options::text(const std::string& name, const std::string& help, std::string& value) {
  CLI::Option* option = app_.add_option(name, value, help)->required(is_positional(name));
  if (!value.empty()) option->capture_default_str();
}

void Options::required_text(const std::string& name, const std::string& help, std::string& value) {
  app_.add_option(name, value, help)->required();
}

void Options::choice(const std::string& name, const std::string& help, std::string& value,
                     std::vector<std::string> choices) {
  CLI::Option* option = app_.add_option(name, value, help)->required(is_positional(name));
  option->check(CLI::IsMember(std::move(choices)));
  if (!value.empty()) option->capture_default_str();
}

void Options::list(const std::string& name, const std::string& help, std::vector<std::string>& values) {
  CLI::Option* option = app_.add_option(name, values, help)->required(is_positional(name));
  if (!is_positional(name)) option->allow_extra_args(false);
}

void Options::natural(const std::string& name, const std::string& help, std::optional<std::uint64_t>& value) {
  app_.add_option(name, value, help)->check(CLI::Validator(refuse_negative, "", "natural_number"));
}

void Options::number(const std::string& name, const std::string& help, std::uint32_t& value, std::uint32_t least,
                     std::uint32_t most) {
  app_.add_option(name, value, help)->check(CLI::Range(least, most))->capture_default_str();
}

void Options::seconds(const std::string& name, const std::string& help, double& value) {
  app_.add_option(name, value, help)->check(CLI::Validator(refuse_no_seconds, "SECONDS", "some_seconds"));
}

void Options::action(std::function<ExitCode(const CommandContext&)> run) {
  app_.callback([this_context = &context_, run = std::move(run)] { this_context->action = run; });
}

}  // namespace vkmembench
