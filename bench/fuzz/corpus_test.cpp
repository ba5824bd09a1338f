// Every fuzzer over its corpus: what to begin with, and what once broke something.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "bench/fuzz/fuzzers.h"
#include "cmake/source_dir.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

fs::path corpus() { return source_dir() + "/bench/fuzz/corpus"; }

class Corpus : public testing::TestWithParam<Fuzzer> {};
INSTANTIATE_TEST_SUITE_P(Table, Corpus, testing::ValuesIn(fuzzers().begin(), fuzzers().end()),
                         [](const auto& row) { return std::string(row.param.name); });

// A fuzzer ends the process for what it finds.
TEST_P(Corpus, HoldsNothingThatBreaks) {
  std::size_t count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(corpus() / GetParam().name)) {
    SCOPED_TRACE(entry.path());
    const std::string bytes = text_of(entry.path());
    GetParam().run(bytes);
    GetParam().run(std::string_view(bytes).substr(0, bytes.size() / 2));
    ++count;
  }
  EXPECT_GE(count, 2u);
}

TEST(CorpusTable, HasARowForEveryFolder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(corpus())) {
    const auto named = [&](const Fuzzer& fuzzer) { return fuzzer.name == entry.path().filename().string(); };
    EXPECT_TRUE(std::ranges::any_of(fuzzers(), named)) << entry.path();
  }
}

}  // namespace
}  // namespace vkmembench
