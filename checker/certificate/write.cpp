// The text of a certificate.
//
// Three scripts in one, each self-contained, with (reset) between them, so that a solver needs no
// incremental mode and no option. Each begins with the definition of the invariant, before anything
// is declared: what it says can depend on nothing but its parameters, the state's variables. Then
// come the state, what the query is about (initial values; the rules; the property), two or three
// assertions, and (check-sat).
//
// A step is written as a program would run: `rule` picks one, its guard must hold, and each
// variable has a next value that is a chain of ite over `rule`. What no rule writes keeps its value
// by construction, so that there are no frame conditions to believe.
//
// The heading is comments, one "name: value" a line. The text is a function of the system, the
// target, the conjuncts and the heading alone, which is what makes comparing it worth while:
// certificate_with() is both how a certificate is written and how it is compared with its model.
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "checker/certificate/certificate.hpp"
#include "checker/certificate/form.hpp"
#include "checker/certificate/places.hpp"
#include "checker/notation/smtlib.hpp"

namespace airlock {
namespace {

using namespace certificate;
using notation::smt_define;
using notation::smt_sort;
using notation::smt_value;

/// Terms, with what they share as definitions to be written before whoever uses them.
class Printer {
 public:
  Printer(const std::vector<std::string>& variables, const std::vector<std::string>& inputs,
          const std::vector<Expr>& roots)
      : terms_(notation::smt_node([&](Expr leaf) {
                 return leaf.op() == Op::variable ? variables[leaf.index()] : inputs[leaf.index()];
               }),
               roots) {}

  std::string print(Expr root) { return terms_(root); }
  /// Those that have been needed since the last call, one a line.
  std::string take_definitions() {
    std::string text;
    for (; taken_ < terms_.definitions().size(); ++taken_) {
      const notation::Terms::Definition& each = terms_.definitions()[taken_];
      text += smt_define(each.name, each.sort, each.text);
    }
    return text;
  }

 private:
  notation::Terms terms_;
  std::size_t taken_ = 0;
};

class Writer {
 public:
  Writer(const TransitionSystem& system, Expr target) : system_(system), target_(target) {
    for (const char* reserved : {"invariant", "rule", "step", "initially", "violation"}) {
      symbols_.fresh(reserved);
    }
    for (const Variable& variable : system.variables) {
      variables_.push_back(symbols_.fresh(variable.name));
    }
    for (const Input& input : system.inputs) {
      inputs_.push_back(symbols_.fresh("choice: " + input.name));
    }
    for (const Variable& variable : system.variables) {
      initial_.push_back(symbols_.fresh("initial " + variable.name));
      next_.push_back(symbols_.fresh("next " + variable.name));
    }
    constraint_ = initial_constraint();  // now: what is built later must not depend on conjuncts
  }

  /// One conjunct a line, so that a person sees them and a test can take one out.
  [[nodiscard]] std::string conjuncts(const Invariant& invariant) const {
    const PlaceNames names(system_);
    std::string out = "; the places that are reached\n  (or false false";
    for (const Invariant::Place& place : invariant.places) {
      out += " " + at(place);
    }
    out += ")\n";
    for (const Invariant::Place& place : invariant.places) {
      if (!place.clauses.empty()) {
        out += "; " + one_line(names.of(place)) + "\n";
      }
      for (const Invariant::Clause& clause : place.clauses) {
        out += fmt::format("  (=> {} {})\n", at(place), text(clause));
      }
    }
    out += invariant.constants.empty() ? "" : "; bits that never change\n";
    for (const FixedBits& bits : invariant.constants) {
      out += fmt::format("  (and true{})\n", text(bits));
    }
    return out;
  }

  std::string script(const std::string& conjuncts) const {
    const std::string invariant = definition(conjuncts);
    return std::string(first_section) + logic + invariant + initiation() + second_section + logic +
           invariant + consecution() + third_section + logic + invariant + safety();
  }

 private:
  static constexpr std::size_t link_length = 400;
  static constexpr const char* logic = "(set-logic QF_BV)\n";

  [[nodiscard]] std::string at(const Invariant::Place& place) const {
    std::string out = place.at.size() < 2 ? "(and true true" : "(and";
    for (const FixedBits& bits : place.at) {
      out += text(bits);
    }
    return out + ")";
  }

