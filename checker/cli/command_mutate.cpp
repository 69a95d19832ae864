#include <fmt/format.h>
#include <map>

#include "checker/cli/commands.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/compare/mutation.hpp"
#include "checker/compare/undecided.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

std::string range_text(const std::optional<CostRange>& range) {
  if (!range) {
    return "-";
  }
  const std::string high = std::to_string(range->high) + (range->saturated ? "+" : "");
  return range->low == range->high ? high : fmt::format("{}-{}", range->low, high);
}

std::string cost_text(const Costs& costs) {
  return costs.reason.empty()
             ? fmt::format("rdmsr {}, wrmsr {} per entry; {}, {} per fast path",
                           range_text(costs.entry.rdmsr), range_text(costs.entry.wrmsr),
                           range_text(costs.fastpath.rdmsr), range_text(costs.fastpath.wrmsr))
             : "cost unknown: " + costs.reason;
}

Json range_json(const std::optional<CostRange>& range) {
  return range ? Json::array({range->low, range->high}) : Json();
}

Json cost_json(const Cost& cost) {
  return {{"rdmsr", range_json(cost.rdmsr)}, {"wrmsr", range_json(cost.wrmsr)}};
}

WorldThatRemembers remembering(RememberingWorld world) {
  return {std::move(world.system), world.guest_has_run};
}

CostSystem cost_system(CostWorld world) {
  return {std::move(world.system), world.entry_complete, world.fastpath_complete, world.rdmsr,
          world.wrmsr};
}

class Mutate {
 public:
  explicit Mutate(const Session& session)
      : session_(session), fix_(session.fix()), style_(output_style()) {}

  ExitStatus run() {
    const Project& project = session_.project();
    mutants_ = project.mutants(fix_);
    std::vector<MutantInput> inputs;
    for (const Mutant& mutant : mutants_) {
      inputs.push_back(input(mutant));
    }
    const MutantInput original{[&] { return project.build(fix_).system; },
                               {},
                               {},
                               [&] { return cost_system(project.build_for_cost(fix_)); },
                               [&] { return remembering(project.build_with_memory(fix_)); }};
    {
      ProgressLine line(session_.options().quiet);
      result_ = judge_mutants(original, inputs, session_.chosen(), session_.context(),
                              [&](std::size_t done) {
                                line.show(fmt::format("[{}/{}] mutants", done, mutants_.size()));
                              });
    }
    check_interrupted();
    print(session_.options().format == Format::json ? dump(document()) : text());
    if (count(MutantVerdict::survived) != 0) {
      return ExitStatus::violated;
    }
    return count_undecided() == 0 ? ExitStatus::holds : ExitStatus::undecided;
  }

 private:
  MutantInput input(const Mutant& mutant) const {
    const Project& project = session_.project();
    const auto changed = [&project, &mutant] {
      return project.with_text(mutant.file, mutant.text);
    };
    return {[this, changed] { return changed().build(fix_).system; },
            [this, changed, &project] { return project.build_equivalence(changed(), fix_); },
            [this, changed] { return changed().build_silence(fix_); },
            [this, changed] { return cost_system(changed().build_for_cost(fix_)); },
            [this, changed] { return remembering(changed().build_with_memory(fix_)); }};
  }

  /// Without those that are undecided.
  [[nodiscard]] std::size_t count(MutantVerdict verdict) const {
    return static_cast<std::size_t>(std::count_if(
        result_.mutants.begin(), result_.mutants.end(),
        [&](const MutantResult& each) { return each.verdict == verdict && !each.undecided; }));
  }

  [[nodiscard]] std::size_t count_undecided() const {
    return static_cast<std::size_t>(
        std::count_if(result_.mutants.begin(), result_.mutants.end(),
                      [](const MutantResult& each) { return each.undecided; }));
  }

  /// The world in which all are judged.
  struct Basis {
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<std::string> actors;
    std::vector<std::pair<std::string, std::string>> choices;
  };

