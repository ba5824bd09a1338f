# `cmake --install`, with DESTDIR and the folders of GNUInstallDirs. Component program: the program with its pages,
# completions and files, and the recording layer. Component allocator: allocator/ as the package vkmembench (target
# vkmembench::allocator) for CMake and pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/vkmembench")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/vkmembench-config.cmake.in"
  "${PROJECT_BINARY_DIR}/vkmembench-config.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/vkmembench-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/vkmembench-config.cmake" "${PROJECT_BINARY_DIR}/vkmembench-config-version.cmake"
  DESTINATION "${package_dir}" COMPONENT allocator)

set(data_dir "${CMAKE_INSTALL_DATADIR}/vkmembench")
file(GLOB scenarios CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/scenarios/*.json")
install(FILES ${scenarios} DESTINATION "${data_dir}/scenarios" COMPONENT program)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/scenarios/recorded" DESTINATION "${data_dir}/scenarios" COMPONENT program)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/reports/schema" DESTINATION "${data_dir}" COMPONENT program FILES_MATCHING PATTERN "*.json")
install(FILES "${PROJECT_SOURCE_DIR}/reports/gate.json" DESTINATION "${data_dir}/policies" COMPONENT program)
install(PROGRAMS "${PROJECT_SOURCE_DIR}/scripts/memory-gate" DESTINATION "${data_dir}/ci" COMPONENT program)
install(FILES README.md CHANGELOG.md METRICS.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT program)

# vkmembench_install_pkg_config(): vkmembench.pc, which finds its folders from where it lies.
function(vkmembench_install_pkg_config)
  set(pkg_config_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
  file(RELATIVE_PATH pkg_config_up "/${pkg_config_dir}" "/")
  string(REGEX REPLACE "/$" "" pkg_config_up "${pkg_config_up}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/vkmembench.pc.in" "${PROJECT_BINARY_DIR}/vkmembench.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/vkmembench.pc" DESTINATION "${pkg_config_dir}" COMPONENT allocator)
endfunction()

# vkmembench_install_manual(): manual pages and completions, which the program writes. A cross build that cannot run it goes
# without.
function(vkmembench_install_manual)
  if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
    message(STATUS "The program cannot run here: no manual pages and completions are installed")
    return()
  endif()
  set(manual "${PROJECT_BINARY_DIR}/manual")
  add_custom_command(OUTPUT "${manual}/share/man/man1/vkmembench.1" COMMAND vkmembench man -o "${manual}" DEPENDS vkmembench VERBATIM)
  add_custom_target(vkmembench_manual ALL DEPENDS "${manual}/share/man/man1/vkmembench.1")
  install(DIRECTORY "${manual}/share/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}" COMPONENT program OPTIONAL)
  install(DIRECTORY "${manual}/share/" DESTINATION "${CMAKE_INSTALL_DATADIR}" COMPONENT program OPTIONAL PATTERN man EXCLUDE)
endfunction()
