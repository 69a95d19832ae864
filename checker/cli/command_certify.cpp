// `certify`: certificates that somebody hands over.
//
// A script that answers unsat three times proves something about the transition system that it
// spells out; the question is whether that is the model's. So the model is built again, from what
// the heading says (fix, parameters, actors, choices, property), its certificate is written with
// the file's conjuncts, and the file must be that text. Then cvc5 is asked.
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "checker/certificate/check.hpp"
#include "checker/cli/commands.hpp"
#include "checker/cli/kernel_input.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/compare/prove_certificate.hpp"
#include "checker/support/stopwatch.hpp"
#include "checker/trace/render.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) {
    throw InputError({file, 0, 0}, "cannot be read", {}, "a certificate");
  }
  return text;
}

std::vector<std::string> values(const CertificateHeading& heading, const std::string& name) {
  std::vector<std::string> result;
  for (const auto& [key, value] : heading) {
    if (key == name) {
      result.push_back(value);
    }
  }
  return result;
}

/// The model or the kernel's tree as it is by itself, with these features.
Project usual_project(const Options& options, const std::vector<std::string>& features) {
  Settings settings;
  settings.add_features = features;
  return options.trees.empty() ? Project::open(options.models, settings)
                               : Project::of(model_of(options, rows_of_tree(options)), settings);
}

/// The options under which the certificate's model is built.
Options options_of(const Options& given, const CertificateHeading& heading) {
  Options options = given;
  if (options.models.empty()) {
    options.models = values(heading, "model");
    options.trees = values(heading, "tree");
    options.patches = values(heading, "patch");
    for (const std::string& lens : values(heading, "lens")) {
      options.lens = lens;
    }
  }
  options.fixes = values(heading, "fix");
  options.properties = values(heading, "property");
  options.set = values(heading, "set");
  options.choices = values(heading, "choice");
  options.guarantees = !values(heading, "with").empty();
  options.guest_without = values(heading, "guest without");
  const std::vector<std::string> actors = values(heading, "actor");
  const std::set<std::string> on(actors.begin(), actors.end());
  options.features = values(heading, "feature");
  const Project project = usual_project(options, options.features);
  for (const FeatureSwitch& each : project.features()) {
    const auto& named = options.features;
    if (each.enabled && std::find(named.begin(), named.end(), each.name) == named.end()) {
      options.no_features.push_back(each.name);
    }
  }
  for (const Actor& actor : project.actors()) {
    (on.count(actor.name) != 0 ? options.actors : options.no_actors).push_back(actor.name);
  }
  for (const std::string& name : actors) {
    if (std::find(options.actors.begin(), options.actors.end(), name) == options.actors.end()) {
      options.actors.push_back(name);  // unknown: Session says so
    }
  }
  return options;
}

/// The world in which the property holds, as it was built here: nothing of it is taken from the
/// file unread.
struct ProvedWorld {
  std::vector<std::string> models;
  std::vector<std::string> named;        ///< models in the file's words; with --model, unchecked
  std::vector<std::string> differences;  ///< from the model's defaults, as options: "--set a=1"
  std::vector<std::string> pinned;       ///< choices of the manual that the proof needs, "a=b"
  std::vector<std::string> assumptions;  ///< of every proof about this model
};

struct Judgement {
  Verdict verdict = Verdict::violated;
  std::string reason;  ///< why it is refused, or undecided
  CertificateHeading heading;
  ProvedWorld world;
  double seconds = 0;
};

/// --set, --actor and --no-actor where `session` differs from what the model does by itself.
std::vector<std::string> differences(const Session& session) {
  const Project usual = usual_project(session.options(), {});
  std::vector<std::string> result;
  for (const Parameter& parameter : session.project().parameters()) {
    for (const Parameter& other : usual.parameters()) {
      if (other.name == parameter.name && other.value != parameter.value) {
        result.push_back("--set " + parameter.name + "=" + parameter.shown);
      }
    }
  }
  for (const Actor& actor : session.project().actors()) {
    for (const Actor& other : usual.actors()) {
      if (other.name == actor.name && other.enabled != actor.enabled) {
        result.push_back((actor.enabled ? "--actor " : "--no-actor ") + actor.name);
      }
    }
  }
  const std::vector<FeatureSwitch> switched = session.project().features();
  const std::vector<FeatureSwitch> usually = usual.features();
  for (std::size_t i = 0; i < switched.size(); ++i) {
    if (switched[i].enabled != usually[i].enabled) {
      result.push_back((switched[i].enabled ? "--feature " : "--no-feature ") + switched[i].name);
    }
  }
  for (const std::string& word : session.options().guest_without) {
    result.push_back("--guest-without " + word);
  }
  return result;
}

