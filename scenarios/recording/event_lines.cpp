#include "scenarios/recording/event_lines.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <nlohmann/json.hpp>

#include "scenarios/json/schema_id.h"
#include "scenarios/trace/recorded_json.h"
#include "scenarios/trace/shape_text.h"

namespace vkmembench {
namespace {

template <typename... Args>
void add_text(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

// The shape as a line has it, its name with it.
std::string named_shape_fields(const WrittenObject& object) {
  const std::array<std::string, 2> strings = {"", object.name};
  if (object.name.empty()) return shape_fields(strings, object.shape);
  Shape shape = object.shape;
  shape.tag = 1;
  return shape_fields(strings, shape);
}

}  // namespace

void EventLines::event(Op op, std::uint16_t lane, const WrittenOperand& operand) {
  waiting_.push_back({op, lane, operand});
  ++events_;
}

void EventLines::creation(std::uint16_t lane, std::shared_ptr<const WrittenObject> object,
                          std::optional<WrittenPlace> place) {
  if (place) places_.push_back({events_, *place});
  const Op op = object->op;
  waiting_.push_back({op, lane, {}, std::move(object)});
  ++events_;
}

std::uint32_t EventLines::block(Bytes size, std::uint32_t type) {
  blocks_.push_back({size, type, events_});
  last_block_event_ = events_;
  return block_count_++;
}

void EventLines::block_freed(std::uint32_t block) {
  freed_.push_back({block, last_block_event_ == events_ ? block_count_ : 0, events_});
}

void EventLines::add_line(std::string& out, const Waiting& event) {
  add_text(out, "{{\"op\":\"{}\"", op_name(event.op));
  if (event.lane != 0) add_text(out, ",\"lane\":{}", event.lane);
  const WrittenOperand& operand = event.operand;
  if (event.created) {
    const WrittenObject& object = *event.created;
    add_text(out, ",\"id\":{}", object.id);
    if (makes_part(event.op)) {
      const bool is_plane = operands_of(event.op) == Operands::plane;
      add_text(out, ",\"of\":{},\"{}\":{}", object.part_of, is_plane ? "plane" : "offset", object.part_at);
    }
    if (has_size(event.op)) add_text(out, ",\"size\":{}", object.size);
    if (object.alias_of != 0) add_text(out, ",\"alias_of\":{}", object.alias_of);
    if (object.alias_offset != 0) add_text(out, ",\"alias_offset\":{}", object.alias_offset);
    if (!makes_part(event.op)) out += named_shape_fields(object);
  } else if (operands_of(event.op) == Operands::budget) {
    add_text(out, ",\"heap\":\"{}\",\"bytes\":{}", operand.heap, operand.size);
  } else if (operands_of(event.op) == Operands::pair) {
    add_text(out, ",\"from\":{},\"to\":{},\"size\":{}", operand.id, operand.to, operand.size);
  } else if (operands_of(event.op) != Operands::none) {
    add_text(out, ",\"id\":{}", operand.id);
    if (operands_of(event.op) == Operands::range) add_text(out, ",\"offset\":{}", operand.offset);
    if (has_size(event.op)) add_text(out, ",\"size\":{}", operand.size);
  }
  out += "}\n";
}

void EventLines::add_places(std::string& out) {
  if (places_.empty() && blocks_.empty() && freed_.empty()) return;
  const auto add_list = [&](std::string_view key, const auto& rows, auto add_row) {
    if (rows.empty() && key != "placements") return;
    add_text(out, "{}\"{}\":[", key == "placements" ? "{" : ",", key);
    const char* separator = "";
    for (const auto& row : rows) {
      out += separator;
      add_row(row);
      separator = ",";
    }
    out += ']';
  };
  add_list("placements", places_,
           [&](const Place& row) { add_text(out, "[{},{},{}]", row.event, row.at.block, row.at.offset); });
  add_list("blocks", blocks_, [&](const Block& row) { add_text(out, "[{},{},{}]", row.size, row.type, row.event); });
  add_list("freed", freed_, [&](const FreedBlock& row) {
    add_text(out, "[{},{}", row.block, row.event);
    if (row.blocks != 0) add_text(out, ",{}", row.blocks);
    out += ']';
  });
  out += "}\n";
}

void EventLines::take(std::string& out) {
  for (const Waiting& event : waiting_) add_line(out, event);
  add_places(out);
  waiting_.clear();
  places_.clear();
  blocks_.clear();
  freed_.clear();
}

std::string first_recorded_line(const Recorded& recorded) {
  return fmt::format("{{\"schema\":\"{}\",\"frames_in_flight\":0{}}}\n", kTraceSchema, recorded_fields(recorded));
}

std::string last_recorded_line(std::span<const LeftOut> left_out) {
  return fmt::format("{{\"placements\":[],{}}}\n", left_out_field(left_out));
}

std::string clean_text(std::string_view text) {
  std::string clean;
  for (const char c : text) clean += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  const std::string spelt = nlohmann::json(clean).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(spelt).get<std::string>();
}

}  // namespace vkmembench
