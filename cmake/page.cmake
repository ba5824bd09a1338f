# The HTML page of reports (reports/viewer/), bundled by npm in the build tree, or the VKMEMBENCH_PAGE_FILE that another build
# made, a release's source archive holds one. Without npm, or with VKMEMBENCH_PAGE off, an empty file stands for it and
# `vkmembench report -o x.html` says so.
# vkmembench_build_page(OUTPUT): the rules that make the file OUTPUT.
function(vkmembench_build_page output)
  set(source "${PROJECT_SOURCE_DIR}/reports/viewer")
  get_filename_component(folder "${output}" DIRECTORY)
  if(VKMEMBENCH_PAGE_FILE)
    if(NOT EXISTS "${VKMEMBENCH_PAGE_FILE}")
      message(FATAL_ERROR "VKMEMBENCH_PAGE_FILE: there is no '${VKMEMBENCH_PAGE_FILE}'")
    endif()
    configure_file("${VKMEMBENCH_PAGE_FILE}" "${output}" COPYONLY)
    return()
  endif()
  if(VKMEMBENCH_PAGE)
    find_program(VKMEMBENCH_NPM npm)
    if(NOT VKMEMBENCH_NPM)
      message(STATUS "No npm: the program is built without the HTML page of reports")
    endif()
  endif()
  if(NOT VKMEMBENCH_PAGE OR NOT VKMEMBENCH_NPM)
    file(WRITE "${output}" "")
    return()
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${source}/src/*")
  list(APPEND sources "${source}/page.html" "${source}/build.mjs")
  set(packages "${source}/package.json" "${source}/package-lock.json" "${source}/.npmrc")
  # npm installs beside package.json: so the packages live in the build tree, and never in the source tree.
  file(MAKE_DIRECTORY "${folder}")  # commands begin in it
  add_custom_command(OUTPUT "${folder}/node_modules/.package-lock.json"
    COMMAND ${CMAKE_COMMAND} -E copy ${packages} "${folder}"
    COMMAND "${VKMEMBENCH_NPM}" ci --omit=dev --no-audit --no-fund --loglevel=error
    WORKING_DIRECTORY "${folder}" DEPENDS ${packages} VERBATIM
    COMMENT "Installing the page's packages (without a registry: -DVKMEMBENCH_PAGE=OFF)")
  add_custom_command(OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} -E copy_directory "${source}/src" "${folder}/src"
    COMMAND ${CMAKE_COMMAND} -E copy "${source}/page.html" "${source}/build.mjs" "${folder}"
    COMMAND "${VKMEMBENCH_NPM}" run --silent build -- "${output}"
    WORKING_DIRECTORY "${folder}" DEPENDS ${sources} "${folder}/node_modules/.package-lock.json" VERBATIM
    COMMENT "Building the HTML page of reports")
endfunction()
