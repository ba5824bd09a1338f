#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "allocator/device/memory_use.h"
#include "scenarios/importers/importers.h"
#include "scenarios/json/line_reader.h"
#include "scenarios/trace/id_map.h"
#include "scenarios/trace/trace_builder.h"
#include "scenarios/trace/trace_limits.h"

namespace vkmembench {

struct ImportOptions {
  // The lanes of recorded threads: one each, in the order in which they appear; or all lane 0; or from 1 on for those
  // that are named, and 0 for all others.
  enum class Lanes : std::uint8_t { each_thread, one, named };
  Lanes lanes = Lanes::each_thread;
  std::vector<std::uint64_t> threads{};  // that are named
  bool begun_late = false;               // leave out, and count, what is done to objects that nothing created
  TraceLimits limits{};
};

struct Imported {
  Trace trace;
  std::vector<LeftOut> left_out;  // by what
};

// The trace of a file that the importer, or the one that matches without one, reads. Throws Error naming file and line.
[[nodiscard]] Imported import_trace(const std::filesystem::path& file, const Importer* importer,
                                    const ImportOptions& options);

// What an importer works with: the text, the builder that it tells the events to, and the account of what it leaves
// out. Line by line; only one line is in memory.
class Import {
 public:
  Import(const std::filesystem::path& file, const ImportOptions& options);

  // The next line that is not blank, without its end; false after the last.
  [[nodiscard]] bool next_line(std::string_view& line);
  // The same; throws Error when there is none.
  [[nodiscard]] std::string_view require_line(std::string_view what);
  [[nodiscard]] LineReader& lines() { return lines_; }

  [[nodiscard]] TraceBuilder& out() { return out_; }
  // Which thread does what follows.
  void thread(std::uint64_t id) {
    if (id != thread_ || !has_thread_) change_thread(id);
  }
  void frame();

  // Creations, by the recorded id. The id of an object that lives already is an error, or its free was missed.
  ObjectIndex buffer(std::uint64_t id, Bytes size, std::uint32_t shape, const AliasOf& alias_of = {});
  ObjectIndex image(std::uint64_t id, std::uint32_t shape, const AliasOf& alias_of = {});
  // The live object of the id; kNoObject, once it is counted, of one that was created before the recording began.
  [[nodiscard]] ObjectIndex object(std::uint64_t id, std::string_view use);
  void free(std::uint64_t id);

  void leave_out(std::string_view what, std::uint64_t count = 1);
  // The bits that a trace can say; of others, and of none at all, which becomes `instead`, the account tells.
  [[nodiscard]] std::uint32_t usage(std::uint64_t usage, std::uint32_t instead);
  // The same of images, as far as their memory allows.
  [[nodiscard]] std::uint32_t image_usage(std::uint64_t asked, MemoryChoice& memory);
  // A buffer of which nothing more was recorded than its memory.
  [[nodiscard]] std::uint32_t plain_shape(Bytes alignment = 0, MemoryUse memory = MemoryUse::device);

  // Throws unless every named thread came.
  [[nodiscard]] Imported finish();
  [[nodiscard]] std::string file() const { return file_.string(); }
  [[nodiscard]] std::string place() const;  // "FILE:LINE"

 private:
  void change_thread(std::uint64_t id);
  [[nodiscard]] std::uint16_t lane_of(std::uint64_t thread) const;
  void created(ObjectIndex object);
  void make_room(std::uint64_t id);

  std::filesystem::path file_;
  ImportOptions options_;
  LineReader lines_;
  TraceBuilder out_;
  IdMap ids_;
  std::uint64_t thread_ = 0;
  bool has_thread_ = false;
  std::uint16_t lane_ = 0;
  std::unordered_map<std::uint64_t, std::uint16_t> lanes_;  // of the threads that came
  std::map<std::string, std::uint64_t, std::less<>> left_out_;
  struct PlainShape {
    Bytes alignment = 0;
    MemoryUse memory = MemoryUse::device;
    std::uint32_t shape = 0;
  };
  std::optional<PlainShape> plain_;  // the last
};

// Throws Error when a memory type is of a heap that is not there.
void require_heaps_of_types(const VkPhysicalDeviceMemoryProperties& memory);
// How what lay in memory of a type of the recorded device asks for memory; for a device's own, where the recording does
// not tell of the type.
[[nodiscard]] MemoryChoice memory_of_type(std::uint32_t type, const VkPhysicalDeviceMemoryProperties& recorded);

}  // namespace vkmembench
