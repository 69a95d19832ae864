#include "model/system/stop.hpp"

#include <doctest/doctest.h>
#include <thread>

#include "model/system/expr.hpp"

namespace airlock {
namespace {

constexpr int many = 5000;  // poll_stop() asks once in 1024 calls

int polls_until_stopped() {
  for (int i = 0; i < many; ++i) {
    try {
      poll_stop();
    } catch (const Stopped&) {
      return i;
    }
  }
  return many;
}

}  // namespace

TEST_CASE("work that polls stops when the scope says so, and only then") {
  bool stop = false;
  const StopScope scope([&] { return stop; });
  CHECK(polls_until_stopped() == many);
  stop = true;
  CHECK(polls_until_stopped() < many);
}

TEST_CASE("the innermost scope is asked, and the outer one again after it") {
  const StopScope outer([] { return true; });
  {
    const StopScope inner([] { return false; });
    CHECK(polls_until_stopped() == many);
  }
  CHECK(polls_until_stopped() < many);
}

TEST_CASE("a scope is its thread's own, and without one nothing stops") {
  const StopScope scope([] { return true; });
  int polls = 0;
  std::thread other([&] { polls = polls_until_stopped(); });
  other.join();
  CHECK(polls == many);
}

TEST_CASE("making expressions polls") {
  ExprPool pool;
  const StopScope scope([] { return true; });
  const auto make_many = [&] {
    for (std::uint64_t i = 0; i < many; ++i) {
      (void)pool.bits(32, i);
    }
  };
  CHECK_THROWS_AS(make_many(), Stopped);
}

}  // namespace airlock
