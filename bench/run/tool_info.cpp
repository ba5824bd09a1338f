#include <fmt/core.h>
#include <spdlog/version.h>
#include <vulkan/vulkan_core.h>
#include <zstd.h>

#include <CLI/Version.hpp>
#include <nlohmann/json_fwd.hpp>

#include "bench/run/build_info.h"
#include "bench/run/host_info.h"

namespace vkmembench {

ToolInfo tool_info() {
  const BuildInfo build = build_info();
  ToolInfo tool;
  tool.version = build.version;
  tool.git_sha = build.git_sha;
  tool.build_type = build.build_type;
  tool.compiler = build.compiler;
  tool.flags = build.flags;
  tool.libs = {
      {"vma", std::string(build.vma_version)},
      {"vulkan_headers",
       fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(VK_HEADER_VERSION_COMPLETE),
                   VK_API_VERSION_MINOR(VK_HEADER_VERSION_COMPLETE), VK_API_VERSION_PATCH(VK_HEADER_VERSION_COMPLETE))},
      {"cli11", CLI11_VERSION},
      {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
      {"nlohmann_json",
       fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)},
      {"spdlog", fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH)},
      {"zstd", ZSTD_VERSION_STRING},
  };
  return tool;
}

}  // namespace vkmembench
