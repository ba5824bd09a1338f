// Plants each fault that the oracle is for, straight through Vulkan calls, on a device that believes everything.
#include "allocator/oracle/binding_oracle.h"

#include <gtest/gtest.h>

#include <map>

#include "allocator/testing/simulated_fixture.h"
#include "allocator/testing/strategy_fixture.h"
#include "allocator/testing/test_profile.h"

namespace vkmembench {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

// test_profile(): buffers need 64-byte alignment and round to 16, images 256; granularity 1024; types 0 to 2.
class Oracle : public testing::Test {
 protected:
  Oracle() : sim_(test_profile()), lenient_(sim_.d), oracle_(lenient_.device(), sim_.d, violations_) {}

  [[nodiscard]] const Device& d() const { return oracle_.device(); }
  VkDeviceMemory allocate(Bytes size, std::uint32_t type = 0) const {
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, size, type};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    EXPECT_EQ(d().fn.allocate_memory(d().handle, &info, nullptr, &memory), VK_SUCCESS);
    return memory;
  }
  // Memory dedicated to the buffer.
  Expected<VkDeviceMemory> dedicate(VkBuffer buffer, Bytes size) const {
    VkMemoryDedicatedAllocateInfo dedicated{};
    dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO;
    dedicated.buffer = buffer;
    const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, &dedicated, size, 0};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    const VkResult result = d().fn.allocate_memory(d().handle, &info, nullptr, &memory);
    if (result != VK_SUCCESS) return result;
    return memory;
  }
  // One that requires dedicated memory.
  VkImage transient_image() const {
    const VkImageCreateInfo info =
        image_info(VK_FORMAT_R8G8B8A8_UNORM, {16, 16, 1}, 1, 1,
                   VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT);
    VkImage made = VK_NULL_HANDLE;
    EXPECT_EQ(d().fn.create_image(d().handle, &info, nullptr, &made), VK_SUCCESS);
    return made;
  }
  VkBuffer buffer(Bytes size) const {
    const VkBufferCreateInfo info = buffer_info(size);
    VkBuffer made = VK_NULL_HANDLE;
    EXPECT_EQ(d().fn.create_buffer(d().handle, &info, nullptr, &made), VK_SUCCESS);
    return made;
  }
  VkImage image(VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL) const {  // of 1024 bytes
    VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, {16, 16, 1}, 1, 1,
                                        VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT);
    info.tiling = tiling;
    VkImage made = VK_NULL_HANDLE;
    EXPECT_EQ(d().fn.create_image(d().handle, &info, nullptr, &made), VK_SUCCESS);
    return made;
  }
  VkBuffer place_buffer(Bytes size, VkDeviceMemory memory, Offset offset) const {
    const VkBuffer made = buffer(size);
    (void)d().fn.bind_buffer_memory(d().handle, made, memory, offset);
    return made;
  }
  VkImage place_image(VkDeviceMemory memory, Offset offset, VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL) const {
    const VkImage made = image(tiling);
    (void)d().fn.bind_image_memory(d().handle, made, memory, offset);
    return made;
  }
  void destroy(VkBuffer buffer) const { d().fn.destroy_buffer(d().handle, buffer, nullptr); }
  void destroy(VkImage image) const { d().fn.destroy_image(d().handle, image, nullptr); }
  void free(VkDeviceMemory memory) const { d().fn.free_memory(d().handle, memory, nullptr); }

  SimulatedFixture sim_;
  LenientLayer lenient_;
  Violations violations_;
  BindingOracle oracle_;
};

