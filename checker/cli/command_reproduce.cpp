// airlock reproduce: tests that came from traces, on real kernels.
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "checker/cli/commands.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/reproduce/judge.hpp"
#include "checker/reproduce/machine.hpp"
#include "checker/reproduce/packages.hpp"
#include "checker/testgen/test_file.hpp"
#include "model/system/input_error.hpp"
#include "model/system/printable.hpp"

namespace airlock {
namespace {

/// Seconds for one machine to start in, and for each run; it takes 4 s and some 25 ms.
constexpr double usual_start = 300;
constexpr double usual_run = 0.25;

struct NamedTest {
  std::string name;  ///< as on the command line
  GuestTest test;
  Plan plan;
};

std::vector<NamedTest> read_tests(const std::vector<std::string>& files) {
  std::vector<NamedTest> tests;
  for (const std::string& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file || text.size() > 1'000'000) {
      throw InputError({path, 0, 0}, "the test cannot be read", {}, "a file of airlock trace --as");
    }
    GuestTest test = read_test(path, text);
    Plan plan = plan_of(test);
    tests.push_back({path, std::move(test), std::move(plan)});
  }
  return tests;
}

std::string piece_name(std::size_t test, std::size_t piece) {
  return fmt::format("{}.{}", test, piece);
}

std::string job_of_all(const std::vector<NamedTest>& tests, const Options& options) {
  std::string job;
  for (std::size_t t = 0; t < tests.size(); ++t) {
    for (std::size_t p = 0; p < tests[t].plan.pieces.size(); ++p) {
      const Piece& piece = tests[t].plan.pieces[p];
      job +=
          job_of(piece.guest, piece_name(t, p), options.repeat, options.evidence && !piece.control);
    }
  }
  return job;
}

/// What the exit status is to say, the worst last.
enum class Worst : std::uint8_t { bare_metal, open, reproduced, differs, unavailable };

Worst worst_of(TestResult result) {
  switch (result) {
    case TestResult::bare_metal: return Worst::bare_metal;
    case TestResult::reproduced: return Worst::reproduced;
    case TestResult::differs: return Worst::differs;
    case TestResult::inconclusive:
    case TestResult::not_run: break;
  }
  return Worst::open;
}

ExitStatus status_of(Worst worst) {
  switch (worst) {
    case Worst::bare_metal: return ExitStatus::holds;
    case Worst::open: return ExitStatus::undecided;
    case Worst::reproduced: return ExitStatus::violated;
    case Worst::differs: return ExitStatus::differs;
    case Worst::unavailable: break;
  }
  return ExitStatus::unavailable;
}

class Reproduction {
 public:
  explicit Reproduction(const Options& options)
      : options_(options),
        tests_(read_tests(options.files)),
        cache_(process(), [this](const std::string& what) { say(what); }) {}

  Worst run() {
    Worst worst = not_run();
    if (std::none_of(tests_.begin(), tests_.end(),
                     [](const NamedTest& each) { return each.plan.why_not.empty(); })) {
      return worst;
    }
    const std::vector<std::string> usual =
        options_.kernels.empty() ? std::vector{cache_.usual_version()} : options_.kernels;
    for (const std::string& wanted : usual) {
      worst = std::max(worst, on_kernel(wanted));
      check_interrupted();
    }
    return worst;
  }

 private:
  [[nodiscard]] ProcessOptions process() const {
    ProcessOptions process;
    process.cancelled = interruption_flag();
    return process;
  }

  void say(const std::string& what) const {
    if (!options_.quiet) {
      print_error(what + "\n");
    }
  }

  /// Tests that no kernel would make a difference to.
  Worst not_run() {
    Worst worst = Worst::bare_metal;
    for (const NamedTest& each : tests_) {
      if (!each.plan.why_not.empty()) {
        print(
            render(each.name, each.test, each.plan, {TestResult::not_run, each.plan.why_not, {}}));
        worst = Worst::open;
      }
    }
    return worst;
  }

  Worst on_kernel(const std::string& wanted) {
    std::string which = wanted;
    try {
      const std::optional<KernelPackage> package = cache_.find_kernel(wanted);
      if (!package) {
        print(fmt::format("skipped: kernel {}: apt offers none (the newest on offer: {})\n",
                          printable(wanted), cache_.on_offer()));
        return Worst::open;
      }
      which += " (" + package->name + " " + package->version + ")";
      return on_package(*package);
    } catch (const Unavailable& problem) {
      check_interrupted();
      print(fmt::format("failed: kernel {}: {}\n", printable(which), problem.what()));
      return Worst::unavailable;
    }
  }

  Worst on_package(const KernelPackage& package) {
    const Kernel kernel = cache_.kernel(package);
    if (!qemu_) {
      qemu_ = cache_.qemu();
    }
    const ScratchFolder scratch(cache_.folder());
    const std::string init = build_init(scratch.path(), process());
    ProcessOptions limited = process();
    limited.deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(
                                               options_.timeout.value_or(usual_timeout()) * 1000));
    say("starting " + package.name + " " + package.version);
    const Console console =
        boot(*qemu_, kernel, init, job_of_all(tests_, options_), scratch.path(), limited);
    return report(package, console);
  }

  [[nodiscard]] double usual_timeout() const {
    std::size_t pieces = 0;
    for (const NamedTest& each : tests_) {
      pieces += each.plan.pieces.size();
    }
    return usual_start + usual_run * static_cast<double>(pieces * options_.repeat);
  }

  Worst report(const KernelPackage& package, const Console& console) {
    Worst worst = Worst::bare_metal;
    for (std::size_t t = 0; t < tests_.size(); ++t) {
      const NamedTest& each = tests_[t];
      if (!each.plan.why_not.empty()) {
        continue;
      }
      std::vector<std::vector<std::string>> lines;
      for (std::size_t p = 0; p < each.plan.pieces.size(); ++p) {
        const auto found = console.runs.find(piece_name(t, p));
        lines.push_back(found == console.runs.end() ? std::vector<std::string>{} : found->second);
      }
      Judgement judgement = judge(each.test, each.plan, options_.repeat, lines);
      for (PieceResult& piece : judgement.pieces) {
        const auto found = console.evidence.find(piece_name(t, piece.piece));
        piece.evidence = found == console.evidence.end() ? piece.evidence : found->second;
      }
      const std::string title =
          fmt::format("{} on {} ({}, {})", each.name, package.version,
                      console.kernel.substr(0, console.kernel.find(' ')), qemu_->version);
      print(render(title, each.test, each.plan, judgement));
      worst = std::max(worst, worst_of(judgement.result));
    }
    return worst;
  }

  const Options& options_;
  std::vector<NamedTest> tests_;
  Cache cache_;
  std::optional<Qemu> qemu_;
};

}  // namespace

ExitStatus run_reproduce(const Options& options) {
  try {
    return status_of(Reproduction(options).run());
  } catch (const Unavailable& problem) {
    check_interrupted();
    print_error(std::string("error: ") + problem.what() + "\n");
    return ExitStatus::unavailable;
  }
}

}  // namespace airlock
