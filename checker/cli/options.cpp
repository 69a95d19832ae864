#include "checker/cli/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <thread>

#include "checker/cli/contradictions.hpp"
#include "checker/cli/exit_status.hpp"
#include "checker/cli/git_bisect.hpp"
#include "checker/cli/kbuild.hpp"
#include "checker/cli/option_values.hpp"
#include "checker/cli/pages/command_help.hpp"
#include "checker/cli/version.hpp"
#include "checker/trace/text.hpp"

namespace airlock {
namespace {

constexpr const char* footer =
    "Exit status: 0 everything asked for holds, 1 something is violated, 2 bad input or usage,\n"
    "3 undecided, 4 engines disagree, 6 (check) violated, but this may be a false alarm,\n"
    "70 internal error or no memory, 74 a file cannot be written, 128+n stopped by signal n.";

constexpr const char* reproduce_footer =
    "Exit status: 0 every test is as on bare metal, 1 some prediction is reproduced, 2 bad input "
    "or\n"
    "usage, 3 something was not run, was skipped or is inconclusive, 5 a guest saw neither what "
    "bare\n"
    "metal shows nor what is predicted, 69 a machine died or something cannot be had, 74 a file\n"
    "cannot be written, 128+n stopped by signal n. Of several 69 comes before 5, 1 and 3.";

/// The parser and where it puts what it reads.
class Parser {
 public:
  Parser()
      : app_("Does the guest run as if it were alone, and the host as if it had no guest?",
             "airlock") {
    app_.require_subcommand(1);
    app_.footer(footer);
    app_.set_version_flag("--version", "airlock " AIRLOCK_VERSION);
    CLI::App* prove = command(CommandName::prove, "prove", "Prove each property, or refute it");
    fixes(prove);
    properties(prove);
    engine(prove);
    certificates(prove);
    one_guest(prove)->excludes("--certificate");
    prove
        ->add_flag("--explain", options_.explain,
                   "Say why it holds: what it needs, and the invariant in words")
        ->excludes("--guest");
    CLI::App* trace =
        command(CommandName::trace, "trace", "Print a shortest trace to a violation or a witness",
                {"text", "json", "vcd", "svg"});
    report(trace);
    one_fix(trace);
    one_property(trace)->required();
    trace
        ->add_option("--witness", options_.witness,
                     "Replay an AIGER witness for export --to aiger instead of searching")
        ->type_name("FILE");
    trace
        ->add_option("--as", options_.as,
                     "Print the trace as a test: test is for airlock reproduce, selftest and "
                     "kvm-unit-test are C files in the manner of those two")
        ->check(CLI::IsMember({"test", "selftest", "kvm-unit-test"}))
        ->type_name("FORM");
    one_guest(trace)->excludes("--as")->excludes("--witness");
    trace->add_flag("--brief", options_.brief,
                    "Leave out steps after which nothing that is shown is different");
    trace->add_flag("--explain", options_.explain,
                    "Also say which steps every violating run takes: where a fix could intervene");
    engine(trace);
    CLI::App* explore = command(CommandName::explore, "explore", "Count the reachable states");
    one_fix(explore);
    one_guest(explore);
    checkpoints(explore);
    explore
        ->add_option("--graph", options_.graph,
                     "Write the state graph, or its quotient by program location: .dot, .graphml")
        ->type_name("FILE");
    CLI::App* compare =
        command(CommandName::compare, "compare", "Decide every property under every fix",
                {"text", "json", "markdown", "junit", "sarif", "ktap", "kbuild"});
    report(compare);
    fixes(compare);
    certificates(compare);
    properties(compare);
    compare
        ->add_flag("--no-certificates", options_.no_certificates,
                   "Do not have proofs certified by cvc5: quicker, and no less decided")
        ->excludes("--certificate");
    expectations(compare);
    compare->add_flag("--explain", options_.explain,
                      "Also say which lines and assumptions each \"holds\" needs (json: always)");
    compare
        ->add_flag("--no-explain", options_.no_explain,
                   "Do not ask what \"holds\" needs, in json either: quicker")
        ->excludes("--explain");
    compare->add_flag("--noninterference", options_.noninterference,
                      "Also decide whether host and guest can tell each other");
    CLI::App* mutate = command(CommandName::mutate, "mutate",
                               "Check that the properties catch every small change of a fix");
    one_fix(mutate)->required();
    CLI::App* coverage = command(CommandName::coverage, "coverage",
                                 "What never happens in a world, and what properties say in vain");
    fixes(coverage);
    properties(coverage);
    command(CommandName::list, "list", "List properties, fixes, parameters, actors and choices");
    CLI::App* exporting = command(CommandName::export_, "export", "Print the transition system");
    one_fix(exporting);
    properties(exporting);
    exporting
        ->add_option("--to", options_.to, "Format: json, aiger, btor2, chc, murphi, promela, smt2")
        ->type_name("FORMAT")
        ->required();
    exporting
        ->add_option("--bound", options_.bound,
                     "For smt2: whether the target is reached within so many steps")
        ->check(CLI::Range(0, 100000))
        ->type_name("STEPS");
    certify();
    slice();
    check();
    bisect();
    reproduce();
    outcomes();
    test();
    init();
  }

