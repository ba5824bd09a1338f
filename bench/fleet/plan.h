#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vkmembench {

// What the nodes have that serve some of a plan's devices. Empty: any node does.
struct NodeClass {
  std::string constraint;  // of Slurm
  std::string gres;        // of Slurm, such as "gpu:h100:1"
  std::string runs_on;     // label of GitHub's runners
  bool operator==(const NodeClass&) const = default;
};

// One run of a plan, with one strategy and a report of its own.
struct PlanCell {
  std::uint32_t number = 0;  // from 1
  std::string name;          // of its report, without ending; begins with the number
  std::size_t node_class = 0;
  std::string scenario;  // as typed to `run` in the plan's folder
  std::optional<std::uint64_t> seed;
  std::vector<std::pair<std::string, std::string>> set;
  std::string strategy;  // likewise
  std::string device;    // likewise
  std::uint32_t repeat = 1;
  double seconds = 0;  // that it is thought to take
};

// Every run of a matrix, numbered, each independent of the others.
struct Plan {
  std::string id;    // a hash of all that is run
  std::string tool;  // what made it, "0.1.0 (git 0123abcd)"
  std::vector<NodeClass> classes;
  std::vector<std::string> flags;  // of every run
  std::uint32_t shards = 1;
  std::vector<PlanCell> cells;
};

// What is typed to the program, in the plan's folder, for the cell's report; `-o` is left to who runs it.
[[nodiscard]] std::vector<std::string> arguments_of(const Plan& plan, const PlanCell& cell);
// The hash of everything that plan's cells run, which does not depend on what they are thought to take.
[[nodiscard]] std::string plan_id(const Plan& plan);

// Cells that run one after the other on one node.
struct Shard {
  std::size_t node_class = 0;
  std::vector<const PlanCell*> cells;  // by number
  double seconds = 0;
};
// The cells in so many shards of about equal length; none has cells of two classes of nodes, unless there are fewer
// shards than classes. The same plan and count give the same shards.
[[nodiscard]] std::vector<Shard> shards_of(const Plan& plan, std::uint32_t count);

// The files of a plan's folder.
[[nodiscard]] std::filesystem::path plan_file(const std::filesystem::path& folder);
[[nodiscard]] std::filesystem::path report_file(const std::filesystem::path& folder, const PlanCell& cell);

// Throws Error for a folder without a plan, and for one that this program does not read.
[[nodiscard]] Plan read_plan(const std::filesystem::path& folder);
[[nodiscard]] Plan read_plan_file(const std::filesystem::path& file);
// Writes the plan into a folder, made with its parents; of a plan that is there already nothing changes, and it is what
// comes back. Throws Error when the folder holds another plan, or other files.
Plan keep_plan(const Plan& plan, const std::filesystem::path& folder);

}  // namespace vkmembench
