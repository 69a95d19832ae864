# The libraries Airlock stands on, found as Debian 12 ships them (scripts/packages.txt). The
# installed package reads this file too: a static library's dependencies are its users' as well.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tomlplusplus 3.3 REQUIRED)
find_package(Boost 1.81 REQUIRED)  # headers: Graph
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(PkgConfig REQUIRED)
pkg_check_modules(z3 REQUIRED IMPORTED_TARGET z3>=4.8.12)
# cvc5 1.0.3 brings neither a CMake package nor a pkg-config file.
find_path(CVC5_INCLUDE_DIR cvc5/cvc5.h REQUIRED)
find_library(CVC5_LIBRARY cvc5 REQUIRED)
if(NOT TARGET cvc5::cvc5)
  add_library(cvc5::cvc5 UNKNOWN IMPORTED)
  set_target_properties(cvc5::cvc5 PROPERTIES IMPORTED_LOCATION ${CVC5_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${CVC5_INCLUDE_DIR})
endif()
# CaDiCaL 1.5.3 brings neither, either.
find_path(CADICAL_INCLUDE_DIR cadical.hpp REQUIRED)
find_library(CADICAL_LIBRARY cadical REQUIRED)
if(NOT TARGET cadical::cadical)
  add_library(cadical::cadical UNKNOWN IMPORTED)
  set_target_properties(cadical::cadical PROPERTIES IMPORTED_LOCATION ${CADICAL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${CADICAL_INCLUDE_DIR})
endif()
pkg_check_modules(tree_sitter REQUIRED IMPORTED_TARGET tree-sitter)
# A kernel tree is a folder, an archive or a git revision.
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(liblzma REQUIRED IMPORTED_TARGET liblzma>=5.4)
pkg_check_modules(libgit2 REQUIRED IMPORTED_TARGET libgit2)