TEST_F(Oracle, FindsNothingInASoundLife) {
  const VkDeviceMemory memory = allocate(8192);
  const VkBuffer low = place_buffer(1000, memory, 0);     // [0, 1008)
  const VkBuffer next = place_buffer(16, memory, 1024);   // [1024, 1040)
  const VkImage optimal = place_image(memory, 2048);      // [2048, 3072)
  const VkBuffer after = place_buffer(64, memory, 3072);  // the next page
  const VkImage linear = place_image(memory, 3328, VK_IMAGE_TILING_LINEAR);
  const VkBuffer last = place_buffer(1024, memory, 8192 - 1024);
  EXPECT_EQ(oracle_.binding_of(reinterpret_cast<std::uint64_t>(next)).offset, 1024u);
  EXPECT_EQ(oracle_.binding_of(reinterpret_cast<std::uint64_t>(next)).size, 16u);
  EXPECT_EQ(oracle_.binding_of(reinterpret_cast<std::uint64_t>(next)).memory, memory);
  destroy(low);
  const VkBuffer again = place_buffer(1000, memory, 0);  // where another one was
  for (const VkBuffer made : {next, after, last, again}) destroy(made);
  destroy(optimal);
  destroy(linear);
  destroy(VkBuffer{VK_NULL_HANDLE});
  free(memory);
  free(VK_NULL_HANDLE);
  oracle_.report_leaks();
  EXPECT_EQ(violations_.counts(), Counts());
  EXPECT_EQ(oracle_.binding_of(reinterpret_cast<std::uint64_t>(next)).memory, VkDeviceMemory{VK_NULL_HANDLE});
}

struct Planted {
  const char* name;
  Counts expected;
  void (*plant)(const class PlantedFault& test);
};

