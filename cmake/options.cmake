set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(SENTINELLA_TESTS "build the unit tests" ON)
option(SENTINELLA_FUZZ "build the libFuzzer targets (needs clang 19)" OFF)
option(SENTINELLA_PRECOMPILE "compile the common headers once (GCC)" OFF)
option(SENTINELLA_UNITY "compile the files of a module in batches: the first build takes half the time" OFF)
set(SENTINELLA_SANITIZE "" CACHE STRING "sanitizers, as in -fsanitize=")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports std::string internals and moved-from optionals at -O2 (GCC bugs 105329, 105562, 105651).
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overread -Wno-array-bounds)
endif()
add_compile_options(-pthread -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 marks a helper of its own stable_sort as deprecated.
  add_compile_options(-Wno-deprecated-declarations)
endif()
if(SENTINELLA_SANITIZE)
  add_compile_options(-fsanitize=${SENTINELLA_SANITIZE} -fno-sanitize-recover=all)
  if(SENTINELLA_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Asio's fences are not modelled
  endif()
  add_link_options(-fsanitize=${SENTINELLA_SANITIZE})
endif()

if(SENTINELLA_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-subobject-linkage)  # a private class with members of a file's own types is no header here
endif()
if(SENTINELLA_PRECOMPILE)
  add_compile_options(-fpch-preprocess)  # ccache needs it
endif()
find_program(CCACHE ccache)
if(CCACHE)
  # What the precompiled header is made of is part of its hash; without these two ccache would not look at it.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
