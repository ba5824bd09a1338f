# vkmembench_embed(TARGET FUNCTION files...): adds to TARGET a function `std::span<const EmbeddedFile> FUNCTION()` with the
# name and text of each file, so that the program needs nothing beside it. The header is scenarios/json/embedded.h.
function(vkmembench_embed target function)
  set(output "${PROJECT_BINARY_DIR}/generated/${target}_${function}.cpp")
  add_custom_command(OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DFUNCTION=${function} "-DFILES=${ARGN}"
            -P "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake"
    DEPENDS ${ARGN} "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake" VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
