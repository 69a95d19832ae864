// A system about which several threads ask questions, under various pins.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "model/system/pin.hpp"
#include "model/system/reduce.hpp"

namespace airlock {

/// What can follow one state.
struct Continuation {
  TransitionSystem system;  ///< begins there
  Reduction reduction;      ///< of it; the one target is that what was missing comes
};

/// Owns a system with all its choices free, and makes pinned and reduced ones of it. Everything
/// that builds expressions in the system's pool happens here, under a lock.
class Subject {
 public:
  /// `chosen`: the user's options by choice name. Throws InputError for unknown ones.
  explicit Subject(TransitionSystem system, const Pins& chosen = {});
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  [[nodiscard]] const TransitionSystem& system() const { return system_; }
  /// The choices that are pinned unless an answer needs them free; none of them says "any".
  [[nodiscard]] const Pins& pins() const { return pins_; }
  /// The system under `pins`. Lives as long as the subject.
  const TransitionSystem& pinned(const Pins& pins);
  /// The system under `pins`, reduced to what the targets of `properties` need.
  Reduction reduce(const Pins& pins, std::span<const Property* const> properties,
                   const ReduceOptions& options = {});
  /// What deciding `property` under `pins` needs to know: the variables of the reduced system, with
  /// their widths, sorted.
  std::vector<std::string> cone(const Pins& pins, const Property& property);
  /// The system under `pins`, whole: narrowed only.
  Reduction narrow(const Pins& pins);
  /// What follows `state` while nobody acts who waits for what is missing there.
  Continuation goes_on(const Pins& pins, const State& state, const Lateness& lateness);

 private:
  const TransitionSystem& pinned_locked(const Pins& pins);

  TransitionSystem system_;
  Pins pins_;
  std::mutex mutex_;
  std::map<Pins, std::unique_ptr<TransitionSystem>> pinned_;
};

/// `pins` without the choices that stay free: "any", or the option that is freedom itself.
Pins without_free(const TransitionSystem& system, Pins pins);

}  // namespace airlock
