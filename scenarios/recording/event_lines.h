#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/trace/ops.h"
#include "scenarios/trace/recorded.h"
#include "scenarios/trace/shape.h"

namespace vkmembench {

// An object of a recording's trace.
struct WrittenObject {
  Op op = Op::buffer;  // which creates it
  Shape shape;         // its names are none; of a part none
  std::string name;
  std::uint64_t id = 0;
  Bytes size = 0;
  Offset alias_offset = 0;
  std::uint64_t alias_of = 0;  // id; 0: its memory is its own
  std::uint64_t part_of = 0;   // id; 0: it is whole
  std::uint64_t part_at = 0;   // the offset of its pages, or its plane
};

// Where an object lay.
struct WrittenPlace {
  std::uint32_t block = 0;
  Offset offset = 0;
};

// What an event says of objects that are there, by their ids; as the operands of its op are.
struct WrittenOperand {
  std::uint64_t id = 0;  // of the object, or the source
  std::uint64_t to = 0;
  Offset offset = 0;
  Bytes size = 0;
  std::string_view heap{};  // as a trace names it; it lives as long as the program
};

// Spells the events of a recording, and the places of its objects, as lines of a trace. Lines wait until take(): what
// becomes known of an object meanwhile, such as its name, still gets into the line that creates it.
class EventLines {
 public:
  void event(Op op, std::uint16_t lane, const WrittenOperand& operand = {});
  // The creation of an object, which lay at a place, if at any. Requires a block that is not freed.
  void creation(std::uint16_t lane, std::shared_ptr<const WrittenObject> object, std::optional<WrittenPlace> place);
  // A VkDeviceMemory; its number, by which it is freed.
  std::uint32_t block(Bytes size, std::uint32_t type);
  void block_freed(std::uint32_t block);

  [[nodiscard]] bool empty() const { return waiting_.empty() && blocks_.empty() && freed_.empty(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] std::uint64_t events() const { return events_; }  // so far

  // Appends what waits as lines.
  void take(std::string& out);

 private:
  struct Waiting {
    Op op = Op::frame;
    std::uint16_t lane = 0;
    WrittenOperand operand{};
    std::shared_ptr<const WrittenObject> created{};
  };
  void add_line(std::string& out, const Waiting& event);
  void add_places(std::string& out);

  std::vector<Waiting> waiting_;
  struct Block {
    Bytes size = 0;
    std::uint32_t type = 0;
    std::uint64_t event = 0;
  };
  struct Place {
    std::uint64_t event = 0;
    WrittenPlace at{};
  };
  std::vector<Block> blocks_;
  std::vector<Place> places_;
  struct FreedBlock {
    std::uint32_t block = 0;
    std::uint32_t blocks = 0;  // that were allocated by then; 0 where none was since the last event
    std::uint64_t event = 0;
  };
  std::vector<FreedBlock> freed_;
  std::uint64_t last_block_event_ = 0;
  std::uint64_t events_ = 0;
  std::uint32_t block_count_ = 0;
};

// The first line, and the last, which says that the recording came to its end.
[[nodiscard]] std::string first_recorded_line(const Recorded& recorded);
[[nodiscard]] std::string last_recorded_line(std::span<const LeftOut> left_out);

// The text, with what is no UTF-8 replaced, and without control characters.
[[nodiscard]] std::string clean_text(std::string_view text);

}  // namespace vkmembench