  [[nodiscard]] std::vector<CommandHelp> help() const {
    std::vector<CommandHelp> result{help_of(app_, "")};
    for (const CLI::App* sub : app_.get_subcommands([](const CLI::App*) { return true; })) {
      result.push_back(help_of(*sub, sub->get_name()));
    }
    return result;
  }

  std::variant<Options, EarlyExit> parse(int argc, const char* const* argv) {
    if (const std::vector<std::string> known = commands();
        argc > 1 && argv[1][0] != '-' &&
        std::find(known.begin(), known.end(), argv[1]) == known.end()) {
      return usage(unknown_word("command", argv[1], known));
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return EarlyExit{0, app_.help()};
    } catch (const CLI::CallForVersion&) {
      return EarlyExit{0, app_.version() + "\n"};
    } catch (const CLI::ParseError& error) {
      return usage(error.what());
    }
    finish();
    const bool of_models = options_.command != CommandName::certify &&
                           options_.command != CommandName::reproduce &&
                           options_.command != CommandName::test;
    if (of_models && options_.models.empty() && options_.trees.empty()) {
      return usage("MODEL is required");
    }
    if (options_.trees.empty() && !(options_.patches.empty() && options_.lens.empty())) {
      return usage("--patch and --lens go with a kernel tree");
    }
    if (const std::string problem = contradiction(options_); !problem.empty()) {
      return usage(problem);
    }
    return std::move(options_);
  }

 private:
  static CommandHelp help_of(const CLI::App& app, const std::string& name) {
    CommandHelp result{name, app.get_description(), {}, app.get_footer()};
    for (const CLI::Option* option :
         app.get_options([](const CLI::Option* each) { return !each->get_group().empty(); })) {
      const bool positional = option->get_positional();
      const bool flag = option->get_expected_max() == 0;
      const std::string type = option->get_type_name();  // "N", or "N:UINT in [40 - 1000]"
      result.options.push_back({option->get_name(positional),
                                flag || positional ? "" : type.substr(0, type.find(':')),
                                option->get_description(), positional, option->get_required(),
                                positional && option->get_expected_max() > 1});
    }
    return result;
  }

  using Formats = std::vector<std::string>;

  [[nodiscard]] std::vector<std::string> commands() {
    std::vector<std::string> result;
    for (const CLI::App* sub : app_.get_subcommands({})) {
      result.push_back(sub->get_name());
    }
    return result;
  }

  CLI::App* subcommand(CommandName name, const std::string& word, const std::string& text,
                       const Formats& formats = {"text", "json"}) {
    CLI::App* sub = app_.add_subcommand(word, text);
    sub->callback([this, name] { options_.command = name; });
    sub->add_option("--timeout", timeout_, "Give up after so many seconds")
        ->check(seconds())
        ->type_name("SECONDS");
    sub->add_option("--format", format_, fmt::format("{}", fmt::join(formats, ", ")))
        ->check(one_of("format", formats))
        ->type_name("FORMAT");
    sub->add_option("--width", options_.width,
                    "Columns for text (default: COLUMNS, else the terminal's, else 100)")
        ->check(CLI::Range(least_width, most_width))
        ->type_name("N");
    return sub;
  }

