#pragma once

#include <string>
#include <vector>

namespace vkmembench {

// What a CI job shows of a result beside its log.
struct CiOutput {
  std::string summary_file;              // appended to, if any; so is $GITHUB_STEP_SUMMARY when it is set
  std::string markdown;                  // the summary
  std::vector<std::string> annotations;  // workflow commands, printed on stderr under GitHub's runner only
};
// Throws Error, internal, for a file that cannot be written.
void publish(const CiOutput& output);

// The command on one line, as bash takes it.
[[nodiscard]] std::string shell_line(const std::vector<std::string>& argv);

}  // namespace vkmembench
