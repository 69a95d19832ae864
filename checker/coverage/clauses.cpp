// Vacuity.
//
// "In guest mode no foreign bit is set" holds in a world without guests. Beer, Ben-David, Eisner
// and Rodeh (CAV 1997) call a formula vacuous in a part if the part could be replaced by anything
// without changing the verdict. For invariants that is simple to say exactly: write the predicate
// as clauses, each a disjunction of parts. A clause needs a part p if some reachable state makes
// all its other parts false: there p alone keeps the property. If there is none, the clause holds
// already without p, and whoever wrote p meant more. For `!a || b`, that is "a is reachable" (else
// b never matters) and "not b is reachable" (else a never matters). A clause of one part is about
// every state and cannot be idle.
//
// Those two differ in weight. Where b is idle, nothing is claimed: the property is vacuous. Where
// !a is, b holds always, and the world keeps more than was asked of it; that is a gap only if no
// world needs !a. Formulas do not tell the two apart, since they have no direction, but the C text
// does: what decides whether a claim is made is evaluated before the claim. So the second question
// is asked of the text: each operand behind && or ||, arm of ?:, condition and returned value that
// is not looked at in every state must be looked at in some. (`return b || !a;` is read as "a
// unless b".) A property that does not depend on the state at all claims nothing either.
//
// An order should not decide what is found. `!(c && d || e) || b` says nothing of d where c && d is
// never true, and neither does `!(d && c || e) || b`: so each && on whose truth more depends is
// asked whether it is ever true. And "never a && b" has no claim that comes last: of each part it
// is asked whether the others are ever true together.
//
// What is built in (always_well_defined, always_can_continue) is one claim about every state, and a
// reachable_ property is its own witness: neither has parts.
#include "checker/coverage/clauses.hpp"

#include <fmt/format.h>
#include <map>

namespace airlock {
namespace {

/// The operands of a conjunction (`op` is and_) or disjunction (or_), however nested and negated.
void flatten(Expr e, Op op, std::vector<Expr>& out) {
  const Op dual = op == Op::and_ ? Op::or_ : Op::and_;
  if (e.op() == op) {
    for (unsigned i = 0; i < e.arity(); ++i) {
      flatten(e.arg(i), op, out);
    }
  } else if (e.op() == Op::not_ && e.arg(0).op() == dual) {
    for (unsigned i = 0; i < e.arg(0).arity(); ++i) {
      flatten(!e.arg(0).arg(i), op, out);
    }
  } else {
    out.push_back(e);
  }
}

std::vector<Expr> flattened(Expr e, Op op) {
  std::vector<Expr> result;
  flatten(e, op, result);
  return result;
}

class Printer {
 public:
  Printer(const TransitionSystem& system, std::size_t limit) : system_(system), limit_(limit) {}

  std::string print(Expr e) {
    write(e);
    return text_.size() > limit_ ? text_.substr(0, limit_) + "..." : text_;
  }

 private:
  void write(Expr e) {
    if (text_.size() > limit_) {
      return;
    }
    switch (e.op()) {
      case Op::constant:
        text_ += e.is_bool() ? (e.value() != 0 ? "true" : "false")
                             : (e.value() < 10 ? fmt::format("{}", e.value())
                                               : fmt::format("{:#x}", e.value()));
        return;
      case Op::variable: text_ += system_.variables.at(e.index()).name; return;
      case Op::input: text_ += system_.inputs.at(e.index()).name; return;
      case Op::extract:
        write(e.arg(0));
        text_ +=
            e.hi() == e.lo() ? fmt::format("[{}]", e.hi()) : fmt::format("[{}:{}]", e.hi(), e.lo());
        return;
      case Op::not_:
        if (e.arg(0).op() == Op::eq) {
          return infix(e.arg(0), " != ");
        }
        text_ += e.is_bool() ? "!" : "~";
        return write(e.arg(0));
      case Op::and_: return infix(e, e.is_bool() ? " && " : " & ");
      case Op::or_: return infix(e, e.is_bool() ? " || " : " | ");
      case Op::eq: return infix(e, " == ");
      case Op::ite: return list("ite", e);
      default: return list(name_of(e.op()), e);
    }
  }

