#include "allocator/host/category_tree.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

#include "allocator/base/error.h"

namespace vkmembench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::string deep(std::size_t names) {
  std::string path = "n";
  for (std::size_t i = 1; i < names; ++i) path += "::n";
  return path;
}

TEST(CategoryTree, MakesTheCategoriesAboveANewOne) {
  CategoryTree tree(16, 16);
  const Category diffuse = tree.category("Renderer::Textures::Diffuse");
  const Category renderer = tree.category("Renderer");
  EXPECT_EQ(tree.parent(tree.parent(diffuse.row)), renderer.row);
  EXPECT_EQ(tree.parent(renderer.row), CategoryTree::kAll);
  EXPECT_EQ(tree.parent(CategoryTree::kAll), CategoryTree::kAll);
  EXPECT_THAT(tree.names().categories, ElementsAre("(all)", "(other)", "(large)", "Renderer", "Renderer::Textures",
                                                   "Renderer::Textures::Diffuse"));
  EXPECT_EQ(tree.path(diffuse), "Renderer::Textures::Diffuse");
}

TEST(CategoryTree, CopiesAPathAndKnowsItAgain) {
  CategoryTree tree(16, 16);
  std::string path = "a::b";
  const Category first = tree.category(path);
  path.assign("z::z");
  EXPECT_EQ(tree.category("a::b"), first);
  EXPECT_NE(tree.category(path), first);
  EXPECT_NE(tree.category("b"), first) << "the same last name elsewhere";
  EXPECT_NE(tree.category("a:b"), first) << "one colon separates nothing";
}

TEST(CategoryTree, RefusesPathsWithAnEmptyNameOrTooMany) {
  CategoryTree tree(128, 16);
  for (const char* path : {"", "::", "a::", "::a", "a::::b"})
    EXPECT_THAT([&] { (void)tree.category(path); }, ThrowsMessage<Error>(HasSubstr("a name is empty"))) << path;
  EXPECT_NE(tree.category(deep(CategoryTree::kMaxDepth)).row, CategoryTree::kOther);
  for (const std::size_t names : {std::size_t{CategoryTree::kMaxDepth} + 1, std::size_t{10'000}})
    EXPECT_THAT([&] { (void)tree.category(deep(names)); }, ThrowsMessage<Error>(HasSubstr("more than 32 names")));
  EXPECT_EQ(tree.names().categories.size(), CategoryTree::kReserved + CategoryTree::kMaxDepth) << "nothing half made";
}

TEST(CategoryTree, PutsCategoriesBeyondTheLimitIntoOther) {
  CategoryTree tree(CategoryTree::kReserved + 2, 4);
  EXPECT_NE(tree.category("a::b").row, CategoryTree::kOther);
  EXPECT_EQ(tree.category("a::c").row, CategoryTree::kOther);
  EXPECT_EQ(tree.category("d::e").row, CategoryTree::kOther);
  EXPECT_NE(tree.category("a::b").row, CategoryTree::kOther) << "what is known stays known";
}

TEST(CategoryTree, TellsPlacesApartByCategoryFileAndLine) {
  CategoryTree tree(16, 16);
  const Category a = tree.category("a");
  const Category b = tree.category("b");
  const std::string same_text = "x.cpp";  // at another address than the literal
  const Account place = tree.place(a, {"x.cpp", 1});
  EXPECT_EQ(tree.place(a, {same_text.c_str(), 1}), place);
  EXPECT_NE(tree.place(a, {"x.cpp", 2}), place);
  EXPECT_NE(tree.place(a, {"y.cpp", 1}), place);
  EXPECT_NE(tree.place(b, {"x.cpp", 1}), place);
  EXPECT_EQ(tree.parent(place.row), a.row);
  EXPECT_EQ(tree.place(a, {}), Account{a.row}) << "no place is the category itself";
}

TEST(CategoryTree, PutsPlacesBeyondTheLimitIntoTheirCategory) {
  CategoryTree tree(16, 2);
  const Category a = tree.category("a");
  EXPECT_NE(tree.place(a, {"x.cpp", 1}).row, a.row);
  EXPECT_NE(tree.place(a, {"x.cpp", 2}).row, a.row);
  EXPECT_EQ(tree.place(a, {"x.cpp", 3}).row, a.row);
  EXPECT_NE(tree.place(a, {"x.cpp", 1}).row, a.row);
}

TEST(CategoryTree, RefusesLimitsThatLeaveNoRoom) {
  EXPECT_THROW(CategoryTree(2, 16), Error);
  EXPECT_THROW(CategoryTree(CategoryTree::kMaxRows, 1), Error);
  EXPECT_THROW(CategoryTree(16, ~0u - 8), Error) << "no overflow of the sum";
}

TEST(CategoryTree, GivesEveryThreadTheSameRow) {
  CategoryTree tree(256, 256);
  std::vector<std::vector<std::uint32_t>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& rows : seen)
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) {
          const Category category = tree.category("a::" + std::to_string(i));
          rows.push_back(category.row);
          rows.push_back(tree.place(category, {"x.cpp", 7}).row);
        }
      });
  }
  for (const auto& rows : seen) EXPECT_EQ(rows, seen.front());
}

}  // namespace
}  // namespace vkmembench
