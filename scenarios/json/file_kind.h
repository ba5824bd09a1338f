#pragma once

#include <string>
#include <string_view>

namespace vkmembench {

// Throws Error when the text is of a kind that is known, but no file of this kind: what it is, and what to do with it.
// `wanted` is a schema without its version, such as "vkmembench.scenario"; empty: any of ours. For readers, before they
// look for more.
void refuse_other_kind(std::string_view text, const std::string& file, std::string_view wanted);

}  // namespace vkmembench
