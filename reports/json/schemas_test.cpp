#include "reports/json/schemas.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace vkmembench {
namespace {

// Calls visit(pointer, object) for each object of a JSON value.
template <typename Visit>
void for_each_object(const nlohmann::json& value, const std::string& pointer, const Visit& visit) {
  if (value.is_object()) visit(pointer, value);
  if (!value.is_structured()) return;
  for (const auto& [key, child] : value.items()) for_each_object(child, pointer + '/' + key, visit);
}

TEST(Schemas, AreParsedNamedAndOfTheDraft) {
  ASSERT_FALSE(shipped_schemas().empty());
  for (const EmbeddedFile& file : shipped_schemas()) {
    ASSERT_TRUE(file.name.ends_with(".schema.json")) << file.name;
    const std::string kind(file.name.substr(0, file.name.find('.')));
    EXPECT_EQ(find_schema(kind), &file);
    const nlohmann::json schema = nlohmann::json::parse(file.text, nullptr, false);
    ASSERT_FALSE(schema.is_discarded()) << file.name;
    EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema") << file.name;
  }
}

TEST(Schemas, ReferencesLeadSomewhere) {
  for (const EmbeddedFile& file : shipped_schemas()) {
    const nlohmann::json schema = nlohmann::json::parse(whole_schema(file));
    for_each_object(schema, "", [&](const std::string& pointer, const nlohmann::json& object) {
      const auto reference = object.find("$ref");
      if (reference == object.end() || !reference->is_string()) return;
      const std::string to = reference->get<std::string>();
      ASSERT_TRUE(to.starts_with("#")) << file.name << pointer;
      EXPECT_TRUE(schema.contains(nlohmann::json::json_pointer(to.substr(1)))) << file.name << pointer << " " << to;
    });
  }
}

TEST(Schemas, OtherKindsHaveNone) {
  EXPECT_NE(find_schema("report"), nullptr);
  EXPECT_EQ(find_schema("reports"), nullptr);
  EXPECT_EQ(find_schema(""), nullptr);
  EXPECT_EQ(find_schema("report.schema.json"), nullptr);
}

}  // namespace
}  // namespace vkmembench
