// Stands in for the table of generators in a tree that has none.
#if !__has_include("scenarios/generators/table.h")

#include <array>

#include "scenarios/generators.h"

namespace vkmembench {
namespace {

constexpr std::array<std::string_view, 2> kOrders = {"lifo", "fifo"};
constexpr std::array<GeneratorParameter, 3> kPulseParameters = {{
    {"frames", GeneratorParameterType::integer, 8, 1, 1000, {}, "frames"},
    {"size", GeneratorParameterType::bytes, 4096, 1, 1 << 30, {}, "bytes of a buffer"},
    {"order", GeneratorParameterType::choice, 0, 0, 1, kOrders, "order of the frees"},
}};

void generate_pulse(const GeneratorValues& values, std::uint64_t seed, TraceBuilder& out) {
  Shape shape;
  shape.usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  const std::uint32_t index = out.shape(shape);
  for (std::uint64_t frame = 0; frame < values.integer("frames"); ++frame) {
    out.frame();
    const Bytes size = values.bytes("size") + seed % 7 + static_cast<Bytes>(values.real("scale") * 10);
    const ObjectIndex first = out.buffer(2 * frame, size, index);
    const ObjectIndex second = out.buffer(2 * frame + 1, size, index);
    const bool lifo = values.choice("order") == "lifo";
    out.free(lifo ? second : first);
    out.free(lifo ? first : second);
  }
}

constexpr std::array<Generator, 1> kGenerators = {{{"pulse", "two buffers a frame", kPulseParameters, generate_pulse}}};

}  // namespace

std::span<const Generator> generators() { return kGenerators; }

}  // namespace vkmembench

#endif
