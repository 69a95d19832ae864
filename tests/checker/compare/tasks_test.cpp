#include "checker/compare/tasks.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <stdexcept>
#include <thread>

namespace airlock {

TEST_CASE("tasks may add tasks and all of them are done") {
  for (const unsigned threads : {1U, 2U, 8U}) {
    Tasks tasks(threads, nullptr);
    std::atomic<int> done{0};
    for (int i = 0; i < 10; ++i) {
      tasks.add([&] {
        ++done;
        tasks.add([&] { ++done; });
      });
    }
    tasks.run();
    CHECK(done == 20);
  }
}

TEST_CASE("running no task at all ends at once") {
  Tasks tasks(4, nullptr);
  tasks.run();
}

TEST_CASE("the first exception cancels the rest and comes out") {
  Tasks tasks(2, nullptr);
  tasks.add([] { throw std::runtime_error("first"); });
  tasks.add([&] {
    while (!tasks.cancelled()->load()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  CHECK_THROWS_WITH(tasks.run(), "first");
}

TEST_CASE("the caller's wish to stop reaches the tasks") {
  std::atomic<bool> stop{false};
  Tasks tasks(2, &stop);
  tasks.add([&] {
    stop = true;
    while (!tasks.cancelled()->load()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  tasks.run();
  CHECK(tasks.cancelled()->load());
}

}  // namespace airlock
