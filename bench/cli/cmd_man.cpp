#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "allocator/base/os/atomic_file.h"
#include "allocator/base/suggest.h"
#include "bench/cli/commands.h"
#include "bench/cli/completion.h"
#include "bench/cli/manual_page.h"
#include "bench/cli/outputs.h"
#include "bench/run/build_info.h"
#include "bench/run/exit_code.h"

namespace vkmembench {
namespace {

namespace fs = std::filesystem;

std::string page_of(const ProgramTree& tree, const std::string& name) {
  const std::string version(build_info().version);
  if (name.empty()) return program_page(tree, version);
  const auto command = std::ranges::find(tree.commands, name, &CommandNode::name);
  if (command != tree.commands.end()) return command_page(tree, *command, version);
  std::vector<std::string_view> names;
  for (const CommandNode& one : tree.commands) names.push_back(one.name);
  throw Error(fmt::format("no sub-command '{}'{}", name, known_words(name, names)));
}

// Every page and completion where an installation has them: share/man/man1/vkmembench.1 and so on.
void write_pages(const ProgramTree& tree, const fs::path& folder) {
  const auto write = [](const fs::path& file, const std::string& text) {
    make_folder(file.parent_path());
    write_file(file, text);
  };
  const fs::path pages = folder / "share/man/man1";
  write(pages / "vkmembench.1", page_of(tree, ""));
  for (const CommandNode& command : tree.commands)
    write(pages / fmt::format("vkmembench-{}.1", command.name), page_of(tree, command.name));
  for (const Shell& shell : shells()) write(folder / shell.file, shell.script(tree));
}

}  // namespace

void add_man(Options& options) {
  struct Arguments {
    std::string command, output;
  };
  const auto arguments = std::make_shared<Arguments>();
  options.optional_text("COMMAND", "a sub-command; without one, the program", arguments->command);
  options.output("-o,--output", "folder for every page and completion, as\nin an installation's prefix",
                 arguments->output);
  options.action([arguments, program = options.program()](const CommandContext&) {
    if (arguments->output.empty()) {
      fmt::print("{}", page_of(program(), arguments->command));
      return ExitCode::done;
    }
    if (!arguments->command.empty())
      throw Error(fmt::format("-o {}: every page is written; leave out {}", arguments->output, arguments->command));
    write_pages(program(), arguments->output);
    return ExitCode::done;
  });
}

}  // namespace vkmembench