  void certify() {
    CLI::App* sub = subcommand(CommandName::certify, "certify",
                               "Check certificates with cvc5, and that they are about the model");
    sub->add_option("FILE", options_.files, "Certificates that prove --certificate wrote")
        ->required()
        ->type_name("");
    several(sub, "--model", options_.models,
            "Where the model is (default: where the certificate says); repeatable", "MODEL");
  }

  void slice() {
    CLI::App* sub =
        subcommand(CommandName::slice, "slice", "Print what of a kernel tree is checked, as C");
    tree(sub, options_.trees)->expected(1, 2);
    sub->add_flag("--receipt", options_.receipt,
                  "Print what was kept, cut and assumed instead of the C");
    sub->add_flag("--diff", options_.diff,
                  "Print the kept statements in which the slices of two trees differ");
  }

  void check() {
    CLI::App* sub =
        subcommand(CommandName::check, "check",
                   "Decide which guarantees a kernel tree keeps, alone and patched",
                   {"text", "json", "markdown", "junit", "sarif", "ktap", "kbuild", "mail"});
    tree(sub, options_.trees)->expected(1);
    properties(sub);
    certificates(sub);
    sub->add_flag("--no-certificates", options_.no_certificates,
                  "Do not have proofs certified by cvc5: quicker, and no less decided")
        ->excludes("--certificate");
    expectations(sub);
    sub->add_flag(
        "--kbuild", options_.kbuild,
        "In place of sparse: make C=2 CHECK=\"airlock check --kbuild\"; options of airlock "
        "before it, the compiler's behind it");
    sub->add_flag("--bisect", options_.for_git_bisect,
                  "Exit as git bisect run wants it: 0 good, 1 bad, 125 cannot tell, 255 stop "
                  "(default: where git is bisecting TREE)")
        ->excludes("--expect");
    settings(sub);
  }

  void bisect() {
    CLI::App* sub = subcommand(CommandName::bisect, "bisect",
                               "Find the first commit with which a guarantee is violated");
    sub->add_option("REPO", tree_, "A git repository with the kernel's history")
        ->required()
        ->type_name("");
    sub->add_option("GOOD", good_, "A revision in which the property holds")
        ->required()
        ->type_name("");
    sub->add_option("BAD", bad_, "A later one in which it does not")->required()->type_name("");
    one_property(sub)->required();
    of_tree(sub);
    settings(sub);
  }

  /// What is known to be violated, for CI.
  void expectations(CLI::App* sub) {
    sub->add_option("--expect", options_.expect,
                    "Fail where a verdict is not as FILE says, better or worse, and only there")
        ->type_name("FILE");
    sub->add_option("--write-expect", options_.write_expect, "Write the verdicts for --expect")
        ->type_name("FILE");
  }

  /// A kernel tree, and what belongs to one.
  CLI::Option* tree(CLI::App* sub, std::vector<std::string>& trees) {
    of_tree(sub);
    return sub
        ->add_option("TREE", trees,
                     "A kernel's sources: a folder, a tar archive, or REPO@REVISION of a git "
                     "repository")
        ->required()
        ->type_name("");
  }

  void of_tree(CLI::App* sub) {
    several(sub, "--patch", options_.patches,
            "Apply a diff or mails with diffs; repeatable, each on top of those before", "FILE");
    sub->add_option("--lens", options_.lens, "How to look at the tree (default: KVM on AMD SVM)")
        ->type_name("DIR");
    sub->add_flag("--no-cache", options_.no_cache,
                  "Neither use nor keep what was read of an archive");
  }

  void init() {
    CLI::App* sub = app_.add_subcommand("init", "Begin a model of your own");
    sub->callback([this] { options_.command = CommandName::init; });
    sub->add_option("DIR", options_.models, "A folder that does not exist yet, or an empty one")
        ->required()
        ->expected(1)
        ->type_name("");
    sub->add_option("--from", options_.from, "svm-minimal (the default), kvm or bhyve")
        ->type_name("MODEL");
  }