  void infix(Expr e, const char* between) {
    text_ += "(";
    // As people write it: the constant behind what it is compared with.
    const bool turned = e.op() == Op::eq && e.arg(0).is_constant();
    for (unsigned i = 0; i < e.arity(); ++i) {
      text_ += i == 0 ? "" : between;
      write(e.arg(turned ? e.arity() - 1 - i : i));
    }
    text_ += ")";
  }

  void list(const char* name, Expr e) {
    text_ += std::string(name) + "(";
    for (unsigned i = 0; i < e.arity(); ++i) {
      text_ += i == 0 ? "" : ", ";
      write(e.arg(i));
    }
    text_ += ")";
  }

  const TransitionSystem& system_;
  std::size_t limit_;
  std::string text_;
};

Property witness(const Property& property, Expr where, const std::string& sentence) {
  return {property.name, PropertyKind::reachable, where, property.text,
          sentence,      property.location};
}

void add_clause(const TransitionSystem& system, const Property& property, Expr clause,
                PropertyCheck& check) {
  const std::vector<Expr> parts = flattened(clause, Op::or_);
  if (parts.size() == 1) {
    return;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Expr alone = system.pool->boolean(true);
    for (std::size_t j = 0; j < parts.size(); ++j) {
      alone = j == i ? alone : alone & !parts[j];
    }
    const std::string part = in_words(system, parts[i]);
    check.clauses.push_back(
        {ClauseCheck::Kind::part,
         part,
         PropertyOperand::Asks::evaluated,
         "",
         witness(property, alone, "Here " + property.name + " rests on this alone: " + part + "."),
         {}});
  }
}

void add_operand(const Property& property, const std::string& place, const std::string& text,
                 Expr evaluated, PropertyOperand::Asks asks, PropertyCheck& check) {
  check.clauses.push_back(
      {ClauseCheck::Kind::operand,
       place,
       asks,
       text,
       witness(property, evaluated,
               "Here " + property.name +
                   (asks == PropertyOperand::Asks::evaluated  ? " evaluates " + place
                    : asks == PropertyOperand::Asks::all_true ? ": true at " + place
                                                              : " rests on this alone: " + place) +
                   "."),
       {}});
  if (evaluated.is_false()) {  // no search is needed
    check.clauses.back().outcome.answer = Reachability::unreachable;
  }
}

}  // namespace

std::string short_place(const SourceLocation& at) {
  const bool built_in = at.file.starts_with('<');  // "<airlock/svm.h>" is a name, not a path
  return (built_in ? at.file : at.file.substr(at.file.rfind('/') + 1)) + ":" +
         std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string in_words(const TransitionSystem& system, Expr e, std::size_t limit) {
  std::string text = Printer(system, limit).print(e);
  // A whole expression needs no brackets.
  const bool wrapped = e.op() == Op::eq || (e.op() == Op::not_ && e.arg(0).op() == Op::eq);
  return wrapped && text.back() == ')' ? text.substr(1, text.size() - 2) : text;
}

PropertyCheck clauses_of(const TransitionSystem& system, const Property& property,
                         const std::vector<PropertyOperand>& operands) {
  PropertyCheck check{property.name, {}};
  if (seeks_witness(property) || property.location.line == 0) {
    return check;
  }
  const Expr claim =
      property.kind == PropertyKind::never ? !property.predicate : property.predicate;
  for (const Expr clause : flattened(claim, Op::and_)) {
    add_clause(system, property, clause, check);
  }
  // A line's macro, a called function: several at one place.
  std::map<std::pair<std::string, PropertyOperand::Asks>, unsigned> seen;
  for (const PropertyOperand& operand : operands) {
    if (operand.property == property.name) {
      if (operand.asks == PropertyOperand::Asks::others) {
        add_operand(property, in_words(system, operand.part), {}, operand.evaluated, operand.asks,
                    check);
        continue;
      }
      const std::string place = short_place(operand.location);
      const unsigned number = ++seen[{place, operand.asks}];
      const std::string which = number == 1 ? "" : fmt::format(" (no. {} there)", number);
      add_operand(property, place + which, operand.text, operand.evaluated, operand.asks, check);
    }
  }
  if (claim.is_true()) {
    add_operand(property, short_place(property.location), "", !claim,
                PropertyOperand::Asks::evaluated, check);
  }
  return check;
}

}  // namespace airlock