/// What else must hold for this proof to mean what it says.
std::vector<std::string> needed_beside(const Session& session, const Fix& fix,
                                       const TransitionSystem& system) {
  const std::string& name = session.options().properties[0];
  if (system.find_property("always_well_defined") != nullptr) {
    return guards_not_among(system, session.properties(system));
  }
  std::vector<std::string> result = guards_not_among(session.project().build(fix).system, {});
  if (name == host_to_guest_name) {
    result.emplace_back(host_to_guest_support_name);
  } else if (name == guest_to_host_name) {
    result.emplace_back(guest_to_host_support_name);
  }
  return result;
}

ProvedWorld world_of(const Session& session, const Fix& fix, const Subject& subject,
                     const CertificateHeading& heading) {
  const Options& options = session.options();
  ProvedWorld world{options.trees.empty() ? options.models : options.trees,
                    values(heading, options.trees.empty() ? "model" : "tree"),
                    differences(session),
                    {},
                    subject.system().assumptions};
  if (!options.trees.empty()) {
    const std::vector<std::string> more = slice_assumptions();
    world.assumptions.insert(world.assumptions.end(), more.begin(), more.end());
  }
  for (const auto& [name, option] : subject.pins()) {
    world.pinned.push_back(name + "=" + option);
  }
  for (const std::string& other : needed_beside(session, fix, subject.system())) {
    world.assumptions.push_back(other + ", of which this is no proof, holds as well");
  }
  return world;
}

/// Where two texts differ first, for people; empty if they do not.
std::string difference(const std::string& file, const std::string& text,
                       const std::string& expected) {
  std::istringstream have(text);
  std::istringstream want(expected);
  std::string mine;
  std::string theirs;
  for (unsigned line = 1;; ++line) {
    const bool more = static_cast<bool>(std::getline(have, mine));
    const bool wanted = static_cast<bool>(std::getline(want, theirs));
    if (!more && !wanted) {
      return text == expected ? "" : "the ends of lines differ";
    }
    if (!more || !wanted || mine != theirs) {
      const auto shown = [](bool exists, const std::string& what) {
        return exists ? printable(what.substr(0, 100)) : std::string("nothing");
      };
      return fmt::format("{}:{}: this is not what the model says\n  here:      {}\n  the model: {}",
                         printable(file), line, shown(more, mine), shown(wanted, theirs));
    }
  }
}

/// Whether the text is the model's certificate, whatever its conjuncts are worth.
std::string compare_with_model(const Options& given, const std::string& file,
                               const std::string& text, const CertificateParts& parts,
                               ProvedWorld& world) {
  const Options options = options_of(given, parts.heading);
  const Session session(options);
  const Fix fix = session.fix();
  if (options.properties.size() != 1) {
    throw InputError({file, 1, 1}, "the heading must name one property", {},
                     "; property: always_…");
  }
  const std::string& name = options.properties[0];
  const Subject subject(session.system_for(fix, name), session.chosen());
  const std::vector<const Property*> properties = session.properties(subject.system());
  world = world_of(session, fix, subject, parts.heading);
  CertificateHeading heading =
      session.certificate_heading(fix, *properties[0], subject.system(), subject.pins());
  if (!given.models.empty()) {  // the model may lie elsewhere than where it was proved
    heading.erase(std::remove_if(heading.begin(), heading.end(),
                                 [](const auto& line) { return line.first == "model"; }),
                  heading.end());
    const std::vector<std::string> models = values(parts.heading, "model");
    for (std::size_t i = 0; i < models.size(); ++i) {
      heading.insert(heading.begin() + static_cast<std::ptrdiff_t>(i), {"model", models[i]});
    }
  }
  const std::string expected = expected_certificate(session.system_for(fix, name), name,
                                                    subject.pins(), parts.conjuncts, heading);
  return difference(file, text, expected);
}

Judgement ask(const std::string& file, const std::string& text, const Options& options) {
  static constexpr const char* meaning[] = {
      "initiation: an initial state does not satisfy the invariant",
      "consecution: a step leaves the invariant",
      "safety: a state of the invariant is a violation",
  };
  Judgement result;
  const std::vector<QueryAnswer> answers = ask_cvc5(file, text, options.timeout);
  if (answers.size() != 3) {
    result.reason = fmt::format("{} queries instead of three", answers.size());
    return result;
  }
  result.verdict = Verdict::holds;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].answer == Answer::sat) {
      result.verdict = Verdict::violated;
      result.reason = meaning[i];
      result.reason += answers[i].detail.empty() ? "" : " (rule #x" + answers[i].detail + ")";
      return result;
    }
    if (answers[i].answer == Answer::unknown) {
      result.verdict = Verdict::unknown;
      result.reason = std::string("cvc5 does not decide ") + meaning[i];
    }
  }
  return result;
}

