#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/json/report_reader.h"

namespace vkmembench {

// A store is a folder of reports of one strategy each: reports/AB/ABCD....json.zst by the hash of what they say, and
// index.jsonl, whose first line is what they have in common and every other a cell (`vkmembench schema store`).

[[nodiscard]] std::filesystem::path store_index(const std::filesystem::path& store);
[[nodiscard]] std::filesystem::path stored_report(const std::filesystem::path& store, const std::string& hash);
// SHA-256 of {"scenario":...,"runs":...} of the report, as compact JSON: when, where and by whom it was made has no
// say.
[[nodiscard]] std::string report_hash(const nlohmann::ordered_json& report);

// "0.1.0 (git 0123abcd, Release, GNU 12.2.0, -O3)" of the `tool` of a report or store. Throws nlohmann's exceptions.
[[nodiscard]] std::string tool_name(const nlohmann::ordered_json& tool);

// What a cell is besides its report.
struct StoreCell {
  std::uint32_t number = 0;
  std::string name;
  std::vector<std::pair<std::string, std::string>> set;
  std::string device;  // its selector
  std::uint32_t repeat = 1;
  std::optional<int> exit;  // how its run ended where it had something to tell, and what that is
  std::string line;
};
// A cell without a report.
struct MissingCell {
  std::uint32_t number = 0;
  std::string name;
  std::string why;
};

// Writes a store. Reports appear at once, each whole; the index, which makes them part of the store, with finish().
// What was added and not finished goes away with the object, and a store that was there is as it was.
class StoreWriter {
 public:
  explicit StoreWriter(std::filesystem::path store) : store_(std::move(store)) {}
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;
  ~StoreWriter();

  // Requires the JSON of a report of one run, cells in the order of their numbers. Throws Error when the disk is full.
  void add(const StoreCell& cell, const ReportText& text, const nlohmann::ordered_json& report);
  // Throws the same. Requires an add().
  void finish(const std::string& plan, std::size_t cells, const std::vector<MissingCell>& missing);

 private:
  [[nodiscard]] nlohmann::ordered_json metrics_of(const nlohmann::ordered_json& run);

  std::filesystem::path store_;
  std::vector<std::filesystem::path> made_;  // files and folders, unless finished
  nlohmann::ordered_json tool_;
  nlohmann::ordered_json devices_ = nlohmann::ordered_json::object();
  nlohmann::ordered_json metrics_ = nlohmann::ordered_json::object();
  std::map<std::string, std::array<std::string, 3>, std::less<>> kinds_;  // of metrics_: unit, class, better
  std::string lines_;
};

// The first line of a store's index. Throws Error for a folder that is none, and another version.
[[nodiscard]] nlohmann::ordered_json read_store_head(const std::filesystem::path& store);

// Calls visit() with every cell of the index, in its order. Throws Error with the line that is none.
void for_each_cell(const std::filesystem::path& store, const std::function<void(nlohmann::ordered_json& cell)>& visit);

// The stores that a path leads to: the one that it is, or those in the folders in it, by name; none where there is
// none.
[[nodiscard]] std::vector<std::filesystem::path> stores_of(const std::filesystem::path& path);

}  // namespace vkmembench
