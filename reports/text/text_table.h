#pragma once

#include <string>
#include <vector>

namespace vkmembench {

// Rows of cells under headings.
struct TextTable {
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;  // as many cells each as there are headings
  std::size_t text_columns = 1;                // from the left, aligned left; figures beyond them to the right
};

// Padded with spaces, two between columns, each line indented by two; cells as printable() has them.
[[nodiscard]] std::string plain_table(const TextTable& table);
// As Markdown; nothing that a cell holds can end it or become markup.
[[nodiscard]] std::string markdown_table(const TextTable& table);
// The text with Markdown's own characters escaped, on one line.
[[nodiscard]] std::string markdown_text(const std::string& text);

}  // namespace vkmembench
