#include "scenarios/trace/trace_hash.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <optional>
#include <vector>

#include "scenarios/trace/event_fields.h"

namespace vkmembench {
namespace {

// Enough for a golden value to change when the meaning of what is hashed does.
constexpr std::uint64_t kVersion = 1;

std::uint64_t load_little_endian(const char* bytes, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return word;
}

std::uint64_t hash_text(std::string_view text) {
  Hash64 hash;
  hash.text(text);
  return hash.value();
}

// What is hashed of every shape, in this order. A field that is not among them came later: it follows where it is not
// at its default, so that older traces keep their hashes.
constexpr Field kAlwaysHashed[] = {Field::memory, Field::evictable, Field::usage,  Field::tag,    Field::align,
                                   Field::kind,   Field::pool,      Field::format, Field::extent, Field::mips,
                                   Field::layers, Field::samples,   Field::tiling};

// These share words, two and two.
constexpr bool is_half_a_word(Field field) {
  return field == Field::extent || field == Field::mips || field == Field::layers || field == Field::samples;
}

std::uint64_t hash_shape(const Shape& shape, const std::vector<std::uint64_t>& strings) {
  Hash64 hash;
  std::optional<std::uint64_t> half;
  const auto add = [&](Field field, std::uint64_t word) {
    if (!is_half_a_word(field)) return hash.word(word);
    if (half) hash.word(*half << 32 | word);
    half = half ? std::nullopt : std::optional(word);
  };
  const auto add_field = [&](auto field) {
    for_each_word(field.of(shape), [&](std::uint64_t word) {
      add(field.kField, field.kType == FieldType::name ? strings[word] : word);
    });
  };
  hash.word(shape.image ? 1 : 0);
  for (const Field always : kAlwaysHashed) {
    visit_shape_fields([&](auto field) {
      if (field.kField == always) add_field(field);
    });
  }
  visit_shape_fields([&](auto field) {
    if (std::ranges::find(kAlwaysHashed, field.kField) != std::end(kAlwaysHashed)) return;
    if (field.equal(shape, kStandardShape)) return;
    hash.text(field_infos()[static_cast<std::size_t>(field.kField)].key);
    add_field(field);
  });
  return hash.value();
}

std::uint64_t hash_defragment(const DefragmentRequest& request) {
  Hash64 hash;
  hash.word(static_cast<std::uint64_t>(request.select));
  if (request.select == DefragmentSelect::rules) {
    hash.word(request.idle_frames);
    hash.word(request.min_uses);
    hash.word(request.min_size);
  }
  hash.text(kDefragmentAlgorithmNames[static_cast<std::size_t>(request.algorithm)]);
  hash.word(request.max_bytes_per_pass);
  hash.word(std::uint64_t{request.max_moves_per_pass} << 32 | request.passes_per_frame);
  return hash.value();
}

std::uint64_t hash_budget(const BudgetRequest& request) {
  Hash64 hash;
  hash.text(request.heap);
  hash.word(request.is_ratio ? 1 : 0);
  hash.word(request.is_ratio ? std::bit_cast<std::uint64_t>(request.ratio) : request.bytes);
  return hash.value();
}

std::uint64_t hash_pool(const PoolDeclaration& pool, std::uint64_t name) {
  Hash64 hash;
  hash.word(name);
  hash.word(pool.block_bytes);
  hash.word(std::uint64_t{pool.min_blocks} << 32 | pool.max_blocks);
  hash.text(kPoolOrderNames[static_cast<std::size_t>(pool.order)]);
  return hash.value();
}

template <typename T, typename F>
std::vector<std::uint64_t> hash_each(const std::vector<T>& values, F hash) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(values.size());
  for (const T& value : values) hashes.push_back(hash(value));
  return hashes;
}

}  // namespace

void Hash64::text(std::string_view bytes) {
  word(bytes.size());
  while (bytes.size() >= 8) {
    word(load_little_endian(bytes.data(), 8));
    bytes.remove_prefix(8);
  }
  if (!bytes.empty()) word(load_little_endian(bytes.data(), bytes.size()));
}

std::uint64_t hash_trace(const Trace& trace) {
  const auto strings = hash_each(trace.strings, hash_text);
  const auto shapes = hash_each(trace.shapes, [&](const Shape& shape) { return hash_shape(shape, strings); });
  const auto defragments = hash_each(trace.defragments, hash_defragment);
  const auto budgets = hash_each(trace.budgets, hash_budget);

  Hash64 hash;
  hash.word(kVersion);
  hash.word(trace.frames_in_flight);
  hash.word(trace.measure_from_frame);
  hash.word(trace.events.size());
  for (const Event& event : trace.events) {
    hash.word(static_cast<std::uint64_t>(event.op) | std::uint64_t{event.lane} << 16 |
              std::uint64_t{event.object} << 32);
    const auto [first, second] = event.words();
    switch (operands_of(event.op)) {
      case Operands::batch:
        hash.word(event.count());
        for (ObjectIndex i = 0; i < event.count(); ++i) {
          const TraceObject& object = trace.objects[event.object + i];
          hash.word(object.id);
          hash.word(object.size);
        }
        hash.word(shapes[trace.objects[event.object].shape]);
        break;
      case Operands::buffer:
      case Operands::image:
        hash.word(trace.objects[event.object].id);
        hash.word(trace.objects[event.object].size);
        hash.word(shapes[trace.objects[event.object].shape]);
        if (event.alias_place() == 0) {
          hash.word(second);
        } else {
          hash.word(Event::alias_word(event.alias(), 1));
          hash.word(trace.alias_offset(event));
        }
        break;
      case Operands::host_memory:
        hash.word(trace.objects[event.object].id);
        hash.word(event.size());
        hash.word(strings[event.category()]);
        break;
      case Operands::defragment:
        hash.word(defragments[event.request()]);
        break;
      case Operands::budget:
        hash.word(budgets[event.request()]);
        break;
      case Operands::pool: {
        const PoolDeclaration& pool = trace.pools[event.request()];
        hash.word(hash_pool(pool, strings[pool.name]));
        break;
      }
      case Operands::label:
        hash.word(strings[event.label()]);
        break;
      case Operands::pages:
      case Operands::plane:
        hash.word(trace.objects[event.object].id);
        [[fallthrough]];
      case Operands::none:
      case Operands::object:
      case Operands::objects:
      case Operands::sized:
      case Operands::range:
      case Operands::pair:
        hash.word(first);
        hash.word(second);
        break;
    }
  }
  return hash.value();
}

}  // namespace vkmembench