  [[nodiscard]] Basis basis() const {
    const TransitionSystem system = session_.project().build(fix_).system;
    return {session_.parameters(), session_.enabled_actors(),
            shown_choices(system, default_pins(system, session_.chosen()))};
  }

  static Json object(const std::vector<std::pair<std::string, std::string>>& pairs) {
    Json result = Json::object();
    for (const auto& [name, value] : pairs) {
      result[name] = value;
    }
    return result;
  }

  /// One line per kind of thing, as compare's footer has them.
  [[nodiscard]] std::string basis_text() const {
    const Basis under = basis();
    const auto line = [&](const char* name, const std::vector<std::string>& values) {
      std::string text;
      for (const std::string& value : values) {
        text += (text.empty() ? "" : ", ") + printable(value);
      }
      return hanging(std::string("  ") + name + ": ", text.empty() ? "none" : text, style_.width);
    };
    const auto assignments = [](const std::vector<std::pair<std::string, std::string>>& pairs) {
      std::vector<std::string> result;
      for (const auto& [name, value] : pairs) {
        result.push_back(name + "=" + value);
      }
      return result;
    };
    return "\n" + style_.paint(Ink::bold, "Judged under") + "\n" +
           line("parameters", assignments(under.parameters)) + line("actors", under.actors) +
           line("choices", assignments(under.choices));
  }

  [[nodiscard]] Json document() const {
    Json json{{"model", session_.project().name()}, {"fix", fix_.name}};
    const Basis under = basis();
    json["parameters"] = object(under.parameters);
    json["actors"] = under.actors;
    json["choices"] = object(under.choices);
    json["kept"] = result_.kept;
    json["violated"] = result_.violated;
    json["reached"] = result_.reached;
    json["cost"] = cost_json(result_.costs.entry);
    json["cost_fastpath"] = cost_json(result_.costs.fastpath);
    if (!result_.undecided.empty()) {
      json["reason"] = result_.undecided;
    }
    json["mutants"] = Json::array();
    for (std::size_t i = 0; i < mutants_.size(); ++i) {
      if (result_.mutants[i].verdict != MutantVerdict::invalid) {
        json["mutants"].push_back(mutant_json(mutants_[i], result_.mutants[i]));
      }
    }
    return json;
  }

  /// A mutant that is undecided has the verdict "survived", the field "undecided": true, and says
  /// why ("reason") and how to go on ("to_go_on").
  static Json mutant_json(const Mutant& mutant, const MutantResult& result) {
    Json json{{"file", mutant.file},
              {"line", mutant.line},
              {"change", mutant.change},
              {"diff", mutant.diff},
              {"verdict", to_string(result.verdict)}};
    if (!result.property.empty()) {
      json["property"] = result.property;
    }
    if (result.steps) {
      json["steps"] = *result.steps;
    }
    if (result.costs) {
      json["cost"] = cost_json(result.costs->entry);
      json["cost_fastpath"] = cost_json(result.costs->fastpath);
    }
    if (!result.reason.empty() && result.verdict == MutantVerdict::survived) {
      json["reason"] = result.reason;
    }
    if (result.undecided) {
      json["undecided"] = true;
      json["to_go_on"] = how_to_go_on(result.reason);
    }
    return json;
  }

  [[nodiscard]] std::string text() const {
    const std::size_t invalid = count(MutantVerdict::invalid);
    std::string out =
        style_.paint(Ink::bold, fmt::format("{}, fix {}", printable(session_.project().name()),
                                            printable(fix_.name))) +
        fmt::format("\n  {} mutants", mutants_.size() - invalid);
    for (const MutantVerdict verdict : {MutantVerdict::caught, MutantVerdict::equivalent,
                                        MutantVerdict::stronger, MutantVerdict::survived}) {
      out += fmt::format(", {} {}", count(verdict), to_string(verdict));
    }
    if (count_undecided() != 0) {
      out += fmt::format(", {} undecided", count_undecided());
    }
    if (!result_.undecided.empty()) {
      return out + "\n" + nothing_judged() + basis_text();
    }
    out += fmt::format("; {} more changes are no programs\n", invalid);
    out += "  the fix costs " + cost_text(result_.costs) + "\n";
    out += caught() + listing(MutantVerdict::equivalent, "Equivalent, with their cost:") +
           listing(MutantVerdict::stronger, "Stronger than the fix:") +
           listing(MutantVerdict::survived, "Survived: no property tells these from the fix:") +
           undecided() + basis_text();
    return out;
  }

