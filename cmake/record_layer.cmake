# The Vulkan layer that records programs, and its manifest beside it. Whatever loads it gets no other library with it: it is
# made of its own sources, and of those few of the trace that it writes with.
file(GLOB_RECURSE layer_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/scenarios/recording/*.cpp")
list(FILTER layer_sources EXCLUDE REGEX "_test\\.cpp$")
foreach(shared event_fields op_rules recorded_text shape_rules shape_text)
  list(APPEND layer_sources "${PROJECT_SOURCE_DIR}/scenarios/trace/${shared}.cpp")
endforeach()
add_library(vkmembench-record MODULE ${layer_sources})
target_include_directories(vkmembench-record PRIVATE "${PROJECT_SOURCE_DIR}")
target_link_libraries(vkmembench-record PRIVATE vkmembench_allocator vkmembench_json vkmembench_zstd vkmembench_options fmt::fmt-header-only)
vkmembench_old_glibc(vkmembench-record)
target_link_options(vkmembench-record PRIVATE -static-libstdc++ -static-libgcc
  "-Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/record_layer.map" -Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,--no-undefined -Wl,-z,nodelete)
set_target_properties(vkmembench-record PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  UNITY_BUILD OFF LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")

set(record_layer_path "./vkmembench-record.so")
configure_file("${CMAKE_CURRENT_LIST_DIR}/record_layer.json.in" "${PROJECT_BINARY_DIR}/VkLayer_vkmembench_record.json" @ONLY)
# Relative to the installed manifest.
set(record_layer_folder "${CMAKE_INSTALL_DATADIR}/vulkan/implicit_layer.d")
file(RELATIVE_PATH record_layer_path "/${record_layer_folder}" "/${CMAKE_INSTALL_LIBDIR}/vkmembench/vkmembench-record.so")
configure_file("${CMAKE_CURRENT_LIST_DIR}/record_layer.json.in" "${PROJECT_BINARY_DIR}/generated/installed/VkLayer_vkmembench_record.json" @ONLY)
install(TARGETS vkmembench-record LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/vkmembench COMPONENT program)
install(FILES "${PROJECT_BINARY_DIR}/generated/installed/VkLayer_vkmembench_record.json" DESTINATION "${record_layer_folder}" COMPONENT program)
