// The command line, parsed.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "checker/compare/solve.hpp"

namespace airlock {

enum class CommandName : std::uint8_t {
  prove,
  trace,
  explore,
  compare,
  list,
  mutate,
  export_,
  certify,
  reproduce,
  init,
  coverage,
  slice,
  check,
  bisect,
  outcomes,
  test,
};
enum class Format : std::uint8_t {
  text,
  json,
  vcd,
  svg,
  markdown,
  junit,
  sarif,
  ktap,
  kbuild,
  mail
};

/// What --width takes.
inline constexpr unsigned least_width = 40;
inline constexpr unsigned most_width = 1000;

struct Options {
  CommandName command = CommandName::compare;
  std::vector<std::string> models;
  std::vector<std::string> trees;      ///< kernel trees: one; with slice --diff two
  std::vector<std::string> patches;    ///< FILE of --patch, in order
  std::vector<std::string> revisions;  ///< bisect: GOOD and BAD
  bool kbuild = false;                 ///< check: called by kbuild; see kbuild.hpp
  std::string kbuild_file;             ///< the C file that kbuild compiles
  bool for_git_bisect = false;         ///< check: exit statuses are git's; see git_bisect.hpp
  std::string lens;                    ///< DIR of --lens; empty: the one that comes with Airlock
  bool receipt = false;                ///< slice: what was kept, cut and assumed, not the C
  bool diff = false;                   ///< slice: how two trees' slices differ
  bool no_cache = false;               ///< what was read of archives is neither kept nor used
  std::vector<std::string> fixes;
  std::vector<std::string> properties;
  std::vector<std::string> set;            ///< NAME=VALUE
  std::vector<std::string> actors;         ///< to add
  std::vector<std::string> no_actors;      ///< to take away
  std::vector<std::string> features;       ///< --feature
  std::vector<std::string> no_features;    ///< --no-feature
  std::vector<std::string> guest_without;  ///< instructions of the guest's, by word
  std::vector<std::string> guests;         ///< FILE.c or FILE.c:NAME of --guest
  std::optional<std::size_t> outcome;      ///< outcomes: the number of --trace
  std::vector<std::string> choices;        ///< NAME=VALUE
  std::string to;                          ///< export's FORMAT
  std::optional<std::uint64_t> bound;      ///< export's STEPS
  std::string as;                          ///< trace's FORM of --as; empty: a story
  std::string witness;                     ///< trace's FILE; empty: none
  std::string certificate_folder;          ///< where --certificate wants them; empty: nowhere
  std::vector<std::string> files;          ///< certify's and reproduce's FILE…
  std::string from;                        ///< init: the model to begin with; empty: svm-minimal
  std::vector<std::string> kernels;  ///< reproduce's VERSION…; empty: the distribution's own
  bool evidence = false;             ///< reproduce: KVM\'s tracepoints of what is not as bare metal
  std::size_t repeat = 10;           ///< reproduce: how often each guest runs
  bool explain = false;              ///< prove: needs, the invariant in words; compare: needs;
                                     ///< trace: cuts
  bool no_explain = false;           ///< compare: no needs, in JSON either
  std::string expect;                ///< compare, check: FILE of --expect; empty: none
  std::string write_expect;          ///< compare, check: FILE of --write-expect; empty: none
  bool guarantees = false;           ///< the stock guarantees belong to the model
  std::string graph;                 ///< explore's FILE of --graph; empty: none
  Engine engine = Engine::automatic;
  Format format = Format::text;
  std::string report;                  ///< FILE of --report; empty: none
  std::vector<std::string> arguments;  ///< the whole command line, the program's name first
  std::optional<double> timeout;       ///< seconds, for the whole command
  std::uint64_t memory = 0;            ///< bytes; 0: what the machine has
  std::string checkpoint;              ///< explore's file
  double checkpoint_interval = 300;
  std::string resume;
  unsigned jobs = 1;
  unsigned width = 0;  ///< columns of --width; 0: the environment's
  bool brief = false;  ///< trace: only what is different
  bool quiet = false;
  bool stats = false;
  bool no_certificates = false;  ///< compare: proofs are not certified
  bool noninterference = false;  ///< compare: also the statements about two runs
};

/// Nothing more to do: the text has been asked for (--help), or says what is wrong.
struct EarlyExit {
  int status;
  std::string text;  ///< for standard output if status is 0, for standard error otherwise
};

std::variant<Options, EarlyExit> parse_options(int argc, const char* const* argv);

/// "NAME=VALUE" in two. Throws InputError naming `option` if there is no name or no '='.
std::pair<std::string, std::string> name_and_value(const std::string& option,
                                                   const std::string& text);

/// The options that make the world of a model or of a slice what it is, quoted for a shell: with a
/// space in front, or empty. One list for all who repeat a command or remember what it said.
std::string world_arguments(const Options& options);

/// The command that prints the trace of a property under a fix, with the same model, parameters,
/// actors and choices; quoted for a shell.
std::string trace_command(const Options& options, const std::string& fix,
                          const std::string& property);

}  // namespace airlock