  void reproduce() {
    CLI::App* sub = subcommand(CommandName::reproduce, "reproduce",
                               "Run tests of trace --as test on real kernels, in QEMU", {"text"});
    sub->add_option("FILE", options_.files, "Tests")->required()->type_name("");
    several(sub, "--kernel", options_.kernels,
            "A kernel of Debian's, by version or package (default: this Debian's); repeatable",
            "VERSION");
    sub->add_option("--repeat", options_.repeat, "How often each guest runs (default: 10)")
        ->check(CLI::Range(1, 10000))
        ->type_name("N");
    sub->add_flag("--evidence", options_.evidence,
                  "Also print KVM's tracepoints where a guest did not see what bare metal shows");
    sub->add_flag("--quiet", options_.quiet, "Do not say what is being fetched and started");
    sub->footer(reproduce_footer);
  }

  void outcomes() {
    CLI::App* sub = command(CommandName::outcomes, "outcomes",
                            "All that a guest's program can see, under each fix and on bare metal");
    several(sub, "--guest", options_.guests,
            "A C file with `void guest(void)` (docs/guests.md), or FILE.c:NAME; repeatable",
            "FILE");
    sub->get_option("--guest")->required();
    fixes(sub);
    sub->add_option("--trace", options_.outcome,
                    "Print a shortest trace to the outcome of this number, under the one fix")
        ->check(CLI::Range(1, 1000000))
        ->type_name("N");
  }

  void test() {
    CLI::App* sub =
        subcommand(CommandName::test, "test",
                   "Run the guests' programs of folders as tests, under every fix", {"ktap"});
    sub->add_option("FOLDER", options_.files, "Folders of C files as --guest takes them, or files")
        ->required()
        ->type_name("");
    several(sub, "--model", options_.models,
            "The model (default: what each file says, `Model: PATH`); repeatable", "MODEL");
    sub->add_option("--tree", tree_, "In place of a model: a kernel's sources")
        ->type_name("TREE")
        ->excludes("--model");
    of_tree(sub);
    fixes(sub);
    settings(sub);
  }

  void certificates(CLI::App* sub) {
    sub->add_option("--certificate", options_.certificate_folder,
                    "Write a certificate for each proof into this folder, made if need be")
        ->type_name("DIR");
  }

  CLI::App* command(CommandName name, const std::string& word, const std::string& text,
                    const Formats& formats = {"text", "json"}) {
    CLI::App* sub = subcommand(name, word, text, formats);
    sub->add_option("MODEL", options_.models,
                    "A directory with an airlock.toml, or C files; several are read together")
        ->type_name("");
    sub->add_option("--tree", tree_, "In place of MODEL: a kernel's sources, as `check` takes them")
        ->type_name("TREE")
        ->excludes("MODEL");
    of_tree(sub);
    sub->add_flag("--guarantees", options_.guarantees,
                  "Read the stock guarantees with the MODEL, as if it named specs/properties")
        ->excludes("--tree");
    settings(sub);
    return sub;
  }

  /// What there is to set about a world, and about how it is searched.
  void settings(CLI::App* sub) {
    several(sub, "--set", options_.set, "Set a parameter", "NAME=VALUE");
    several(sub, "--actor", options_.actors, "Turn an actor on", "NAME");
    several(sub, "--no-actor", options_.no_actors, "Turn an actor off", "NAME");
    several(sub, "--feature", options_.features, "Turn a part of the machine on: host_dr6", "NAME");
    several(sub, "--no-feature", options_.no_features, "Turn a part of the machine off", "NAME");
    sub->add_option("--guest-without", options_.guest_without,
                    "Instructions that the guest never executes, as in sysret,bus-lock")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("WORD,...");
    several(sub, "--choice", options_.choices, "Pin a reading of the manual; VALUE any unpins",
            "NAME=VALUE");
    sub->add_option(
           "--memory", options_.memory,
           "Most memory for states and for Z3, as in 500M or 2G (default: what the machine has)")
        ->transform(size())
        ->type_name("SIZE");
    sub->add_option("--jobs", jobs_, "Threads (default: as many as there are processors)")
        ->check(CLI::Range(1, 1024))
        ->type_name("N");
    sub->add_flag("--quiet", options_.quiet, "No progress on standard error");
    sub->add_flag("--stats", options_.stats, "Say where the time goes");
  }

  void report(CLI::App* sub) {
    sub->add_option("--report", options_.report,
                    "Also write a report for the browser: one HTML file")
        ->type_name("FILE");
  }

  /// An option that may be repeated and takes one value each time.
  static void several(CLI::App* sub, const std::string& name, std::vector<std::string>& values,
                      const std::string& text, const std::string& type) {
    sub->add_option(name, values, text)->allow_extra_args(false)->type_name(type);
  }

