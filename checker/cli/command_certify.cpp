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
#include "checker/cli/terminal.hpp"
#include "checker/compare/prove_certificate.hpp"
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

/// The options under which the certificate's model is built.
Options options_of(const Options& given, const CertificateHeading& heading) {
  Options options = given;
  if (options.models.empty()) {
    options.models = values(heading, "model");
  }
  options.fixes = values(heading, "fix");
  options.properties = values(heading, "property");
  options.set = values(heading, "set");
  options.choices = values(heading, "choice");
  const std::vector<std::string> actors = values(heading, "actor");
  const std::set<std::string> on(actors.begin(), actors.end());
  const Project project = Project::open(options.models, {});
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

struct Judgement {
  Verdict verdict = Verdict::violated;
  std::string reason;  ///< why it is refused, or undecided
  CertificateHeading heading;
  double seconds = 0;
};

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
                               const std::string& text, const CertificateParts& parts) {
  const Options options = options_of(given, parts.heading);
  const Session session(options);
  const Fix fix = session.fix();
  const std::unique_ptr<Subject> subject = session.build(fix);
  const std::vector<const Property*> properties = session.properties(subject->system());
  if (options.properties.size() != 1 || properties.size() != 1) {
    throw InputError({file, 1, 1}, "the heading must name one property", {},
                     "; property: always_…");
  }
  CertificateHeading heading =
      session.certificate_heading(fix, *properties[0], subject->system(), subject->pins());
  if (!given.models.empty()) {  // the model may lie elsewhere than where it was proved
    heading.erase(std::remove_if(heading.begin(), heading.end(),
                                 [](const auto& line) { return line.first == "model"; }),
                  heading.end());
    const std::vector<std::string> models = values(parts.heading, "model");
    for (std::size_t i = 0; i < models.size(); ++i) {
      heading.insert(heading.begin() + static_cast<std::ptrdiff_t>(i), {"model", models[i]});
    }
  }
  const std::string expected =
      expected_certificate(session.project().build(fix).system, properties[0]->name,
                           subject->pins(), parts.conjuncts, heading);
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
  result.reason = compare_with_model(options, file, text, parts);
  if (result.reason.empty()) {
    result = ask(file, text, options);
  }
  result.heading = parts.heading;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

const char* word_for(Verdict verdict) {
  return verdict == Verdict::holds     ? "accepted"
         : verdict == Verdict::unknown ? "unknown"
                                       : "refused";
}

}  // namespace

ExitStatus run_certify(const Options& options) {
  const TextStyle style = output_style();
  Verdict all = Verdict::holds;
  Json results = Json::array();
  for (const std::string& file : options.files) {
    const Judgement judgement = judge(file, options);
    check_interrupted();
    all = worse(all, judgement.verdict);
    const std::string word = word_for(judgement.verdict);
    const std::string fix = heading_value(judgement.heading, "fix");
    const std::string property = heading_value(judgement.heading, "property");
    if (options.format == Format::json) {
      results.push_back({{"file", file},
                         {"answer", word},
                         {"fix", fix},
                         {"property", property},
                         {"proves", heading_value(judgement.heading, "proves")},
                         {"reason", judgement.reason},
                         {"seconds", judgement.seconds}});
      continue;
    }
    const Ink ink = judgement.verdict == Verdict::holds     ? Ink::green
                    : judgement.verdict == Verdict::unknown ? Ink::yellow
                                                            : Ink::red;
    print(style.paint(ink, pad(word, 8)) + "  " + printable(file) + "\n" +
          hanging("          ",
                  fmt::format("{} under fix {}: {}", printable(property), printable(fix),
                              judgement.verdict == Verdict::holds
                                  ? printable(heading_value(judgement.heading, "proves"))
                                  : std::string(word) + ", for"),
                  style.width) +
          (judgement.reason.empty() ? "" : "          " + judgement.reason + "\n"));
  }
  if (options.format == Format::json) {
    print(dump(Json{{"results", results}}));
  }
  return status_of(all);
}

}  // namespace airlock
