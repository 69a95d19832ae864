#include "checker/compare/tasks.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace airlock {

Tasks::Tasks(unsigned threads, const std::atomic<bool>* outer)
    : threads_(std::max(threads, 1U)),
      outer_(outer),
      cancelled_(outer != nullptr && outer->load(std::memory_order_relaxed)) {}

void Tasks::add(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(task));
  changed_.notify_all();
}

void Tasks::add_first(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  queue_.push_front(std::move(task));
  changed_.notify_all();
}

void Tasks::run() {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < threads_; ++i) {
    threads.emplace_back([this] { work(); });
  }
  {
    // The caller's flag is passed on by polling: it may be set by a signal handler, which can wake
    // nobody.
    std::unique_lock lock(mutex_);
    while (active_ != 0 || !queue_.empty()) {
      if (outer_ != nullptr && outer_->load(std::memory_order_relaxed)) {
        cancel();
      }
      changed_.wait_for(lock, std::chrono::milliseconds(20));
    }
  }
  changed_.notify_all();
  for (std::thread& thread : threads) {
    thread.join();
  }
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void Tasks::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !queue_.empty() || active_ == 0; });
    if (queue_.empty()) {
      return;  // nobody is left who could add more
    }
    const std::function<void()> task = std::move(queue_.front());
    queue_.pop_front();
    ++active_;
    lock.unlock();
    perform(task);
    lock.lock();
    --active_;
    changed_.notify_all();
  }
}

void Tasks::perform(const std::function<void()>& task) {
  try {
    task();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) {
      failure_ = std::current_exception();
    }
    queue_.clear();
    cancel();
  }
}

}  // namespace airlock
