# vkmembench_build_info(TARGET): adds build_info() (bench/run/build_info.h) to TARGET. The commit is looked up by each build and
# written only when it changed.
function(vkmembench_build_info target)
  set(folder "${PROJECT_BINARY_DIR}/generated/build_info")
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  set(build_info_flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  if(VKMEMBENCH_SANITIZE)
    string(APPEND build_info_flags " -fsanitize=${VKMEMBENCH_SANITIZE}")
  endif()
  string(STRIP "${build_info_flags}" build_info_flags)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/build_info.cpp.in" "${folder}/build_info.cpp" @ONLY)
  add_custom_target(${target}_git_sha BYPRODUCTS "${folder}/git_sha.h" VERBATIM
    COMMAND ${CMAKE_COMMAND} "-DSOURCE=${PROJECT_SOURCE_DIR}" "-DOUTPUT=${folder}/git_sha.h" -P "${PROJECT_SOURCE_DIR}/cmake/write_git_sha.cmake")
  add_dependencies(${target} ${target}_git_sha)
  target_sources(${target} PRIVATE "${folder}/build_info.cpp")
endfunction()