Judgement judge(const std::string& file, const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const std::string text = contents(file);
  const CertificateParts parts = read_certificate(file, text);
  Judgement result;
  ProvedWorld world;
  result.reason = compare_with_model(options, file, text, parts, world);
  if (result.reason.empty()) {
    result = ask(file, text, options);
  }
  result.heading = parts.heading;
  result.world = std::move(world);
  result.seconds = seconds_since(start);
  return result;
}

const char* word_for(Verdict verdict) {
  return verdict == Verdict::holds     ? "accepted"
         : verdict == Verdict::unknown ? "unknown"
                                       : "refused";
}

/// "specs/kvm, fix v2, --set a=1".
std::string world_in_words(const Judgement& judgement) {
  std::string words = printable(fmt::format("{}", fmt::join(judgement.world.models, " "))) +
                      ", fix " + printable(heading_value(judgement.heading, "fix"));
  for (const std::string& option : judgement.world.differences) {
    words += ", " + printable(option);
  }
  if (judgement.world.named != judgement.world.models) {
    words += fmt::format(" (the certificate's name for the model: {})",
                         printable(fmt::format("{}", fmt::join(judgement.world.named, " "))));
  }
  return words;
}

Json result_json(const std::string& file, const Judgement& judgement) {
  return {{"file", file},
          {"answer", word_for(judgement.verdict)},
          {"model", judgement.world.models},
          {"model_named", judgement.world.named},
          {"fix", heading_value(judgement.heading, "fix")},
          {"differs_from_defaults", judgement.world.differences},
          {"choices", judgement.world.pinned},
          {"assumptions", judgement.world.assumptions},
          {"property", heading_value(judgement.heading, "property")},
          {"proves", heading_value(judgement.heading, "proves")},
          {"reason", judgement.reason},
          {"seconds", judgement.seconds}};
}

std::string result_text(const std::string& file, const Judgement& judgement,
                        const TextStyle& style) {
  const std::string indent(10, ' ');
  const Ink ink = judgement.verdict == Verdict::holds     ? Ink::green
                  : judgement.verdict == Verdict::unknown ? Ink::yellow
                                                          : Ink::red;
  std::string out =
      style.paint(ink, pad(word_for(judgement.verdict), 8)) + "  " + printable(file) + "\n";
  out += hanging(indent, world_in_words(judgement), style.width);
  out += hanging(indent,
                 fmt::format("{}: {}", printable(heading_value(judgement.heading, "property")),
                             judgement.verdict == Verdict::holds
                                 ? printable(heading_value(judgement.heading, "proves"))
                                 : std::string(word_for(judgement.verdict)) + ", for"),
                 style.width);
  if (judgement.verdict != Verdict::holds) {
    return out + indent + judgement.reason + "\n";
  }
  if (!judgement.world.pinned.empty()) {
    out += hanging(indent,
                   printable(fmt::format("on these readings of the manual only: {}",
                                         fmt::join(judgement.world.pinned, ", "))),
                   style.width);
  }
  return out;
}

/// What every accepted proof assumes, each sentence once.
std::string basis(const std::vector<std::string>& assumptions, const TextStyle& style) {
  if (assumptions.empty()) {
    return "";
  }
  std::string out = "\n" + style.paint(Ink::bold, "Every \"accepted\" assumes:") + "\n";
  for (const std::string& sentence : assumptions) {
    out += hanging("  - ", printable(sentence), style.width);
  }
  return out;
}

}  // namespace

ExitStatus run_certify(const Options& options) {
  const TextStyle style = output_style();
  Verdict all = Verdict::holds;
  Json results = Json::array();
  std::vector<std::string> assumptions;
  for (const std::string& file : options.files) {
    const Judgement judgement = judge(file, options);
    check_interrupted();
    all = worse(all, judgement.verdict);
    if (options.format == Format::json) {
      results.push_back(result_json(file, judgement));
      continue;
    }
    print(result_text(file, judgement, style));
    for (const std::string& sentence : judgement.world.assumptions) {
      if (judgement.verdict == Verdict::holds &&
          std::find(assumptions.begin(), assumptions.end(), sentence) == assumptions.end()) {
        assumptions.push_back(sentence);
      }
    }
  }
  print(options.format == Format::json ? dump(Json{{"results", results}})
                                       : basis(assumptions, style));
  return status_of(all);
}

}  // namespace airlock
