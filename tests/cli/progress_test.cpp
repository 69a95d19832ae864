#include <doctest/doctest.h>

#include "checker/cli/engine_progress.hpp"

namespace airlock::test {

TEST_CASE("counts on the progress line have three digits at most") {
  CHECK(short_count(0) == "0");
  CHECK(short_count(999) == "999");
  CHECK(short_count(1000) == "1.0 k");
  CHECK(short_count(25'400'000) == "25.4 M");
  CHECK(short_count(999'999) == "1.0 M");
  CHECK(short_count(340'000'000) == "340 M");
}

TEST_CASE("times on the progress line are seconds, minutes or hours, never less than is left") {
  CHECK(short_time(-1) == "0 s");
  CHECK(short_time(0.2) == "1 s");
  CHECK(short_time(59) == "59 s");
  CHECK(short_time(59.5) == "1:00 min");
  CHECK(short_time(3599) == "59:59 min");
  CHECK(short_time(7800) == "2:10 h");
}

}  // namespace airlock::test