  /// One equality per run of bits, each after a space.
  [[nodiscard]] std::string text(const FixedBits& bits) const {
    const Sort sort = system_.variables[bits.variable].sort;
    const std::string& name = variables_[bits.variable];
    if (bits.mask == sort.mask()) {
      return fmt::format(" (= {} {})", name, smt_value(sort, bits.value));
    }
    std::string out;
    for (unsigned lo = 0; lo < sort.width(); ++lo) {
      if ((bits.mask >> lo & 1U) == 0) {
        continue;
      }
      unsigned hi = lo;
      while (hi + 1 < sort.width() && (bits.mask >> (hi + 1) & 1U) != 0) {
        ++hi;
      }
      const Sort piece = Sort::bits(hi - lo + 1);
      out += fmt::format(" (= ((_ extract {} {}) {}) {})", hi, lo, name,
                         smt_value(piece, bits.value >> lo & piece.mask()));
      lo = hi;
    }
    return out;
  }

  [[nodiscard]] std::string text(const Invariant::Clause& clause) const {
    std::string out = "(or false";
    for (const Invariant::Literal& literal : clause) {
      const std::string& name = variables_[literal.variable];
      if (system_.variables[literal.variable].sort.is_bool()) {
        out += literal.value ? " " + name : " (not " + name + ")";
      } else {
        out += fmt::format(" (= ((_ extract {0} {0}) {1}) #b{2})", literal.bit, name,
                           literal.value ? 1 : 0);
      }
    }
    return out + ")";
  }

  [[nodiscard]] std::string definition(const std::string& conjuncts) const {
    std::string out = "(define-fun invariant (";
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      out += fmt::format("\n    ({} {})", variables_[i], smt_sort(system_.variables[i].sort));
    }
    return out + "\n  ) Bool\n" + body_begins + conjuncts + body_ends;
  }

  [[nodiscard]] std::string applied(const std::vector<std::string>& arguments) const {
    std::string out = "(invariant";
    for (const std::string& argument : arguments) {
      out += " " + argument;
    }
    return out + ")";
  }

  [[nodiscard]] std::string declare_state() const {
    std::string out;
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      out += fmt::format("(declare-const {} {})\n", variables_[i],
                         smt_sort(system_.variables[i].sort));
    }
    return out;
  }

  [[nodiscard]] std::string declare_inputs(const std::vector<Expr>& roots) const {
    std::string out;
    for (const InputId id : inputs_of(roots)) {
      out += fmt::format("(declare-const {} {})\n", inputs_[id], smt_sort(system_.inputs[id].sort));
    }
    return out;
  }

  /// (define-fun name () sort e), after what `e` needs.
  static std::string define(Printer& printer, const std::string& name, Expr e) {
    const std::string text = printer.print(e);
    return printer.take_definitions() + smt_define(name, e.sort(), text);
  }

  /// Over initial inputs.
  [[nodiscard]] Expr initial_constraint() const {
    if (!system_.initial_constraint.valid()) {
      return system_.pool->boolean(true);
    }
    Rewriter initially(*system_.pool, [&](Expr leaf) {
      return leaf.op() == Op::variable ? system_.variables[leaf.index()].initial : leaf;
    });
    return initially(system_.initial_constraint);
  }

  [[nodiscard]] std::string initiation() const {
    std::vector<Expr> roots;
    for (const Variable& variable : system_.variables) {
      roots.push_back(variable.initial);
    }
    roots.push_back(constraint_);
    Printer printer(variables_, inputs_, roots);
    std::string out = declare_inputs(roots);
    for (std::size_t i = 0; i < initial_.size(); ++i) {
      out += define(printer, initial_[i], system_.variables[i].initial);
    }
    out += define(printer, "initially", constraint_);
    return out + "(assert initially)\n(assert (not " + applied(initial_) + "))\n(check-sat)\n";
  }

  [[nodiscard]] std::string consecution() const {
    std::vector<Expr> roots;
    for (const Rule& rule : system_.rules) {
      roots.push_back(rule.guard);
      for (const Update& update : rule.updates) {
        roots.push_back(update.value);
      }
    }
    Printer printer(variables_, inputs_, roots);
    std::string out = declare_state() + declare_inputs(roots);
    out += fmt::format("(declare-const rule {})\n", smt_sort(rule_sort()));
    out += enabled(printer);
    std::size_t links = 0;
    for (VarId id = 0; id < next_.size(); ++id) {
      out += next_value(printer, id, links);
    }
    return out + "(assert " + applied(variables_) + ")\n(assert step)\n(assert (not " +
           applied(next_) + "))\n(check-sat)\n";
  }