class PlantedFault : public Oracle, public testing::WithParamInterface<Planted> {
 public:  // for the table
  using Oracle::allocate;
  using Oracle::buffer;
  using Oracle::d;
  using Oracle::dedicate;
  using Oracle::destroy;
  using Oracle::free;
  using Oracle::place_buffer;
  using Oracle::place_image;
  using Oracle::transient_image;
};
const Planted kPlanted[] = {
    {"overlap_from_below",
     {{"overlap", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_buffer(512, memory, 256);
       t.place_buffer(320, memory, 0);
     }},
    {"overlap_from_above",
     {{"overlap", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_buffer(512, memory, 0);
       t.place_buffer(64, memory, 448);
     }},
    {"overlap_within",
     {{"overlap", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_buffer(4096, memory, 0);
       t.place_buffer(64, memory, 1024);
     }},
    {"overlap_around_two",
     {{"overlap", 2}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_buffer(64, memory, 64);
       t.place_buffer(64, memory, 3072);
       t.place_buffer(4096, memory, 0);
     }},
    {"overlap_at_the_same_place",
     {{"overlap", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_buffer(64, memory, 128);
       t.place_buffer(64, memory, 128);
     }},
    {"overlap_of_the_rounded_size",
     {{"overlap", 1}},  // 65 bytes require 80
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_buffer(65, memory, 0);
       t.place_buffer(64, memory, 64);
     }},
    {"overlap_of_kinds",
     {{"overlap", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_image(memory, 1024);
       t.place_buffer(64, memory, 1984);
     }},
    {"misaligned_buffer", {{"alignment", 1}}, [](const PlantedFault& t) { t.place_buffer(64, t.allocate(4096), 32); }},
    {"misaligned_image", {{"alignment", 1}}, [](const PlantedFault& t) { t.place_image(t.allocate(4096), 64); }},
    {"wrong_memory_type",
     {{"memory_type", 1}},
     [](const PlantedFault& t) { t.place_buffer(64, t.allocate(4096, 3), 0); }},
    {"beyond_the_end", {{"bounds", 1}}, [](const PlantedFault& t) { t.place_buffer(128, t.allocate(4096), 4032); }},
    {"larger_than_the_memory", {{"bounds", 1}}, [](const PlantedFault& t) { t.place_buffer(128, t.allocate(64), 0); }},
    {"beyond_2_to_64",
     {{"bounds", 1}},
     [](const PlantedFault& t) { t.place_buffer(128, t.allocate(4096), ~Offset{63}); }},
    {"freed_memory",
     {{"use_after_free", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.free(memory);
       t.place_buffer(64, memory, 0);
     }},
    {"image_after_buffer_on_a_page",
     {{"granularity", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_buffer(64, memory, 0);
       t.place_image(memory, 768);
     }},
    {"buffer_after_image_on_a_page",
     {{"granularity", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_image(memory, 256);
       t.place_buffer(64, memory, 1280);
     }},
    {"linear_image_beside_an_optimal_one",
     {{"granularity", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_image(memory, 256);
       t.place_image(memory, 1280, VK_IMAGE_TILING_LINEAR);
     }},
    {"buffers_on_both_pages_of_an_image",
     {{"granularity", 2}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_buffer(64, memory, 0);
       t.place_buffer(64, memory, 1984);
       t.place_image(memory, 512);
     }},
    {"buffer_destroyed_twice",
     {{"double_release", 1}},
     [](const PlantedFault& t) {
       const VkBuffer buffer = t.place_buffer(64, t.allocate(4096), 0);
       t.destroy(buffer);
       t.destroy(buffer);
     }},
    {"image_destroyed_twice",
     {{"double_release", 1}},
     [](const PlantedFault& t) {
       const VkImage image = t.place_image(t.allocate(4096), 0);
       t.destroy(image);
       t.destroy(image);
     }},
    {"memory_freed_twice",
     {{"double_release", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.free(memory);
       t.free(memory);
     }},
    {"memory_freed_under_its_resources",
     {{"freed_under", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       t.place_buffer(64, memory, 0);
       t.place_buffer(64, memory, 64);
       t.free(memory);
     }},
    {"batched_buffer_binds",
     {{"alignment", 1}, {"overlap", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       const VkBindBufferMemoryInfo infos[] = {
           {VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, t.buffer(256), memory, 0},
           {VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, t.buffer(256), memory, 192},
           {VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, nullptr, t.buffer(256), memory, 1000}};
       EXPECT_EQ(t.d().fn.bind_buffer_memory2(t.d().handle, 3, infos), VK_ERROR_VALIDATION_FAILED_EXT);
       EXPECT_EQ(t.place_buffer(256, memory, 0) == VK_NULL_HANDLE, false);  // none of them is bound
     }},
    {"destroyed_resource",
     {{"use_after_free", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       const VkBuffer buffer = t.buffer(64);
       t.destroy(buffer);
       EXPECT_EQ(t.d().fn.bind_buffer_memory(t.d().handle, buffer, memory, 0), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
    {"bound_twice",
     {{"binding", 1}},
     [](const PlantedFault& t) {
       const VkDeviceMemory memory = t.allocate(4096);
       const VkBuffer buffer = t.place_buffer(64, memory, 0);
       EXPECT_EQ(t.d().fn.bind_buffer_memory(t.d().handle, buffer, memory, 64), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
    {"no_memory_type",
     {{"memory_type", 1}},
     [](const PlantedFault& t) {
       const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, 4096, 4};
       VkDeviceMemory memory = VK_NULL_HANDLE;
       EXPECT_EQ(t.d().fn.allocate_memory(t.d().handle, &info, nullptr, &memory), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
    {"memory_dedicated_to_another",
     {{"dedicated", 1}},
     [](const PlantedFault& t) { t.place_buffer(64, *t.dedicate(t.buffer(64), 64), 0); }},
    {"dedicated_memory_of_another_size",
     {{"dedicated", 1}},
     [](const PlantedFault& t) { EXPECT_EQ(t.dedicate(t.buffer(64), 128).result(), VK_ERROR_VALIDATION_FAILED_EXT); }},
    {"memory_dedicated_to_a_destroyed_buffer",
     {{"use_after_free", 1}},
     [](const PlantedFault& t) {
       const VkBuffer buffer = t.buffer(64);
       t.destroy(buffer);
       EXPECT_EQ(t.dedicate(buffer, 64).result(), VK_ERROR_VALIDATION_FAILED_EXT);
     }},
    {"required_dedicated_memory_shared",
     {{"dedicated", 1}},
     [](const PlantedFault& t) {
       const VkImage image = t.transient_image();
       (void)t.d().fn.bind_image_memory(t.d().handle, image, t.allocate(16 * kKiB), 0);
     }},
};
INSTANTIATE_TEST_SUITE_P(Table, PlantedFault, testing::ValuesIn(kPlanted),
                         [](const auto& row) { return row.param.name; });
TEST_P(PlantedFault, IsFoundAndNothingElse) {
  GetParam().plant(*this);
  EXPECT_EQ(violations_.counts(), GetParam().expected);
  std::uint64_t total = 0;
  for (const auto& [kind, count] : GetParam().expected) total += count;
  EXPECT_EQ(violations_.texts().size(), total);
}

TEST_F(Oracle, APlaceIsFreeOnceItsResourceIsGone) {
  const VkDeviceMemory memory = allocate(4096);
  const VkBuffer first = place_buffer(64, memory, 128);
  const VkBuffer second = place_buffer(64, memory, 128);
  ASSERT_EQ(violations_.counts(), (Counts{{"overlap", 1}}));
  destroy(first);  // of two at one place, the right one goes
  place_buffer(64, memory, 128);
  EXPECT_EQ(violations_.counts(), (Counts{{"overlap", 2}}));
  destroy(second);
}

TEST_F(Oracle, DeclaredAliasesMayShareTheirTargetsMemory) {
  const VkDeviceMemory memory = allocate(16 * kKiB);
  const VkBuffer target = place_buffer(4096, memory, 4096);
  VkBuffer whole = VK_NULL_HANDLE;
  VkBuffer nested = VK_NULL_HANDLE;
  VkImage optimal = VK_NULL_HANDLE;
  {
    const BindingOracle::AliasDeclaration declared(oracle_, reinterpret_cast<std::uint64_t>(target));
    whole = place_buffer(4096, memory, 4096);
  }
  {
    const BindingOracle::AliasDeclaration declared(oracle_, reinterpret_cast<std::uint64_t>(target), 1024);
    optimal = place_image(memory, 5120);  // on pages of the target
  }
  {
    const BindingOracle::AliasDeclaration declared(oracle_, reinterpret_cast<std::uint64_t>(whole), 1024);
    nested = place_buffer(1024, memory, 5120);  // over target, alias and image
  }
  EXPECT_EQ(violations_.counts(), Counts());
  destroy(whole);
  destroy(optimal);
  destroy(nested);
  destroy(target);
  place_buffer(4096, memory, 4096);
  EXPECT_EQ(violations_.counts(), Counts());
}

TEST_F(Oracle, AnUndeclaredOverlapIsNoAlias) {
  const VkDeviceMemory memory = allocate(16 * kKiB);
  const VkBuffer target = place_buffer(1024, memory, 0);
  place_buffer(1024, memory, 1024);
  {
    const BindingOracle::AliasDeclaration declared(oracle_, reinterpret_cast<std::uint64_t>(target));
    place_buffer(1024, memory, 0);
    EXPECT_EQ(violations_.counts(), Counts());
    place_buffer(2048, memory, 0);  // reaches over the target's neighbour
    EXPECT_EQ(violations_.counts(), (Counts{{"overlap", 1}}));
  }
  place_buffer(1024, memory, 0);  // over target and two aliases, undeclared
  EXPECT_EQ(violations_.counts(), (Counts{{"overlap", 4}}));
}

TEST_F(Oracle, AnAliasOnAPageOfItsTargetsNeighbourIsStillAConflict) {
  const VkDeviceMemory memory = allocate(16 * kKiB);
  place_buffer(512, memory, 0);
  const VkBuffer target = place_buffer(2048, memory, 512);
  const BindingOracle::AliasDeclaration declared(oracle_, reinterpret_cast<std::uint64_t>(target));
  place_image(memory, 512);
  EXPECT_EQ(violations_.counts(), (Counts{{"granularity", 1}}));
}

TEST_F(Oracle, AnAliasElsewhereIsFound) {
  const VkDeviceMemory memory = allocate(16 * kKiB);
  const VkBuffer target = place_buffer(1024, memory, 4096);
  const BindingOracle::AliasDeclaration declared(oracle_, reinterpret_cast<std::uint64_t>(target), 256);
  place_buffer(256, memory, 8192);
  EXPECT_EQ(violations_.counts(), (Counts{{"alias", 1}}));
  place_buffer(256, allocate(4096), 256);
  EXPECT_EQ(violations_.counts(), (Counts{{"alias", 2}}));
  place_buffer(256, memory, 4096);  // in the target, and not where it was asked for: no alias
  EXPECT_EQ(violations_.counts(), (Counts{{"alias", 3}, {"overlap", 1}}));
}

TEST_F(Oracle, AliasesOutliveTheirTarget) {
  const VkDeviceMemory memory = allocate(16 * kKiB);
  const VkBuffer target = place_buffer(1024, memory, 0);
  VkBuffer first = VK_NULL_HANDLE;
  {
    const BindingOracle::AliasDeclaration declared(oracle_, reinterpret_cast<std::uint64_t>(target));
    first = place_buffer(1024, memory, 0);
  }
  destroy(target);
  {
    const BindingOracle::AliasDeclaration declared(oracle_, reinterpret_cast<std::uint64_t>(first), 512);
    place_buffer(512, memory, 512);
  }
  EXPECT_EQ(violations_.counts(), Counts());
  place_buffer(64, memory, 512);  // a stranger is still one, by whatever handle
  EXPECT_EQ(violations_.counts(), (Counts{{"overlap", 2}}));
  free(memory);
  EXPECT_EQ(violations_.counts(), (Counts{{"freed_under", 1}, {"overlap", 2}}));
}

TEST_F(Oracle, ReportsEachLeak) {
  const VkDeviceMemory memory = allocate(4096);
  place_buffer(64, memory, 0);
  buffer(64);
  image();
  oracle_.report_leaks();
  EXPECT_EQ(violations_.counts(), (Counts{{"leak", 4}}));
}

// Only the last of the resources takes it along, for the device could do anything with the others.
TEST(OracleOnADevice, KeepsMemoryThatIsFreedTooEarly) {
  const SimulatedFixture sim(test_profile());
  Violations violations;
  BindingOracle oracle(sim.d, sim.d, violations);
  const Device& d = oracle.device();
  const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, 4096, 0};
  VkDeviceMemory memory = VK_NULL_HANDLE;
  ASSERT_EQ(d.fn.allocate_memory(d.handle, &info, nullptr, &memory), VK_SUCCESS);
  VkBuffer buffers[2] = {};
  for (int i = 0; i < 2; ++i) {
    const VkBufferCreateInfo how = buffer_info(64);
    ASSERT_EQ(d.fn.create_buffer(d.handle, &how, nullptr, &buffers[i]), VK_SUCCESS);
    ASSERT_EQ(d.fn.bind_buffer_memory(d.handle, buffers[i], memory, i == 0 ? 0 : 64), VK_SUCCESS);
  }
  d.fn.free_memory(d.handle, memory, nullptr);
  d.fn.free_memory(d.handle, memory, nullptr);
  EXPECT_EQ(violations.counts(), (Counts{{"double_release", 1}, {"freed_under", 1}}));
  d.fn.destroy_buffer(d.handle, buffers[0], nullptr);
  EXPECT_EQ(simulated_leaks(*sim.owner).memories, 1u);
  d.fn.destroy_buffer(d.handle, buffers[1], nullptr);
  EXPECT_EQ(simulated_leaks(*sim.owner).total(), 0u);
  oracle.report_leaks();
  EXPECT_EQ(violations.counts(), (Counts{{"double_release", 1}, {"freed_under", 1}}));
}

TEST_F(Oracle, AFailedCallPlacesNothing) {
  const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, nullptr, kGiB, 0};
  VkDeviceMemory memory = VK_NULL_HANDLE;
  EXPECT_NE(d().fn.allocate_memory(d().handle, &info, nullptr, &memory), VK_SUCCESS);
  oracle_.report_leaks();
  EXPECT_EQ(violations_.counts(), Counts());
}

TEST(Violations, CountsAllAndKeepsTheFirstTexts) {
  Violations violations;
  for (std::size_t i = 0; i < Violations::kKept + 50; ++i)
    violations.add(i % 2 == 0 ? Violation::leak : Violation::atom, std::to_string(i));
  EXPECT_EQ(violations.counts(), (Counts{{"leak", 75}, {"atom", 75}}));
  ASSERT_EQ(violations.texts().size(), Violations::kKept);
  EXPECT_EQ(violations.texts().front(), "leak: 0");
  EXPECT_EQ(violations.texts().back(), "atom: 99");
}

}  // namespace
}  // namespace vkmembench