  /// One line per property: how many mutants broke it first.
  [[nodiscard]] std::string caught() const {
    std::map<std::string, std::size_t> by_property;
    for (const MutantResult& each : result_.mutants) {
      if (each.verdict == MutantVerdict::caught) {
        ++by_property[each.property];
      }
    }
    if (by_property.empty()) {
      return {};
    }
    std::string out =
        "\n" + style_.paint(Ink::bold, "Caught, by the property that breaks first:") + "\n";
    for (const auto& [property, number] : by_property) {
      out += fmt::format("  {:>4}  {}\n", number, printable(property));
    }
    return out;
  }

  /// While the original is undecided, no mutant is looked at.
  [[nodiscard]] std::string nothing_judged() const {
    return "\n" + style_.paint(Ink::bold, "Undecided: no mutant was judged:") + "\n" +
           hanging("  ", printable(result_.undecided), style_.width) +
           hanging("  to go on: ", how_to_go_on(result_.undecided), style_.width);
  }

  [[nodiscard]] std::string undecided() const {
    std::string reasons;  // of any: each limit that was met is named in some of them
    for (const MutantResult& each : result_.mutants) {
      reasons += each.undecided ? each.reason + "\n" : "";
    }
    return reasons.empty() ? ""
                           : listing([](const MutantResult& each) { return each.undecided; },
                                     "Undecided: these may be any of the above:") +
                                 hanging("  to go on: ", how_to_go_on(reasons), style_.width);
  }

  [[nodiscard]] std::string listing(MutantVerdict verdict, const std::string& title) const {
    return count(verdict) == 0 ? ""
                               : listing(
                                     [verdict](const MutantResult& each) {
                                       return each.verdict == verdict && !each.undecided;
                                     },
                                     title);
  }

  [[nodiscard]] std::string listing(const std::function<bool(const MutantResult&)>& listed,
                                    const std::string& title) const {
    std::string out = "\n" + style_.paint(Ink::bold, title) + "\n";
    for (std::size_t i = 0; i < mutants_.size(); ++i) {
      const MutantResult& result = result_.mutants[i];
      if (listed(result)) {
        out += "  " + printable(mutants_[i].file) + ":" + std::to_string(mutants_[i].line) + ": " +
               mutants_[i].change + about(result) + "\n" + changed_lines(mutants_[i].diff);
      }
    }
    return out;
  }

  static std::string about(const MutantResult& result) {
    switch (result.verdict) {
      case MutantVerdict::equivalent: return "; " + cost_text(*result.costs);
      case MutantVerdict::stronger: return "; keeps " + printable(result.property);
      default: return result.reason.empty() ? "" : "; " + printable(result.reason);
    }
  }

  /// The diff's lines that were taken away and put in.
  static std::string changed_lines(const std::string& diff) {
    std::string out;
    std::size_t at = diff.find("@@\n") + 3;
    while (at < diff.size()) {
      const std::size_t end = std::min(diff.find('\n', at), diff.size());
      out += "      ";
      for (const char c : diff.substr(at, end - at)) {
        out += c == '\t' ? std::string("    ") : printable(std::string(1, c));
      }
      out += "\n";
      at = end + 1;
    }
    return out;
  }

  const Session& session_;
  Fix fix_;
  TextStyle style_;
  std::vector<Mutant> mutants_;
  MutationResult result_;
};

}  // namespace

ExitStatus run_mutate(const Session& session) {
  return Mutate(session).run();
}

}  // namespace airlock
