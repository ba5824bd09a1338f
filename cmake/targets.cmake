# What a test that starts threads has in its name, by suite or by itself.
set(threaded_names hread Concurrent AtOnce)

# vkmembench_sanitized_tests(TARGET): TARGET's tests, for the thread sanitizer only those that start threads, which say so in
# their names. They run as a few processes, for a start under a sanitizer costs more than most tests, and without the
# undefined behaviour sanitizer in the tests' own code, where it costs a third of the build.
function(vkmembench_sanitized_tests target)
  target_compile_options(${target} PRIVATE -fno-sanitize=undefined)
  set(shards 4)
  set(filter "*")
  if(VKMEMBENCH_SANITIZE MATCHES thread)
    list(JOIN threaded_names "*:*" filter)
    set(filter "*${filter}*")
  endif()
  math(EXPR last "${shards} - 1")
  foreach(shard RANGE ${last})
    add_test(NAME ${target}_${shard} COMMAND ${target} --gtest_brief=1)
    set_tests_properties(${target}_${shard} PROPERTIES LABELS unit TIMEOUT 1200
      ENVIRONMENT "GTEST_FILTER=${filter};GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${shard}")
  endforeach()
endfunction()

# vkmembench_threaded(FILES): drops from a list of sources those with tests of which none starts threads.
function(vkmembench_threaded files)
  list(JOIN threaded_names "|" threaded)
  set(kept)
  foreach(file ${${files}})
    file(STRINGS "${file}" tests REGEX "^TEST")
    if(NOT tests OR tests MATCHES "${threaded}")
      list(APPEND kept "${file}")
    endif()
  endforeach()
  set(${files} ${kept} PARENT_SCOPE)
endfunction()

if(VKMEMBENCH_TESTS)
  add_library(vkmembench_source_dir STATIC "${CMAKE_CURRENT_LIST_DIR}/source_dir.cpp")
  target_include_directories(vkmembench_source_dir PUBLIC "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(vkmembench_source_dir PRIVATE VKMEMBENCH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endif()

# vkmembench_folder(NAME [PUBLIC lib...] [PRIVATE lib...] [EXCLUDE regex...] [HOT regex...] [PRECOMPILE header...]): a static
# library vkmembench_NAME of every source below the current folder, and, with tests on, a program NAME_test of every
# *_test.cpp. With HOT, only sources that match are fully optimised: the others wait for files and print, and half the
# time of a build would go into them. Adding a file needs no edit here.
function(vkmembench_folder name)
  cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE;EXCLUDE;HOT;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/(example|tracy_standin)/")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  foreach(pattern ${arg_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  add_library(vkmembench_${name} STATIC ${sources})
  if(arg_HOT)
    list(JOIN arg_HOT "|" hot)
    list(FILTER sources EXCLUDE REGEX "${hot}")
    set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)
  endif()
  target_include_directories(vkmembench_${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>" "$<INSTALL_INTERFACE:include/vkmembench>")
  target_link_libraries(vkmembench_${name} PUBLIC ${arg_PUBLIC} PRIVATE $<BUILD_INTERFACE:vkmembench_options> ${arg_PRIVATE})
  vkmembench_precompile(vkmembench_${name} ${arg_PRECOMPILE})
  if(VKMEMBENCH_SANITIZE MATCHES thread)
    vkmembench_threaded(tests)
  endif()
  if(VKMEMBENCH_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE vkmembench_${name} vkmembench_options vkmembench_source_dir ${arg_PRIVATE} GTest::gmock GTest::gtest_main)
    vkmembench_precompile(${name}_test <gmock/gmock.h> <gtest/gtest.h> ${arg_PRECOMPILE})
    target_compile_options(${name}_test PRIVATE $<$<CONFIG:Release>:-O1>)  # tests are built more often than they run
    if(VKMEMBENCH_SANITIZE)
      vkmembench_sanitized_tests(${name}_test)
    else()
      gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit TIMEOUT 300)
    endif()
  endif()
endfunction()
