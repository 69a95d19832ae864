// The one main() of all test programs: doctest's.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "checker/support/known_leaks.hpp"
