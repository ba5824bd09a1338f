#include "scenarios/json/file_kind.h"

#include <algorithm>
#include <array>

#include "allocator/base/error.h"
#include "scenarios/importers/content.h"
#include "scenarios/importers/importers.h"

namespace vkmembench {
namespace {

// What tells a kind stands near the begin of its files.
constexpr std::size_t kHead = std::size_t{64} << 10;

// The schema that a file of ours states, without its version; empty without one.
std::string_view stated_schema(std::string_view text) {
  constexpr std::string_view kKey = "\"schema\"";
  const std::size_t key = text.find(kKey);
  if (key == std::string_view::npos || !is_json(text)) return {};
  const std::size_t begin = text.find('"', key + kKey.size());
  if (begin == std::string_view::npos) return {};
  const std::string_view value = text.substr(begin + 1, text.find('"', begin + 1) - begin - 1);
  return value.substr(0, value.find('/'));
}

struct Kind {
  std::string_view is;
  std::string_view remedy;
  bool (*matches)(std::string_view head);
  std::string_view schema = "";  // of our own kinds
};

#define VKMEMBENCH_OWN(kind) \
  [](std::string_view head) { return stated_schema(head) == "vkmembench." kind; }, "vkmembench." kind

constexpr auto kKinds = std::to_array<Kind>({
    {"a scenario", "`vkmembench run` takes it", VKMEMBENCH_OWN("scenario")},
    {"a trace", "name it .jsonl, and `vkmembench run` takes it", VKMEMBENCH_OWN("trace")},
    {"a device profile", "`--device sim:FILE` takes it", VKMEMBENCH_OWN("device")},
    {"a report", "`vkmembench report` shows it", VKMEMBENCH_OWN("report")},
    {"a policy", "`--policy` of gate and ab takes it", VKMEMBENCH_OWN("gate")},
    {"a result of `vkmembench ab`", "it is for reading; nothing takes it", VKMEMBENCH_OWN("ab")},
    {"a report of `vkmembench stress`", "it is for reading; the scenarios that it names repeat what it found",
     VKMEMBENCH_OWN("stress")},
    {"a matrix", "`vkmembench plan` takes it", VKMEMBENCH_OWN("matrix")},
    {"a plan", "`vkmembench run --plan` takes its folder", VKMEMBENCH_OWN("plan")},
    {"the index of a store", "`vkmembench report` takes its folder", VKMEMBENCH_OWN("store")},
    {"a text of vulkaninfo",
     "it is no device profile: `vkmembench list devices` prints those that ship, `vkmembench schema device` says what "
     "one "
     "holds",
     [](std::string_view head) { return has_all(head, "VULKANINFO", "Vulkan Instance Version"); }},
    {"JSON of vulkaninfo or a Vulkan profile (VP_*)",
     "it is no device profile: `vkmembench schema device` says what one holds",
     [](std::string_view head) {
       return is_json(head) && (has_all(head, "\"capabilities\"", "\"profiles\"") ||
                                has_all(head, "\"$schema\"", "schema.khronos.org/vulkan"));
     }},
    {"a report of Vulkan Hardware Capability Viewer",
     "it is no device profile: `vkmembench schema device` says what one holds",
     [](std::string_view head) {
       return is_json(head) &&
              (has_all(head, "\"environment\"", "\"reportversion\"") ||
               has_all(head, "\"VkPhysicalDeviceProperties\"", "\"VkPhysicalDeviceMemoryProperties\""));
     }},
    {"settings of Vulkan layers (vkconfig)", "no command takes them",
     [](std::string_view head) {
       return (is_json(head) &&
               (has(head, "\"file_format_version\"") && (has(head, "\"layer\"") || has(head, "\"layers\"") ||
                                                         has(head, "\"configurations\"") || has(head, "\"ICD\"")))) ||
              has(head, "khronos_validation.");
     }},
    {"a strategy", "`--strategy FILE` takes it",
     [](std::string_view head) { return is_json(head) && !has(head, "\"schema\"") && has(head, "\"preset\""); },
     "vkmembench.strategy"},
});

}  // namespace

void refuse_other_kind(std::string_view text, const std::string& file, std::string_view wanted) {
  const std::string_view head = text.substr(0, kHead);
  if (const Importer* importer = stated_schema(head).starts_with("vkmembench.") ? nullptr : importer_of(head)) {
    throw Error(file + ": is " + std::string(importer->description) + "; `" + importing_command(*importer, file) +
                "` makes a trace of it");
  }
  const auto kind = std::ranges::find_if(kKinds, [&](const Kind& row) { return row.matches(head); });
  if (kind == kKinds.end() || (wanted.empty() ? !kind->schema.empty() : kind->schema == wanted)) return;
  const auto own = std::ranges::find(kKinds, wanted, &Kind::schema);
  std::string message = file + ": is " + std::string(kind->is);
  if (!wanted.empty() && own != kKinds.end()) message += ", not " + std::string(own->is);
  throw Error(message + "; " + std::string(kind->remedy));
}

}  // namespace vkmembench
