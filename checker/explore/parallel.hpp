// Fork and join.
#pragma once

#include <cstddef>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace airlock::explicit_state {

/// Calls f(0) .. f(jobs - 1), f(0) on the calling thread and the others on threads of their own (or
/// all on the calling one where `alone` says that the work is too small), and waits for all. If
/// some throw, rethrows what the first of them threw.
template <class F>
void in_parallel(std::size_t jobs, bool alone, F&& f) {
  if (alone || jobs == 1) {
    for (std::size_t i = 0; i < jobs; ++i) {
      f(i);
    }
    return;
  }
  std::vector<std::exception_ptr> errors(jobs);
  const auto guarded = [&](std::size_t i) {
    try {
      f(i);
    } catch (...) {
      errors[i] = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(jobs - 1);
  try {
    for (std::size_t i = 1; i < jobs; ++i) {
      threads.emplace_back(guarded, i);
    }
  } catch (const std::system_error&) {
    // No more threads to be had: the calling one does the rest.
  }
  guarded(0);
  for (std::size_t i = threads.size() + 1; i < jobs; ++i) {
    guarded(i);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::exception_ptr& error : errors) {
    if (error != nullptr) {
      std::rethrow_exception(error);
    }
  }
}

}  // namespace airlock::explicit_state
