# sentinella_precompile(TARGET KIND HEADERS...): the common headers are compiled once for all targets of a KIND (LIBRARY,
# TEST), by the first that comes; the later ones share them. A target whose every file reads HEADERS too has a
# precompiled header of its own.
function(sentinella_precompile target kind)
  get_property(owner GLOBAL PROPERTY SENTINELLA_PRECOMPILED_${kind})
  if(NOT SENTINELLA_PRECOMPILE)
    return()
  elseif(owner AND NOT ARGN)
    target_precompile_headers(${target} REUSE_FROM ${owner})
    return()
  endif()
  set(headers base/precompiled.h ${ARGN})
  if(kind STREQUAL "TEST")
    list(APPEND headers gmock/gmock.h gtest/gtest.h)
  endif()
  list(TRANSFORM headers REPLACE "(.+)" "<\\1>")
  target_precompile_headers(${target} PRIVATE ${headers})
  if(NOT owner)
    set_property(GLOBAL PROPERTY SENTINELLA_PRECOMPILED_${kind} ${target})
  endif()
endfunction()

# sentinella_module(NAME DEPS lower modules... LIBS third-party... PRECOMPILE headers...): the library of one folder of
# src/. PRECOMPILE: headers of its own that nearly all its files read.
#
# x.cpp goes into the library, x_test.cpp into the folder's one test program NAME_test, x_fuzz.cpp into a
# libFuzzer program of its own, x_bench.cpp into a benchmark of its own. main.cpp is left to the folder.
function(sentinella_module name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "(_test|_fuzz|_bench|/main)\\.cpp$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")

  list(TRANSFORM ARG_DEPS PREPEND sentinella_)
  if(sources)
    add_library(sentinella_${name} STATIC ${sources})
    sentinella_precompile(sentinella_${name} LIBRARY ${ARG_PRECOMPILE})
    # Six files are a second or two more for whoever edits one of them.
    set_target_properties(sentinella_${name} PROPERTIES UNITY_BUILD ${SENTINELLA_UNITY} UNITY_BUILD_BATCH_SIZE 6)
    set(scope PUBLIC)
  else()
    add_library(sentinella_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(sentinella_${name} ${scope} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(sentinella_${name} ${scope} ${ARG_DEPS} ${ARG_LIBS})

  if(SENTINELLA_TESTS AND tests)
    add_executable(${name}_test EXCLUDE_FROM_ALL ${tests})
    if(CMAKE_BUILD_TYPE STREQUAL "Release")
      target_compile_options(${name}_test PRIVATE -O1 -g0)  # the libraries are as shipped; tests want to be compiled fast
    endif()
    sentinella_precompile(${name}_test TEST ${ARG_PRECOMPILE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # g++ 12 takes the move of a long literal's string for an overflow of its short form (GCC bug 105651).
      target_compile_options(${name}_test PRIVATE -Wno-stringop-overflow)
    endif()
    target_link_libraries(${name}_test PRIVATE sentinella_${name} GTest::gmock GTest::gtest_main)
    # Of the files, not of the target: the precompiled header is made without them and shared.
    set_property(SOURCE ${tests} APPEND PROPERTY COMPILE_DEFINITIONS
      SENTINELLA_TESTDATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata"
      SENTINELLA_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name}_test COMMAND ${name}_test)
    set_property(GLOBAL APPEND PROPERTY SENTINELLA_UNIT_TESTS ${name}_test)
  endif()
  foreach(source IN LISTS benches)
    get_filename_component(program ${source} NAME_WE)
    add_executable(${program} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(${program} PRIVATE sentinella_${name} benchmark)
  endforeach()
  if(SENTINELLA_FUZZ)
    foreach(source IN LISTS fuzzers)
      get_filename_component(program ${source} NAME_WE)
      add_executable(${program} ${source})
      target_link_libraries(${program} PRIVATE sentinella_${name})
      target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()
