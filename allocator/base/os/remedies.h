#pragma once

#include <string_view>

namespace vkmembench {

// What people lack.
enum class Missing { vulkan_loader, vulkan_driver, cpu_driver, validation_layer };

// How that is had on this system, as the end of a sentence: "install ...".
[[nodiscard]] std::string_view remedy_for(Missing what);

}  // namespace vkmembench
