#include "bench/fleet/attempt.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "allocator/base/os/atomic_file.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

fs::path attempt_file(const fs::path& folder, const PlanCell& cell) {
  return folder / "attempts" / (cell.name + ".json");
}

}  // namespace

std::optional<Attempt> read_attempt(const fs::path& folder, const PlanCell& cell) {
  std::ifstream stream(attempt_file(folder, cell), std::ios::binary);
  if (!stream) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    Attempt attempt;
    attempt.count = json.at("attempts").get<std::uint32_t>();
    if (!json.at("exit").is_null()) attempt.exit = json.at("exit").get<int>();
    attempt.line = json.at("line").get<std::string>();
    return attempt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

void write_attempt(const fs::path& folder, const PlanCell& cell, const Attempt& attempt) {
  const fs::path file = attempt_file(folder, cell);
  make_folder(file.parent_path());
  const nlohmann::ordered_json json = {
      {"attempts", attempt.count},
      {"exit", attempt.exit ? nlohmann::ordered_json(*attempt.exit) : nlohmann::ordered_json()},
      {"line", attempt.line}};
  write_file(file, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void forget_attempt(const fs::path& folder, const PlanCell& cell) {
  std::error_code ignored;
  fs::remove(attempt_file(folder, cell), ignored);
}

CellState state_of(const fs::path& folder, const PlanCell& cell) {
  std::error_code ignored;
  if (fs::is_regular_file(report_file(folder, cell), ignored)) return CellState::done;
  const std::optional<Attempt> attempt = read_attempt(folder, cell);
  return attempt && attempt->count >= kMostAttempts ? CellState::given_up : CellState::missing;
}

std::string why_missing(const fs::path& folder, const PlanCell& cell) {
  const std::optional<Attempt> attempt = read_attempt(folder, cell);
  if (!attempt) return "never run";
  const std::string often = attempt->count == 1 ? "" : fmt::format("{} attempts, the last: ", attempt->count);
  const std::string exit = attempt->exit ? fmt::format("exit {}: ", *attempt->exit) : "";
  return often + exit + attempt->line;
}

}  // namespace vkmembench
