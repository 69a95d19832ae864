// Being asked to stop, in work that knows no engine: reading a model, reducing a system, building
// expressions. Engines ask their EngineContext; what lies below them asks the thread they run on.
#pragma once

#include <functional>
#include <stdexcept>

namespace airlock {

/// Thrown by poll_stop(). Whoever made the StopScope says what it means.
class Stopped : public std::runtime_error {
 public:
  Stopped() : std::runtime_error("out of time") {}
};

/// While it lives, poll_stop() on this thread asks `asked`. Scopes nest; the innermost is asked,
/// and should know what the outer one knows.
class StopScope {
 public:
  explicit StopScope(std::function<bool()> asked);
  ~StopScope();
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;

 private:
  std::function<bool()> asked_;
  const std::function<bool()>* outer_;
};

/// Throws Stopped if this thread has been asked to stop. Cheap: it asks once in 1024 calls.
void poll_stop();

}  // namespace airlock
