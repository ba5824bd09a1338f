# What a test that starts threads has in its name, by suite or by itself.
set(threaded_names hread Concurrent AtOnce)

# Tests that replay thousands of times what other tests replay once; under a sanitizer they run each night.
set(searching_names "*ShrunkFaults*" "PlantedFaults.*" "Plan.UnderTheModelClock*")
if(VKMEMBENCH_SANITIZE MATCHES thread)
  list(APPEND searching_names "*FaultLoopsThreaded*" "*StopsThreaded*")
endif()

# vkmembench_sanitized_tests(TARGET): TARGET's tests but those that search, for the thread sanitizer only those that start
# threads, which say so in their names. They run as some processes, for a start under a sanitizer costs more than most
# tests, but as so many that the last one keeps no core waiting for long; and without the undefined behaviour sanitizer
# in the tests' own code, where it costs a third of the build.
function(vkmembench_sanitized_tests target)
  target_compile_options(${target} PRIVATE -fno-sanitize=undefined)
  set(shards 12)
  list(JOIN searching_names ":" searching)
  set(filter "*")
  if(VKMEMBENCH_SANITIZE MATCHES thread)
    list(JOIN threaded_names "*:*" filter)
    set(filter "*${filter}*")
  endif()
  math(EXPR last "${shards} - 1")
  foreach(shard RANGE ${last})
    add_test(NAME ${target}_${shard} COMMAND ${target} --gtest_brief=1)
    set_tests_properties(${target}_${shard} PROPERTIES LABELS unit TIMEOUT 1200
      ENVIRONMENT "GTEST_FILTER=${filter}-${searching};GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${shard}")
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

set(less_optimised -O1)
if(MSVC)
  set(less_optimised /O1)
endif()

# vkmembench_of_system(FILES): drops from a list of sources those of other systems. What systems differ in is in base/os/, a
# folder for each; tests that ask a POSIX system are called X_posix_test.cpp. The layer that records is POSIX's
# as well.
if(WIN32)
  set(VKMEMBENCH_SYSTEM windows)
elseif(APPLE)
  set(VKMEMBENCH_SYSTEM posix macos)
else()
  set(VKMEMBENCH_SYSTEM posix linux)
endif()
function(vkmembench_of_system files)
  set(others posix linux macos windows)
  list(REMOVE_ITEM others ${VKMEMBENCH_SYSTEM})
  list(JOIN others "|" pattern)
  list(FILTER ${files} EXCLUDE REGEX "/os/(${pattern})/")
  if(NOT posix IN_LIST VKMEMBENCH_SYSTEM)
    list(FILTER ${files} EXCLUDE REGEX "_posix_test\\.cpp$|/recording/layer/")
  endif()
  set(${files} ${${files}} PARENT_SCOPE)
endfunction()

# vkmembench_folder(NAME [PUBLIC lib...] [PRIVATE lib...] [EXCLUDE regex...] [HOT regex...] [PRECOMPILE header...]): a static
# library vkmembench_NAME of every source below the current folder, and, with tests on, a program NAME_test of every
# *_test.cpp and of what lies in testing/. With HOT, only sources that match are fully optimised: the others wait for files and
# print, and half the time of a build would go into them. Adding a file needs no edit here.
# With CMAKE_UNITY_BUILD sources are compiled in batches: names in unnamed namespaces differ within a folder.
function(vkmembench_folder name)
  cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE;EXCLUDE;HOT;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/(example|program_test|tracy_standin)/")
  vkmembench_of_system(sources)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$|/testing/")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$|/testing/")
  foreach(pattern ${arg_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  set(parts vkmembench_${name})
  if(arg_HOT)
    list(JOIN arg_HOT "|" hot)
    set(cold ${sources})
    list(FILTER cold EXCLUDE REGEX "${hot}")
    list(FILTER sources INCLUDE REGEX "${hot}")
    add_library(vkmembench_${name}_cold OBJECT ${cold})
    target_compile_options(vkmembench_${name}_cold PRIVATE $<$<CONFIG:Release>:${less_optimised}>)
    list(APPEND parts vkmembench_${name}_cold)
    list(APPEND sources $<TARGET_OBJECTS:vkmembench_${name}_cold>)
  endif()
  add_library(vkmembench_${name} STATIC ${sources})
  foreach(part ${parts})
    target_include_directories(${part} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
      "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/vkmembench>")
    target_link_libraries(${part} PUBLIC ${arg_PUBLIC} PRIVATE $<BUILD_INTERFACE:vkmembench_options> ${arg_PRIVATE})
    vkmembench_precompile(${part} ${arg_PRECOMPILE})
  endforeach()
  if(VKMEMBENCH_SANITIZE MATCHES thread)
    vkmembench_threaded(tests)
  endif()
  if(VKMEMBENCH_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE vkmembench_${name} vkmembench_options vkmembench_source_dir ${arg_PRIVATE} GTest::gmock GTest::gtest_main)
    vkmembench_precompile(${name}_test <gmock/gmock.h> <gtest/gtest.h> ${arg_PRECOMPILE})
    target_compile_options(${name}_test PRIVATE $<$<CONFIG:Release>:${less_optimised}>)  # tests are built more often than they run
    set_target_properties(${name}_test PROPERTIES UNITY_BUILD OFF)
    if(VKMEMBENCH_SANITIZE)
      vkmembench_sanitized_tests(${name}_test)
    else()
      gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit TIMEOUT 300)
    endif()
  endif()
endfunction()
