// Whether a violation in a slice may be an alarm about the slice alone.
//
// A slice's run guesses what is not followed. If no violating run can do without a certain guess,
// then the kernel may never make it, and nothing was shown of the kernel. Every run needs some
// guesses, though: no guest runs unless KVM decides to enter it. So those that a run needs to enter
// a guest at all are told apart: kernels do run guests, so these guesses can come true. What is
// left is what to look at, and to track.
//
// "Every violating run takes it" is decided, not estimated: the question is asked again of the
// system in which that choice cannot have that value.
#pragma once

#include "checker/compare/decide.hpp"
#include "checker/trace/untracked.hpp"

namespace airlock {

/// `decision` is a violation with a trace in `subject`.
AlarmCheck check_alarm(Subject& subject, const Decision& decision, const UntrackedTexts& texts,
                       const EngineContext& context);

}  // namespace airlock
