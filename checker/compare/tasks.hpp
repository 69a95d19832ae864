// A handful of threads that work off a queue of tasks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>

namespace airlock {

/// Tasks that run side by side and may add further tasks. The first exception cancels the rest and
/// comes out of run().
class Tasks {
 public:
  /// `outer`, if given, is borrowed: when it becomes true, so does *cancelled().
  Tasks(unsigned threads, const std::atomic<bool>* outer);
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  void add(std::function<void()> task);
  /// Before the tasks that wait: what finishes something begun.
  void add_first(std::function<void()> task);
  /// Returns when no task is left. Tasks that have not begun when cancelled() becomes true are
  /// still run: they see the flag and can say "unknown". Call once.
  void run();
  /// For EngineContext::cancelled of the engines that the tasks call.
  [[nodiscard]] const std::atomic<bool>* cancelled() const { return &cancelled_; }
  void cancel() { cancelled_.store(true); }

 private:
  void work();
  void perform(const std::function<void()>& task);

  unsigned threads_;
  const std::atomic<bool>* outer_;
  std::atomic<bool> cancelled_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  unsigned active_ = 0;
  std::exception_ptr failure_;
};

}  // namespace airlock
