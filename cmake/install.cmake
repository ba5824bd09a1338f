# `cmake --install`: the program, and allocator/ as the package vkmembench (target vkmembench::allocator).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/vkmembench")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/vkmembench-config.cmake.in"
  "${PROJECT_BINARY_DIR}/vkmembench-config.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/vkmembench-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/vkmembench-config.cmake" "${PROJECT_BINARY_DIR}/vkmembench-config-version.cmake"
  DESTINATION "${package_dir}" COMPONENT allocator)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/scenarios/" DESTINATION "${CMAKE_INSTALL_DATADIR}/vkmembench/scenarios"
  FILES_MATCHING PATTERN "*.json" PATTERN "devices" EXCLUDE PATTERN "generators" EXCLUDE)
