#include "allocator/seam/basic_strategy.h"
#include "allocator/strategy/families.h"

namespace vkmembench {
namespace {

// Serves every request with nothing: what a replay costs with it is the harness's own floor.
class NullStrategy : public BasicStrategy {
 public:
  Expected<Allocation> create_buffer(const BufferRequest& request) override {
    return Allocation{.resource = 1, .charged = request.size};
  }
  Expected<Allocation> create_image(const ImageRequest&) override { return Allocation{.resource = 1, .image = true}; }
  Expected<Allocation> create_part(const PartRequest& request) override {
    return Allocation{.resource = request.part.number, .charged = request.part.needs.size, .part = true};
  }
  Expected<Allocation> resize(const Allocation&, const BufferRequest& request) override {
    return Allocation{.resource = 1, .charged = request.size};
  }
  void destroy(const Allocation&, std::uint16_t) override {}
  Expected<std::byte*> map(const Allocation&) override { return static_cast<std::byte*>(nullptr); }
  void unmap(const Allocation&) override {}
  VkResult flush(const Allocation&, Offset, Bytes) override { return VK_SUCCESS; }
  VkResult invalidate(const Allocation&, Offset, Bytes) override { return VK_SUCCESS; }
};

constexpr PresetRow kNullPresets[] = {{"null", "does nothing: the harness's own floor"}};

}  // namespace

const StrategyFamily& null_family() {
  static const StrategyFamily family = {
      "null", presets_of(kNullPresets, {}), {}, [](const Device&, const Parameters&) -> std::unique_ptr<Strategy> {
        return std::make_unique<NullStrategy>();
      }};
  return family;
}

}  // namespace vkmembench
