# Language level, warnings and sanitizers for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_program(VKMEMBENCH_CCACHE ccache)
if(VKMEMBENCH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What ccache must overlook to keep files that use precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${VKMEMBENCH_CCACHE})
endif()

# vkmembench_precompile(TARGET [HEADER...]): lets sanitizer builds read what most files include from precompiled headers. clang
# takes a third less time with them; GCC gains nothing.
function(vkmembench_precompile target)
  if(VKMEMBENCH_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    target_precompile_headers(${target} PRIVATE <algorithm> <filesystem> <fstream> <functional> <map> <memory_resource>
      <mutex> <optional> <span> <sstream> <string> <unordered_map> <variant> <vector> <vulkan/vulkan_core.h>
      <fmt/format.h> <nlohmann/json.hpp> ${ARGN})
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")  # ccache compares contents
  endif()
endfunction()

add_library(vkmembench_options INTERFACE)
target_compile_options(vkmembench_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Werror)
if(VKMEMBENCH_SANITIZE)
  add_compile_options(-fsanitize=${VKMEMBENCH_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${VKMEMBENCH_SANITIZE})
endif()
if(VKMEMBENCH_SANITIZE MATCHES address)
  target_sources(vkmembench_options INTERFACE
    "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${CMAKE_CURRENT_LIST_DIR}/sanitizer_defaults.cpp>")
  target_link_options(vkmembench_options INTERFACE -Wl,--export-dynamic-symbol=dlclose)
endif()
if(VKMEMBENCH_SANITIZE MATCHES thread)
  target_sources(vkmembench_options INTERFACE
    "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${CMAKE_CURRENT_LIST_DIR}/thread_sanitizer_defaults.cpp>")
endif()
if(VKMEMBENCH_STATIC_RUNTIME)
  add_link_options(-static-libstdc++ -static-libgcc)
endif()
