// A test that a guest can run: what it does, what bare metal shows it, what the model says it sees,
// and controls, in which the model says that it sees what bare metal shows.
#pragma once

#include <string>
#include <vector>

#include "checker/testgen/guest_program.hpp"

namespace airlock {

/// A variation of a test's program in which nothing goes wrong, by the model. If something does,
/// the test says nothing: it is about something else than it means to be.
struct Control {
  std::string name;  ///< "without instruction 1, mov_from_dr6"
  GuestProgram program;
  std::vector<Seen> bare_metal;
};

struct GuestTest {
  std::string model;
  std::string fix;
  std::string property;
  std::string sentence;  ///< how the trace ends
  GuestProgram program;
  std::vector<Seen> bare_metal;
  /// What the real guest of the trace saw. The trace ends with its last instruction: a #DB that
  /// would come after that is predicted only if it is here.
  std::vector<Seen> predicted;
  std::vector<Control> controls;
  /// What the processor must have, beside SVM: "DebugCtl".
  std::vector<std::string> needs;
  /// What the host must have done before it runs the guest: "DEBUGCTL=BLCKDB (step 1)".
  std::vector<std::string> host;
  /// Steps that nobody in the guest can cause; if there is one, the guest alone is no test.
  std::vector<std::string> not_by_a_guest;
};

/// `seen` without what comes after the test's last instruction, unless the prediction has that.
std::vector<Seen> as_far_as_predicted(const GuestTest& test, const std::vector<Seen>& seen);

}  // namespace airlock
