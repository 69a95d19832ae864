#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <exception>
#include <new>
#include <system_error>
#include <typeinfo>

#include "checker/cli/commands.hpp"
#include "checker/cli/export_input.hpp"
#include "checker/cli/git_bisect.hpp"
#include "checker/cli/kbuild.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/compare/matrix.hpp"
#include "checker/support/atomic_file.hpp"
#include "model/system/input_error.hpp"
#include "model/system/suggest.hpp"

namespace airlock {
namespace {

constexpr int signal_base = 128;  // as shells report a death by signal
constexpr int closed_pipe = 141;  // as if SIGPIPE had killed us, without having died in mid-write

void check_format(const std::string& name) {
  const std::vector<std::string> known = export_formats();
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    throw InputError({"--to", 0, 0}, "unknown format '" + printable(name) + "'", {},
                     suggestion(name, known));
  }
}

/// "holds" is said of a model that claims nothing: easily taken for a proof of something.
void warn_of_no_guarantee(const Session& session) {
  const std::vector<std::string>& names = session.project().property_names();
  const bool any = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name != "always_well_defined" && name != "always_can_continue" &&
           (name.starts_with("always_") || name.starts_with("never_"));
  });
  if (!any) {
    print_error(
        "warning: the model has no guarantee of its own: nothing is asked but that its behaviour "
        "is "
        "defined and that it can go on. --guarantees reads the stock guarantees with it\n");
  }
}

ExitStatus dispatch(const Options& options) {
  if (options.command == CommandName::export_) {
    check_format(options.to);
  }
  if (options.command == CommandName::certify) {
    return run_certify(options);
  }
  if (options.command == CommandName::slice) {
    return run_slice(options);
  }
  if (options.command == CommandName::init) {
    return run_init(options);
  }
  if (options.command == CommandName::reproduce) {
    return run_reproduce(options);
  }
  if (options.command == CommandName::bisect) {
    return run_bisect(options);
  }
  if (options.command == CommandName::test) {
    return run_test(options);
  }
  if (options.kbuild) {
    return run_kbuild(options);
  }
  const Session session(options);
  if (options.command == CommandName::prove || options.command == CommandName::compare) {
    warn_of_no_guarantee(session);
  }
  switch (options.command) {
    case CommandName::prove: return run_prove(session);
    case CommandName::trace: return run_trace(session);
    case CommandName::explore: return run_explore(session);
    case CommandName::coverage: return run_coverage(session);
    case CommandName::check: return run_check(session);
    case CommandName::compare: return run_compare(session);
    case CommandName::list: return run_list(session);
    case CommandName::mutate: return run_mutate(session);
    case CommandName::export_: return run_export(session);
    case CommandName::outcomes: return run_outcomes(session);
    case CommandName::certify:
    case CommandName::slice:
    case CommandName::bisect:
    case CommandName::init:
    case CommandName::test:
    case CommandName::reproduce: break;  // have no model of their own
  }
  return ExitStatus::internal;
}

/// Z3 reports exhausted memory by an exception of its own, from places that cannot throw. That ends
/// in std::terminate: then it shall end with a message and a status that is no verdict.
[[noreturn]] void on_terminate() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  const bool memory = type != nullptr && (std::strstr(type->name(), "memory") != nullptr ||
                                          std::strstr(type->name(), "bad_alloc") != nullptr);
  std::fputs(
      memory ? "error: out of memory\n" : "internal error: an exception that nobody caught\n",
      stderr);
  std::fflush(stderr);
  std::_Exit(static_cast<int>(ExitStatus::internal));
}

int failed(ExitStatus status, const std::string& message) {
  print_error(message + "\n");
  return static_cast<int>(status);
}

/// Whether a command line that cannot be read was meant for `git bisect run`.
bool seems_for_git_bisect(int argc, const char* const* argv) {
  const std::vector<std::string> words(argv, argv + argc);
  return words.size() > 1 && words[1] == "check" &&
         (git_is_bisecting(".") ||
          std::find(words.begin(), words.end(), "--bisect") != words.end());
}

int run_or_throw(int argc, const char* const* argv, bool& for_git) {
  const std::variant<Options, EarlyExit> parsed = parse_options(argc, argv);
  if (const EarlyExit* exit = std::get_if<EarlyExit>(&parsed)) {
    for_git = seems_for_git_bisect(argc, argv);
    exit->status == 0 ? print(exit->text) : print_error(exit->text);
    return exit->status;
  }
  const Options& options = std::get<Options>(parsed);
  for_git = options.for_git_bisect;
  set_output_width(options.width);
  try {
    const SignalScope scope;
    const ExitStatus status = for_git
                                  ? run_for_git_bisect(options, [&] { return dispatch(options); })
                                  : dispatch(options);
    check_interrupted();
    return static_cast<int>(status);
  } catch (const Stopped&) {
    check_interrupted();  // throws: nothing else stops what has no engine
    throw;
  }
}

}  // namespace

namespace {

int run_and_tell(int argc, const char* const* argv, bool& for_git) {
  try {
    return run_or_throw(argc, argv, for_git);
  } catch (const InputError& error) {
    return failed(ExitStatus::bad_input, error.what());
  } catch (const Interrupted& interrupted) {
    return signal_base + interrupted.signal();
  } catch (const OutputClosed&) {
    return closed_pipe;
  } catch (const CannotWrite& error) {
    return failed(ExitStatus::cannot_write, std::string("error: ") + error.what());
  } catch (const EnginesDisagree& error) {
    return failed(ExitStatus::disagree,
                  std::string("internal error: ") + error.what() +
                      "\nOne of the engines is wrong: trust neither, and please report this.");
  } catch (const std::system_error& error) {  // no thread can be started, for one
    return failed(ExitStatus::internal, std::string("error: the system refuses: ") + error.what());
  } catch (const std::bad_alloc&) {
    return failed(ExitStatus::internal, "error: out of memory");
  } catch (const std::exception& error) {
    return failed(ExitStatus::internal, std::string("internal error: ") + error.what());
  }
}

}  // namespace

int run(int argc, const char* const* argv) noexcept {
  catch_signals();
  std::set_terminate(on_terminate);
  bool for_git = false;
  const int status = run_and_tell(argc, argv, for_git);
  return for_git && status < signal_base
             ? static_cast<int>(for_git_bisect(static_cast<ExitStatus>(status)))
             : status;
}

}  // namespace airlock
