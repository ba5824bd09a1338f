// Stands in for a build of the program in the tests of `ab`: answers `run` with a report whose times are its own. What
// it is to say stands in JSON on the last line of its own file, for a copy with another such line is another build.

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>

namespace {

std::string read_whole(const std::string& file) {
  std::ifstream input(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
}

std::string value_of(std::string_view flag, int argc, const char* const* argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == flag) return argv[i + 1];
  }
  return {};
}

// A trace hash that the seed alone decides, as that of a generated trace.
std::string hash_of(std::string_view seed) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char letter : seed) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string self = read_whole(argv[0]);
  const nlohmann::json orders = nlohmann::json::parse(self.substr(self.rfind('\n') + 1));
  if (orders.contains("fails")) {
    std::cerr << orders["fails"].get<std::string>() << '\n';
    return 77;
  }
  std::mt19937_64 random(std::random_device{}());
  const double noise = orders["noise"].get<double>();
  const double times = orders["slower"].get<double>() * (1 + 0.005 * std::uniform_real_distribution<>()(random)) *
                       std::exp(noise * std::normal_distribution<>()(random));
  nlohmann::json report = nlohmann::json::parse(read_whole(orders["report"].get<std::string>()));
  report["scenario"]["trace_hash"] =
      orders["trace"].is_null() ? hash_of(value_of("--seed", argc, argv)) : orders["trace"].get<std::string>();
  nlohmann::json& run = report["runs"][0];
  run["histograms"] = nlohmann::json::array();
  for (nlohmann::json& metric : run["metrics"]) {
    const std::string id = metric["id"].get<std::string>();
    if (id.starts_with("time.") && metric["value"] != 0) metric["value"] = metric["value"].get<double>() * times;
    if (id == "throughput.ops_per_s") metric["value"] = metric["value"].get<double>() / times;
  }
  const std::string target = value_of("-o", argc, argv);
  if (target == "-")
    std::cout << report.dump();
  else
    std::ofstream(target, std::ios::binary) << report.dump();
  return 0;
}
