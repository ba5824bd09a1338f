// What holds for every importer of the table.
#include "scenarios/importers/formats/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "allocator/base/error.h"
#include "scenarios/importers/formats/import_testing.h"
#include "scenarios/random/random_trace_test.h"
#include "scenarios/trace/trace_reader.h"
#include "scenarios/trace/trace_writer.h"

namespace vkmembench::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::vector<fs::path> sample_files() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(samples_folder())) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

class Samples : public ::testing::TestWithParam<fs::path> {};
INSTANTIATE_TEST_SUITE_P(Files, Samples, ::testing::ValuesIn(sample_files()), [](const auto& file) {
  std::string name = file.param.filename().string();
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
});

TEST_P(Samples, SurviveBeingWrittenAndReadAgain) {
  const Imported imported = import_sample(GetParam().filename().string());
  const TemporaryFolder folder;
  write_trace(imported.trace, folder.path() / "t.jsonl.zst");
  const Trace again = read_trace(folder.path() / "t.jsonl.zst", 0);
  EXPECT_EQ(again.hash, imported.trace.hash);
  EXPECT_EQ(again.recorded.recorder, imported.trace.recorded.recorder);
  EXPECT_EQ(again.recorded.device.has_value(), imported.trace.recorded.device.has_value());
  EXPECT_EQ(again.recorded.placements.size(), imported.trace.recorded.placements.size());
  EXPECT_EQ(again.recorded.blocks.size(), imported.trace.recorded.blocks.size());
}

// Wherever it is cut it is refused with one line, or what is left of it is a recording.
TEST_P(Samples, AreRefusedOrReadWhereTheyAreCut) {
  const std::string whole = file_text(GetParam());
  for (std::size_t size = 1; size < whole.size(); size += 1 + whole.size() / 97) {
    const std::string said = error_of([&] { static_cast<void>(import_text(whole.substr(0, size))); });
    EXPECT_TRUE(said == "no error" || said.find("recording") != std::string::npos) << said;
  }
}

TEST_P(Samples, AreRefusedWithALineWithoutEnd) {
  const std::string text = file_text(GetParam());
  const std::string head = text.substr(0, text.find('\n') + 1);
  const std::string long_line(std::size_t{9} << 20, 'x');
  const std::string said = error_of([&] { static_cast<void>(import_text(head + long_line, {}, importer_of(text))); });
  EXPECT_THAT(said, HasSubstr("8 MiB"));
}

TEST_P(Samples, HaveTheSameEventsOnOneLane) {
  ImportOptions one;
  one.lanes = ImportOptions::Lanes::one;
  const Imported imported = import_sample(GetParam().filename().string(), one);
  EXPECT_EQ(imported.trace.lanes.size(), 1u);
  EXPECT_EQ(imported.trace.events.size(), import_sample(GetParam().filename().string()).trace.events.size());
}

TEST(Importers, HaveASampleEach) {
  std::set<std::string_view> sampled;
  for (const fs::path& file : sample_files()) {
    const Importer* importer = importer_of(file_text(file));
    ASSERT_NE(importer, nullptr) << file;
    sampled.insert(importer->name);
  }
  for (const Importer& importer : importers()) {
    EXPECT_EQ(sampled.contains(importer.name), importer.command == "vkmembench import") << importer.name;
  }
}

TEST(Importers, RefuseWhatIsOfNoFormat) {
  EXPECT_THAT(error_of([] { static_cast<void>(import_text("x,y\n1,2\n")); }), HasSubstr("list importers"));
  EXPECT_THAT(error_of([] { static_cast<void>(import_text("")); }), HasSubstr("is empty"));
  EXPECT_THAT(error_of([] { static_cast<void>(import_text(R"({"schema": "vkmembench.trace/1"})")); }),
              HasSubstr("is a trace"));
  EXPECT_THAT(error_of([] { static_cast<void>(import_text("id,lower,upper,size\n")); }),
              HasSubstr("nothing is allocated in it"));
}

constexpr std::string_view kTwoThreads =
    "Thread,Time,Action,Pointer,Size,Stream\n"
    "30,0,allocate,0x10,64,0\n10,0,allocate,0x20,64,0\n20,0,allocate,0x30,64,0\n30,0,free,0x10,64,0\n";

std::vector<std::uint16_t> lanes_with(const ImportOptions& options) {
  std::vector<std::uint16_t> lanes;
  const Imported imported = import_text(kTwoThreads, options);
  for (const Event& event : imported.trace.events) lanes.push_back(event.lane);
  return lanes;
}

TEST(Importers, GiveThreadsLanes) {
  using Lanes = ImportOptions::Lanes;
  EXPECT_THAT(lanes_with({}), ::testing::ElementsAre(0, 0, 1, 2, 0));
  EXPECT_THAT(lanes_with({.lanes = Lanes::one}), ::testing::ElementsAre(0, 0, 0, 0, 0));
  EXPECT_THAT(lanes_with({.lanes = Lanes::named, .threads = {10, 30}}), ::testing::ElementsAre(0, 2, 1, 0, 2));
  EXPECT_THAT(error_of([] {
                static_cast<void>(lanes_with({.lanes = Lanes::named, .threads = {10, 11}}));
              }),
              HasSubstr("names thread 11"));
}

TEST(Importers, RefuseMoreThreadsThanLanes) {
  std::string text = "Thread,Time,Action,Pointer,Size,Stream\n";
  for (int i = 1; i <= 257; ++i) text += fmt::format("{0},0,allocate,0x{0},64,0\n", i);
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(text)); }), HasSubstr(":258: thread 257 is one more than"));
  EXPECT_EQ(import_text(text, {.lanes = ImportOptions::Lanes::one}).trace.objects.size(), 257u);
}

TEST(Importers, CountWhatIsUnknownInARecordingThatBeganLate) {
  const std::string text =
      "Thread,Time,Action,Pointer,Size,Stream\n"
      "1,0,free,0x99,64,0\n1,0,allocate,0x10,64,0\n1,0,allocate,0x10,128,0\n1,0,free,0x98,64,0\n";
  EXPECT_THAT(error_of([&] { static_cast<void>(import_text(text)); }), HasSubstr(":2: free of object 0x99"));
  const Imported imported = import_text(text, {.begun_late = true});
  EXPECT_EQ(left_out_of(imported)["free of unknown objects"], 2u);
  EXPECT_EQ(left_out_of(imported)["frees that were not recorded, of objects whose id came again"], 1u);
  EXPECT_EQ(summarize(imported.trace).live_peak_bytes, 128u);
  EXPECT_EQ(summarize(imported.trace).count(Op::free), 1u);
}

}  // namespace
}  // namespace vkmembench::testing
