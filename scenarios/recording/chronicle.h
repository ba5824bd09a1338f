#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scenarios/recording/captured_call.h"
#include "scenarios/recording/event_lines.h"
#include "scenarios/recording/image_pages.h"
#include "scenarios/recording/memory_ranges.h"
#include "scenarios/recording/part_place.h"
#include "scenarios/recording/record_settings.h"

namespace vkmembench {

// What the calls of a program mean for one device: which resources and memory there are, and the events that say so. A
// resource is created where it is bound, for only then is its memory known, and freed with its memory or itself, what
// comes first. What is bound in parts is created with the first of them. Copies are events where they are recorded into
// a command buffer: its objects are live there.
class Chronicle {
 public:
  Chronicle(const RecordSettings& settings, const VkPhysicalDeviceMemoryProperties& memory);

  void take(CapturedCall& call);
  // A frame ends here, whatever the calls say.
  void end_frame();
  // The last frame that is asked for has ended.
  [[nodiscard]] bool is_over() const { return is_over_; }
  [[nodiscard]] FrameOn frame_on() const { return settings_.frame_on; }

  // Whether there was any memory or resource.
  [[nodiscard]] bool has_anything() const { return last_memory_ != 0 || last_id_ != 0; }

  // Events that wait to be written; what comes before the first frame that is asked for is none.
  [[nodiscard]] EventLines& lines() { return lines_; }
  void leave_out(std::string_view what, std::uint64_t count = 1);
  // What is left out once nothing more comes, be it at the program's end.
  [[nodiscard]] std::vector<LeftOut> left_out(bool to_the_end = true) const;

 private:
  struct Parts;
  struct Resource {
    std::shared_ptr<WrittenObject> object = std::make_shared<WrittenObject>();
    std::uint64_t handle = 0;
    Bytes required = 0;        // where it is bound
    std::uint64_t memory = 0;  // 0: not bound
    Offset offset = 0;
    Offset end = 0;                  // of the memory that it has or shares
    bool is_written = false;         // its creation is an event; its free is none yet
    std::uint16_t lane = 0;          // that bound it
    std::unique_ptr<Parts> parts{};  // of what is bound in parts
    Resource* owner = nullptr;       // of a part, which is among its parts
  };
  struct Parts {
    std::map<std::uint64_t, std::unique_ptr<Resource>> rows;  // by their places in the resource
    ImagePages image{};
  };
  struct Memory {
    Bytes size = 0;
    std::uint32_t type = 0;
    MemoryTraits traits{};
    std::uint64_t order = 0;
    std::optional<std::uint32_t> block{};  // none before the first frame that is asked for
    MemoryRanges<Resource> ranges{};
    Offset mapped_at = 0;
    Bytes mapped = 0;
  };
  using Resources = std::unordered_map<std::uint64_t, std::unique_ptr<Resource>>;

  [[nodiscard]] std::uint16_t lane_of(std::uint32_t thread);
  [[nodiscard]] Resource* find(bool image, std::uint64_t handle);
  [[nodiscard]] Resource* find_written(bool image, std::uint64_t handle);
  [[nodiscard]] Memory* find_memory(std::uint64_t handle);

  void create(CapturedCall& call);
  void destroy(const CapturedCall& call);
  void allocate(const CapturedCall& call);
  void give_back(const CapturedCall& call);
  void bind(const CapturedCall& call);
  // Whether a trace can say it.
  [[nodiscard]] bool describe(Resource& resource, const Memory& memory);
  [[nodiscard]] bool share_memory(Resource& resource, const Memory& memory);
  void write_creation(Resource& resource);
  // Whether it is an event's that says more of what an object holds than that it is used.
  [[nodiscard]] static bool takes(Op op, const Resource& resource);

  void bind_plane(const CapturedCall& call);
  void bind_pages(const CapturedCall& call);
  [[nodiscard]] Resource* find_in_parts(const CapturedCall& call, bool sparse);
  [[nodiscard]] bool write_owner(Resource& owner, const Memory& memory, std::uint16_t lane);
  void add_part(Resource& owner, Op op, const PartPlace& place, std::uint64_t memory);
  void add_pages(Resource& owner, PartPlace pages, std::uint64_t memory);
  void take_pages(Resource& owner, const PartPlace& place);
  void release(Resource& resource);
  void forget(Resource& resource);
  void host_access(Op op, const CapturedCall& call, Offset offset, Bytes size);
  void unmap(const CapturedCall& call);
  void copy(const CapturedCall& call);
  void copy_texels(const CapturedCall& call);
  void upload(const CapturedCall& call);
  void submit(const CapturedCall& call);
  void note_budget(std::uint32_t heap, Bytes bytes);
  void write_budget(std::uint32_t heap);
  void begin_writing();

  RecordSettings settings_;
  VkPhysicalDeviceMemoryProperties memory_properties_;
  EventLines lines_;
  std::array<Resources, 2> resources_;  // buffers and images
  std::unordered_map<std::uint64_t, Memory> memories_;
  std::map<std::uint64_t, Resource*> written_;  // by id; those of the trace that live
  std::unordered_map<std::uint32_t, std::uint16_t> lanes_;
  std::map<std::string, std::uint64_t, std::less<>> left_out_;
  std::array<Bytes, VK_MAX_MEMORY_HEAPS> budgets_{};  // that the program was told; 0: none
  std::uint64_t last_id_ = 0;
  std::uint64_t last_memory_ = 0;
  std::uint64_t frame_ = 0;
  CallKind frame_by_ = CallKind::submit;  // what ends a frame, once it came
  bool writes_ = false;
  bool is_over_ = false;
};

}  // namespace vkmembench
