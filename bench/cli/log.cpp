#include "bench/cli/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <utility>

#include "reports/text/printable.h"

namespace vkmembench {
namespace {

// A message on one line: inputs may hold anything, file names too.
class PrintableMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& to) override {
    const std::string line = printable({message.payload.data(), message.payload.size()});
    to.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PrintableMessage>();
  }
};

void log(spdlog::level::level_enum level, std::string_view message) {
  spdlog::log(level, spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace

void set_up_log(const CommandContext& context) {
  auto logger = std::make_shared<spdlog::logger>("vkmembench", std::make_shared<spdlog::sinks::stderr_sink_st>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<PrintableMessage>('*').set_pattern("%*");
  logger->set_formatter(std::move(formatter));
  logger->set_level(context.verbose ? spdlog::level::debug : context.quiet ? spdlog::level::err : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_info(std::string_view message) { log(spdlog::level::info, message); }
void log_warning(std::string_view message) { log(spdlog::level::warn, message); }
void log_error(std::string_view message) { log(spdlog::level::err, message); }

}  // namespace vkmembench
