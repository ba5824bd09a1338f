#include "scenarios/importers/formats/import.h"

#include <fmt/format.h>

#include <algorithm>

#include "allocator/base/error.h"
#include "allocator/base/suggest.h"
#include "scenarios/json/file_kind.h"
#include "scenarios/trace/recorded_memory.h"

namespace vkmembench {
namespace {

constexpr std::size_t kLongestLine = 8 * kMiB;
constexpr std::size_t kHead = std::size_t{64} << 10;
constexpr std::uint32_t kNoFramesInFlight = 0;  // destroys are recorded when they happen, after what deferred them

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

const Importer& chosen_importer(const Importer* importer, std::string_view head, const std::filesystem::path& file) {
  if (importer == nullptr) importer = importer_of(head);
  if (importer == nullptr) {
    refuse_other_kind(head, file.string(), "vkmembench.recording");
    throw Error(
        fmt::format("{}: is nothing that is imported: `vkmembench list importers` prints the formats", file.string()));
  }
  return *importer;
}

// Memory for as many events as a text of that many bytes holds at least; what is not used is never touched.
void reserve_for(TraceBuilder& builder, std::uint64_t text_bytes) {
  constexpr std::uint64_t kShortLine = 32;
  constexpr std::uint64_t kMost = 1u << 26;
  const auto events = static_cast<std::size_t>(std::min(text_bytes / kShortLine, kMost));
  builder.reserve(events, events / 2);
}

}  // namespace

Import::Import(const std::filesystem::path& file, const ImportOptions& options)
    : file_(file), options_(options), lines_(file, kLongestLine), out_(kNoFramesInFlight, options.limits), ids_(out_) {
  reserve_for(out_, lines_.text_bytes());
}

bool Import::next_line(std::string_view& line) {
  while (lines_.next(line)) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_blank(line)) return true;
  }
  return false;
}

std::string_view Import::require_line(std::string_view what) {
  std::string_view line;
  if (!next_line(line)) throw Error(fmt::format("the file ends where {} is expected; it was cut", what));
  return line;
}

std::string Import::place() const { return fmt::format("{}:{}", file_.string(), lines_.line_number()); }

void Import::change_thread(std::uint64_t id) {
  const auto [row, is_new] = lanes_.try_emplace(id, lane_of(id));
  if (is_new && row->second >= kMaxTraceLanes) {
    throw Error(fmt::format("thread {} is one more than the {} lanes that a trace may use; choose with --lanes", id,
                            kMaxTraceLanes));
  }
  thread_ = id;
  has_thread_ = true;
  lane_ = row->second;
  out_.lane(lane_);
}

// Requires a thread that did not come before.
std::uint16_t Import::lane_of(std::uint64_t thread) const {
  switch (options_.lanes) {
    case ImportOptions::Lanes::one:
      return 0;
    case ImportOptions::Lanes::each_thread:
      return static_cast<std::uint16_t>(lanes_.size());
    case ImportOptions::Lanes::named:
      break;
  }
  const auto named = std::ranges::find(options_.threads, thread);
  return named == options_.threads.end() ? std::uint16_t{0}
                                         : static_cast<std::uint16_t>(named - options_.threads.begin() + 1);
}

void Import::frame() {
  out_.lane(0);
  out_.frame();
  out_.lane(lane_);
}

// For an object of the id, which is about to be created.
void Import::make_room(std::uint64_t id) {
  const ObjectIndex live = ids_.find(id);
  if (live == kNoObject) return;
  if (!options_.begun_late)
    throw Error(
        fmt::format("object {:#x} is created, but was not freed before; with --begun-late its free counts as "
                    "missed",
                    id));
  leave_out("frees that were not recorded, of objects whose id came again");
  out_.free(live);
}

void Import::created(ObjectIndex object) { static_cast<void>(ids_.insert(object)); }

ObjectIndex Import::buffer(std::uint64_t id, Bytes size, std::uint32_t shape, const AliasOf& alias_of) {
  make_room(id);
  const ObjectIndex object = out_.buffer(id, size, shape, alias_of);
  created(object);
  return object;
}

ObjectIndex Import::image(std::uint64_t id, std::uint32_t shape, const AliasOf& alias_of) {
  make_room(id);
  const ObjectIndex object = out_.image(id, shape, alias_of);
  created(object);
  return object;
}

