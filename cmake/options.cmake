# Language level, warnings and sanitizers for every target. The presets make warnings errors; other builds only show them,
# for a compiler newer than ours knows more of them.
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

# vkmembench_precompile(TARGET [HEADER...]): reads what most files include from precompiled headers, which takes a third off
# a build. The preset tidy does without, so that it sees files that forget an include.
function(vkmembench_precompile target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    list(REMOVE_ITEM ARGN <nlohmann/json.hpp>)  # its weight costs every file more than parsing it costs the few
  endif()
  target_precompile_headers(${target} PRIVATE <algorithm> <array> <atomic> <charconv> <cmath> <filesystem> <fstream>
    <functional> <map> <memory> <memory_resource> <mutex> <numeric> <optional> <set> <span> <sstream> <string> <thread>
    <unordered_map> <variant> <vector> <vulkan/vulkan_core.h> ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")  # ccache compares contents
  endif()
endfunction()

# vkmembench_parse(FILE...): parses the headers of these files although their target precompiles them: GCC 12 then sees
# overruns in the strings of its own library, where there are none.
function(vkmembench_parse)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

add_library(vkmembench_options INTERFACE)
if(MSVC)
  target_compile_options(vkmembench_options INTERFACE /W4)
  add_compile_options(/utf-8 /permissive- /Zc:__cplusplus /bigobj)
else()
  target_compile_options(vkmembench_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion)
  # A product and a sum stay two roundings, also where the processor has one instruction for both: figures are the same everywhere.
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" OR CMAKE_CXX_FLAGS MATCHES "-m(arch|fma)")
    add_compile_options(-ffp-contract=off)
  endif()
endif()
if(WIN32)
  add_compile_definitions(_WIN32_WINNT=0x0A00 NOMINMAX WIN32_LEAN_AND_MEAN)  # Windows 10
endif()
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

# vkmembench_old_glibc(TARGET): adds what TARGET's static C++ runtime needs where cmake/old_glibc.cmake links an older glibc.
function(vkmembench_old_glibc target)
  if(VKMEMBENCH_OLD_GLIBC)
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/old_glibc.cpp")
  endif()
endfunction()
