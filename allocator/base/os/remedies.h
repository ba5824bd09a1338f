#pragma once

#include <string>
#include <string_view>

namespace vkmembench {

// What people lack.
enum class Missing { vulkan_loader, vulkan_driver, cpu_driver, validation_layer };

// How that is had on this system, as the end of a sentence: "install ...".
[[nodiscard]] std::string_view remedy_for(Missing what);

// The command that installs packages of Debian's; empty where the system has none of them.
[[nodiscard]] std::string install_command(std::string_view packages);

}  // namespace vkmembench
