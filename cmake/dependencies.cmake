set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(RocksDB REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(Snappy REQUIRED)

# Debian's default Boost is older and lacks Boost.JSON and as_tuple.
find_package(Boost 1.81 REQUIRED COMPONENTS json)

pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)

if(SENTINELLA_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