ObjectIndex Import::object(std::uint64_t id, std::string_view use) {
  const ObjectIndex object = ids_.find(id);
  if (object != kNoObject) return object;
  if (!options_.begun_late) {
    throw Error(
        fmt::format("{} of object {:#x}, which nothing created; if the recording began late, --begun-late "
                    "leaves such things out",
                    use, id));
  }
  leave_out(fmt::format("{} of unknown objects", use));
  return kNoObject;
}

void Import::free(std::uint64_t id) {
  const ObjectIndex freed = object(id, "free");
  if (freed != kNoObject) out_.free(freed);
}

void Import::leave_out(std::string_view what, std::uint64_t count) {
  const auto row = left_out_.find(what);
  if (row != left_out_.end())
    row->second += count;
  else
    left_out_.emplace(what, count);
}

std::uint32_t Import::usage(std::uint64_t usage, std::uint32_t instead) {
  const auto narrow = static_cast<std::uint32_t>(usage);
  if (narrow != usage) leave_out(fmt::format("usage bits {:#x}", usage - narrow));
  if (narrow != 0) return narrow;
  leave_out("usages without any bit that is known");
  return instead;
}

// Attachments that live in the tiles of a GPU alone are transient; whatever else one says of itself is not.
std::uint32_t Import::image_usage(std::uint64_t asked, MemoryChoice& memory) {
  constexpr std::uint32_t kTransient = VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT;
  constexpr std::uint32_t kAttachments = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT |
                                         VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
  const std::uint32_t named = usage(asked, VK_IMAGE_USAGE_SAMPLED_BIT);
  if ((named & kTransient) == 0) return named;
  if ((named & kAttachments) != 0 && (named & ~(kAttachments | kTransient)) == 0) {
    memory = MemoryUse::transient;
    return named;
  }
  leave_out("usage transient_attachment of images with other usages");
  const std::uint32_t others = named & ~kTransient;
  return others == 0 ? std::uint32_t{VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT} : others;
}

std::uint32_t Import::plain_shape(Bytes alignment, MemoryUse memory) {
  if (plain_ && plain_->alignment == alignment && plain_->memory == memory) return plain_->shape;
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  shape.memory = memory;
  shape.alignment = alignment;
  plain_ = {alignment, memory, out_.shape(shape)};
  return plain_->shape;
}

Imported Import::finish() {
  for (const std::uint64_t thread : options_.threads) {
    if (!lanes_.contains(thread))
      throw Error(
          fmt::format("{}: --lanes names thread {}, which does nothing there; leave it out", file_.string(), thread));
  }
  if (out_.trace().objects.empty())
    throw Error(fmt::format("{}: nothing is allocated in it; record for longer", file_.string()));
  Imported imported;
  imported.trace = out_.finish();
  for (const auto& [what, count] : left_out_) imported.left_out.push_back({what, count});
  return imported;
}

Imported import_trace(const std::filesystem::path& file, const Importer* importer, const ImportOptions& options) {
  Import import(file, options);
  const Importer& chosen = chosen_importer(importer, import.lines().ahead().substr(0, kHead), file);
  try {
    chosen.read(import);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::bad_input || std::string_view(error.what()).starts_with(file.string())) throw;
    throw Error(fmt::format("{}: {}{}", import.place(), error.what(),
                            import.lines().ended_by_newline() ? "" : "; the file ends in this line: it may be cut"));
  }
  return import.finish();
}

void require_heaps_of_types(const VkPhysicalDeviceMemoryProperties& memory) {
  for (std::uint32_t i = 0; i < memory.memoryTypeCount; ++i) {
    const std::uint32_t heap = memory.memoryTypes[i].heapIndex;
    if (heap >= memory.memoryHeapCount)
      throw Error(fmt::format("memory type {} is of heap {}; there are {}", i, heap, memory.memoryHeapCount));
  }
}

MemoryChoice memory_of_type(std::uint32_t type, const VkPhysicalDeviceMemoryProperties& recorded) {
  if (type >= recorded.memoryTypeCount) return MemoryUse::device;
  const VkMemoryPropertyFlags flags = recorded.memoryTypes[type].propertyFlags;
  if ((flags & VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT) != 0) return MemoryUse::transient;
  return recorded_memory(type, flags);
}

}  // namespace vkmembench
