#include "reports/json/schemas.h"

namespace vkmembench {

const EmbeddedFile* find_schema(std::string_view kind) {
  constexpr std::string_view kSuffix = ".schema.json";
  for (const EmbeddedFile& file : shipped_schemas()) {
    if (file.name.size() == kind.size() + kSuffix.size() && file.name.starts_with(kind) &&
        file.name.ends_with(kSuffix)) {
      return &file;
    }
  }
  return nullptr;
}

}  // namespace vkmembench