  void fixes(CLI::App* sub) {
    several(sub, "--fix", options_.fixes, "A fix by name or path; a+b stacks; repeatable", "F");
  }

  CLI::Option* one_guest(CLI::App* sub) {
    return sub
        ->add_option("--guest", options_.guests,
                     "The guest runs this program and nothing else: FILE.c or FILE.c:NAME")
        ->expected(1)
        ->type_name("FILE");
  }

  CLI::Option* one_fix(CLI::App* sub) {
    return sub->add_option("--fix", fix_, "A fix by name or path; a+b stacks (default: none)")
        ->type_name("F");
  }

  void properties(CLI::App* sub) {
    several(sub, "--property", options_.properties,
            "Only this property, or those of a pattern such as 'always_*'; repeatable", "P");
  }

  CLI::Option* one_property(CLI::App* sub) {
    return sub->add_option("--property", property_, "The property")->type_name("P");
  }

  void engine(CLI::App* sub) {
    sub->add_option("--engine", engine_, "auto, explore, bmc, induction or pdr")
        ->check(one_of("engine", {"auto", "explore", "bmc", "induction", "pdr"}))
        ->type_name("ENGINE");
  }

  void checkpoints(CLI::App* sub) {
    sub->add_option("--checkpoint", options_.checkpoint,
                    "Put the search by in FILE, at intervals and when it ends")
        ->type_name("FILE");
    sub->add_option("--checkpoint-interval", options_.checkpoint_interval,
                    "Seconds between checkpoints (default: 300)")
        ->check(seconds())
        ->type_name("SECONDS");
    sub->add_option("--resume", options_.resume, "Go on with the search that FILE holds")
        ->type_name("FILE");
  }

  void finish() {
    if (!fix_.empty()) {
      options_.fixes = {fix_};
    }
    if (!property_.empty()) {
      options_.properties = {property_};
    }
    if (!tree_.empty()) {
      options_.trees = {tree_};
    }
    if (!good_.empty()) {
      options_.revisions = {good_, bad_};
    }
    options_.for_git_bisect = options_.command == CommandName::check &&
                              (options_.for_git_bisect || git_is_bisecting(options_.trees.front()));
    options_.format = format_by_name(format_);
    options_.engine = engine_by_name(engine_).value_or(Engine::automatic);
    if (timeout_ >= 0) {
      options_.timeout = timeout_;
    }
    options_.jobs = jobs_ != 0 ? jobs_ : std::max(1U, std::thread::hardware_concurrency());
  }

  EarlyExit usage(const std::string& what) {
    std::string command = "airlock";
    for (const CLI::App* sub : app_.get_subcommands()) {
      command += " " + sub->get_name();
    }
    return {static_cast<int>(ExitStatus::bad_input),
            "error: " + shortened(what, 1000) + "\nsee: " + command + " --help\n"};
  }

  CLI::App app_;
  Options options_;
  std::string tree_;
  std::string good_;
  std::string bad_;
  std::string fix_;
  std::string property_;
  std::string format_ = "text";
  std::string engine_ = "auto";
  double timeout_ = -1;
  unsigned jobs_ = 0;
};

}  // namespace

std::vector<CommandHelp> command_help() {
  return Parser().help();
}

std::variant<Options, EarlyExit> parse_options(int argc, const char* const* argv) {
  if (const std::optional<KbuildCall> call = kbuild_call(argc, argv)) {
    std::vector<const char*> words;
    for (const std::string& word : call->arguments) {
      words.push_back(word.c_str());
    }
    std::variant<Options, EarlyExit> result =
        Parser().parse(static_cast<int>(words.size()), words.data());
    if (Options* options = std::get_if<Options>(&result)) {
      options->arguments = call->arguments;
      options->kbuild = true;
      options->kbuild_file = call->file;
      options->quiet = true;
      options->for_git_bisect = false;  // make's exit status says nothing of verdicts
    }
    return result;
  }
  std::variant<Options, EarlyExit> result = Parser().parse(argc, argv);
  if (Options* options = std::get_if<Options>(&result)) {
    options->arguments.assign(argv, argv + argc);
  }
  return result;
}

}  // namespace airlock