  [[nodiscard]] Sort rule_sort() const {
    unsigned width = 4;
    while ((std::size_t{1} << width) < system_.rules.size()) {
      width += 4;
    }
    return Sort::bits(width);
  }

  [[nodiscard]] std::string is_rule(std::size_t rule) const {
    return fmt::format("(= rule {})", smt_value(rule_sort(), rule));
  }

  std::string enabled(Printer& printer) const {
    std::string any;
    std::string out;
    for (std::size_t i = 0; i < system_.rules.size(); ++i) {
      const std::string guard = printer.print(system_.rules[i].guard);
      out += printer.take_definitions();
      any += fmt::format("  ; {}\n  (and {} {})\n", one_line(system_.rules[i].name), is_rule(i),
                         guard);
    }
    return out + "(define-fun step () Bool (or false false\n" + any + "))\n";
  }

  /// A chain of ite, one per value that rules write. A long one is in links, each defined in terms
  /// of the one before, so that no text is nested deeper than readers go, whatever the number of
  /// rules.
  std::string next_value(Printer& printer, VarId id, std::size_t& links) const {
    std::vector<std::pair<Expr, std::vector<std::size_t>>> writers;
    std::map<std::uint32_t, std::size_t> position;  // by the value's node id
    for (std::size_t i = 0; i < system_.rules.size(); ++i) {
      for (const Update& update : system_.rules[i].updates) {
        if (update.variable == id) {
          const auto [found, is_new] = position.emplace(update.value.id(), writers.size());
          if (is_new) {
            writers.push_back({update.value, {}});
          }
          writers[found->second].second.push_back(i);
        }
      }
    }
    std::string chain = variables_[id];
    std::string needed;
    std::size_t length = 0;
    for (auto writer = writers.rbegin(); writer != writers.rend(); ++writer) {
      const std::string value = printer.print(writer->first);
      needed += printer.take_definitions();
      std::string which = "(or false";
      for (const std::size_t rule : writer->second) {
        which += " " + is_rule(rule);
      }
      chain = fmt::format("(ite {}) {}\n  {})", which, value, chain);
      if (++length % link_length == 0 && length < writers.size()) {
        const std::string name = fmt::format("link{}", links++);
        needed += smt_define(name, system_.variables[id].sort, "\n  " + chain);
        chain = name;
      }
    }
    return needed + smt_define(next_[id], system_.variables[id].sort, "\n  " + chain);
  }

  [[nodiscard]] std::string safety() const {
    Printer printer(variables_, inputs_, {target_});
    return declare_state() + define(printer, "violation", target_) + "(assert " +
           applied(variables_) + ")\n(assert violation)\n(check-sat)\n";
  }

  const TransitionSystem& system_;
  Expr target_;
  Expr constraint_;
  notation::Symbols symbols_;
  std::vector<std::string> variables_;
  std::vector<std::string> inputs_;
  std::vector<std::string> initial_;
  std::vector<std::string> next_;
};

/// A name for the text, so that two certificates for the same system and property are seen to be.
std::string fingerprint(const std::string& text) {
  const boost::uuids::name_generator_sha1 name(boost::uuids::ns::oid());
  return boost::uuids::to_string(name(text));
}

}  // namespace

std::string certificate_with(const TransitionSystem& system, Expr target,
                             const std::string& conjuncts, const CertificateHeading& heading) {
  const Writer writer(system, target);
  std::string out = std::string(first_line) + "\n";
  for (const auto& [name, value] : heading) {
    if (name != fingerprint_name) {
      out += "; " + one_line(name) + ": " + one_line(value) + "\n";
    }
  }
  out += std::string("; ") + fingerprint_name + ": " + fingerprint(writer.script("")) + "\n";
  return out + how_to_check + writer.script(conjuncts);
}

std::string write_certificate(const TransitionSystem& system, Expr target,
                              const Invariant& invariant, const CertificateHeading& heading) {
  return certificate_with(system, target, Writer(system, target).conjuncts(invariant), heading);
}

}  // namespace airlock
