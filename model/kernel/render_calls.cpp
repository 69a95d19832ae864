// Writing calls: direct ones, vendor operations, tables, pointers (rule 2), and what may be written
// by a callee that is not known (rule 5).
#include <algorithm>
#include <fmt/format.h>

#include "model/kernel/slicer.hpp"

namespace airlock::kernel {

/// What a callee writes through a pointer is needed if the caller reads it afterwards.
void Slicer::want_out(const Node* call, const FunctionText* target, FunctionState& in) {
  for (const unsigned i : analysis_.state(target).effects.through) {
    if (i + 1 >= call->kids.size() || in.text == nullptr) {
      continue;
    }
    const Pointees to = analysis_.pointees(call->kids[i + 1], in);
    bool wanted = std::any_of(to.parameters.begin(), to.parameters.end(),
                              [&](unsigned j) { return needs_[in.text->id].out.contains(j); });
    for (const Node* place : to.places) {
      const std::string key = analysis_.tracked_scalar(place, in);
      wanted =
          wanted || (place->is == Is::name && needs_[in.text->id].locals.contains(place->text));
      wanted = wanted || (!key.empty() && (!analysis_.framed(key) || frame_needed_.contains(key)));
    }
    wanted = wanted || (to.unknown && analysis_.leaks());
    if (wanted && needs_[target->id].out.insert(i).second) {
      changed_ = true;
    }
  }
}

std::string Slicer::arguments(const Node* call, const FunctionText* target, FunctionState& in,
                              Met& met) {
  const Need& theirs = needs_[target->id];
  std::string result;
  want_out(call, target, in);
  for (unsigned i = 0; i < target->parameters.size(); ++i) {
    if (!target->from_lens && !theirs.parameters.contains(i)) {
      if (i + 1 < call->kids.size() && acts(call->kids[i + 1], in)) {
        const Node* argument = bare(call->kids[i + 1]);
        const bool address = argument->is == Is::unary && argument->text == "&";
        if (!address) {
          needs_[target->id].parameters.insert(i);
          changed_ = true;
        }
      }
      met.rewritten = true;
      met.rules.insert("dropped parameter");
      continue;
    }
    result += result.empty() ? "" : ", ";
    const Type type = analysis_.index().plain(target->parameters[i].type);
    if (target->from_lens && !theirs.parameters.contains(i)) {
      result += "0";
      met.rewritten = true;
      met.rules.insert("not read");
      continue;
    }
    if (i + 1 >= call->kids.size()) {
      result += any(type, nullptr, in, met);
      continue;
    }
    const Node* argument = call->kids[i + 1];
    const Node* inner = bare(argument);
    if (type.function) {
      const std::string pointer = pointer_text(argument, in, met);
      result += pointer.empty() ? text(argument, in, met) : pointer;
      continue;
    }
    if (target->from_lens && type.pointers > 0 && !analysis_.hot(type) && type.is_struct()) {
      result += "0";
      met.rewritten = true;
      continue;
    }
    if (inner->is == Is::unary && inner->text == "&" && bare(inner->kids[0])->is == Is::name &&
        in.types.contains(bare(inner->kids[0])->text)) {
      const std::string& name = bare(inner->kids[0])->text;
      met.locals.insert(name);
      if (needs_[target->id].out.insert(i).second) {
        changed_ = true;
      }
      result += "&" + name;
      continue;
    }
    if (type.pointers > 0 && inner->is == Is::name && in.text != nullptr) {
      for (unsigned j = 0; j < in.text->parameters.size(); ++j) {
        if (in.text->parameters[j].name == inner->text && needs_[in.text->id].out.contains(j) &&
            needs_[target->id].out.insert(i).second) {
          changed_ = true;
        }
      }
    }
    result += type.base == "bool" && type.pointers == 0 ? truth(argument, in, met)
              : analysis_.rank(argument, in) == 0 && !acts(argument, in)
                  ? padded(argument, any(type, argument, in, met))
                  : text(argument, in, met);
  }
  return result;
}

std::string Slicer::dispatcher(const Node* node, const Callees& found, FunctionState& in, Met& met,
                               bool wants_result) {
  const Node* callee = bare(node->kids[0]);
  const bool table = found.how == Callees::How::table;
  const FunctionText* first = found.targets.front();
  std::set<unsigned> wanted;
  for (const FunctionText* target : found.targets) {
    for (const unsigned i : needs_[target->id].parameters) {
      wanted.insert(i);
    }
  }
  for (const FunctionText* target : found.targets) {
    want_out(node, target, in);
  }
  for (const FunctionText* target : found.targets) {  // all alike
    if (target->from_lens) {
      continue;
    }
    for (const unsigned i : wanted) {
      changed_ = needs_[target->id].parameters.insert(i).second || changed_;
    }
  }
  std::string index;
  std::string name;
  if (table) {
    name = "airlock_" + found.name;
    index = text(callee->kids[1], in, met);
  } else if (callee->is == Is::name && in.types.contains(callee->text)) {
    name = "airlock_" + in.text->name + "_" + callee->text;
    index = text(callee, in, met);
  } else {
    analysis_.fail(node,
                   "a call through '" + found.name + "' is kept, and nothing says which of " +
                       std::to_string(found.targets.size()) + " functions it calls",
                   "an assumption, a table or a function of the lens");
  }
  const bool read = wants_result || std::any_of(found.targets.begin(), found.targets.end(),
                                                [&](const FunctionText* target) {
                                                  return needs_[target->id].result;
                                                });
  const bool is_void = !read || (first->result.base == "void" && first->result.pointers == 0);
  wants_result = read;
  std::string parameters = table ? "u64 which" : "int which";
  std::string passed;
  for (const unsigned i : wanted) {
    if (i >= first->parameters.size()) {
      continue;
    }
    const Parameter& parameter = first->parameters[i];
    parameters += ", " + type_text(parameter.type) +
                  (parameter.name.empty() ? "p" + std::to_string(i) : parameter.name);
    passed += (passed.empty() ? "" : ", ") + parameter.name;
  }
  std::string body = "{\n\tswitch (which) {\n";
  const auto one = [&](const std::string& label, const FunctionText* target) {
    std::string arguments;
    for (unsigned i = 0; i < target->parameters.size(); ++i) {
      if (target->from_lens || needs_[target->id].parameters.contains(i)) {
        arguments += (arguments.empty() ? "" : ", ") + first->parameters[i].name;
      }
    }
    const std::string called = name_of(target) + "(" + arguments + ")";
    body += "\tcase " + label + ":\n\t\t";
    if (!needs_[target->id].kept) {
      body += is_void ? "break;\n" : "return 0;\n";  // it does nothing that is kept
    } else if (is_void) {
      body += called + ";\n\t\tbreak;\n";
    } else {
      body += "return " + called + ";\n";
    }
  };
  if (table) {
    for (const auto& [at, target] : found.by_index) {
      FunctionState& to = analysis_.state(target);
      const bool does = to.effects.strong || (wants_result && to.telling_result > 0);
      if (does) {
        edges_.insert({in.text, target});
        changed_ = keep(target) || changed_;
        if (wants_result && !needs_[target->id].result) {
          needs_[target->id].result = true;
          changed_ = true;
        }
        one(fmt::format("{:#x}", at), target);
      } else {
        body += fmt::format("\tcase {:#x}: /* {} */\n\t\t", at, target->name);
        body += is_void
                    ? "break;\n"
                    : "return " +
                          (wants_result ? any(first->result, nullptr, in, met) : std::string("0")) +
                          ";\n";
      }
    }
  } else {
    for (const FunctionText* target : found.targets) {
      tags.insert(target->name);
      edges_.insert({in.text, target});
      changed_ = keep(target) || changed_;
      if (wants_result && !needs_[target->id].result) {
        needs_[target->id].result = true;
        changed_ = true;
      }
      one("airlock_at_" + target->name, target);
    }
  }
  body += "\tdefault:\n\t\tassert(0);\n";
  body += is_void ? "\t}\n}\n" : "\t\treturn 0;\n\t}\n}\n";
  const std::string head =
      (is_void ? "void " : type_text(first->result)) + name + "(" + parameters + ")";
  dispatchers[name] = head + "\n" + body;
  dispatcher_prototypes[name] = head + ";";
  met.rewritten = true;
  met.rules.insert(table ? "table" : "function pointer");
  std::string values = index;
  for (const unsigned i : wanted) {
    values += ", ";
    const Node* argument = i + 1 < node->kids.size() ? node->kids[i + 1] : nullptr;
    const Type type =
        i < first->parameters.size() ? analysis_.index().plain(first->parameters[i].type) : Type{};
    if (argument == nullptr) {
      values += any(type, nullptr, in, met);
    } else if (type.base == "bool" && type.pointers == 0) {
      values += truth(argument, in, met);
    } else if (analysis_.rank(argument, in) == 0 && !acts(argument, in)) {
      values += any(type, argument, in, met);
    } else {
      const Node* inner = bare(argument);
      if (inner->is == Is::name && in.text != nullptr) {
        for (unsigned j = 0; j < in.text->parameters.size(); ++j) {
          if (in.text->parameters[j].name == inner->text && needs_[in.text->id].out.contains(j)) {
            for (const FunctionText* target : found.targets) {
              changed_ = needs_[target->id].out.insert(i).second || changed_;
            }
          }
        }
      }
      values += text(argument, in, met);
    }
  }
  return name + "(" + values + ")";
}

std::string Slicer::call_text(const Node* node, FunctionState& in, Met& met, bool wants_result) {
  Index& index = analysis_.index();
  if (const Node* body = analysis_.expansion(node, in)) {
    if (body->kids.size() != 1 || body->kids[0]->is != Is::expression) {
      analysis_.fail(node, "a macro of several statements is kept",
                     "a function of the lens in its place");
    }
    const Node* inner = body->kids[0]->kids[0];
    const std::string& name = bare(node->kids[0])->text;
    const Macro* macro = index.macro(name);
    if (macro != nullptr && macro->file == "airlock/svm.h") {
      // The front end has it: its own text, with its arguments as they must be.
      Met probe;
      const std::string expanded = text(inner, in, probe);
      if (!probe.rewritten) {
        met.locals.insert(probe.locals.begin(), probe.locals.end());
        for (std::size_t i = 1; i < node->kids.size(); ++i) {
          if (plain_constant(node->kids[i], in)) {
            text(node->kids[i], in, met);
          }
        }
        return std::string(index.text_of(node));
      }
    }
    met.rewritten = true;
    met.rules.insert("macro");
    const std::string done =
        wants_result ? "(" + text(inner, in, met) + ")" : effect(inner, in, met);
    return padded(node, done);
  }
  const Callees& found = analysis_.callees(node, in);
  switch (found.how) {
    case Callees::How::transparent: {
      met.rewritten = true;
      met.rules.insert("macro");
      std::string inner =
          wants_result ? text(node->kids[1], in, met) : effect(node->kids[1], in, met);
      // `likely` and its like are the front end's own words, too.
      const std::string& name = bare(node->kids[0])->text;
      static const std::set<std::string> known = {"likely", "unlikely", "READ_ONCE"};
      if (known.contains(name) && wants_result && node->kids.size() == 2) {
        return composed(node, {{node->kids[1], inner}});
      }
      return padded(node, "(" + inner + ")");
    }
    case Callees::How::machine: {
      std::vector<std::pair<const Node*, std::string>> kids;
      for (std::size_t i = 1; i < node->kids.size(); ++i) {
        kids.emplace_back(node->kids[i], text(node->kids[i], in, met));
      }
      std::string shown = composed(node, kids);
      static const std::set<std::string> machine = {"local_irq_disable", "local_irq_enable",
                                                    "preempt_disable", "preempt_enable"};
      if (!analysis_.machine_functions().contains(found.name)) {
        const FunctionText* body = index.function(found.name, "");
        if (body != nullptr && body->from_lens) {
          changed_ = keep(body) || changed_;
          edges_.insert({in.text, body});
          return shown;
        }
        analysis_.fail(node,
                       "'" + found.name +
                           "' switches interrupts or preemption where this is "
                           "kept",
                       "a function of the lens in its place");
      }
      return shown;
    }
    case Callees::How::outside:
    case Callees::How::absent: {
      std::string done;
      for (std::size_t i = 1; i < node->kids.size(); ++i) {
        const Node* argument = bare(node->kids[i]);
        std::string each;
        if (argument->is == Is::unary && argument->text == "&" &&
            bare(argument->kids[0])->is == Is::name) {
          const std::string& name = bare(argument->kids[0])->text;
          const auto type = in.types.find(name);
          if (type != in.types.end() && needs_[in.text->id].locals.contains(name) &&
              found.how == Callees::How::outside) {
            if (index.plain(type->second).is_struct()) {
              analysis_.fail(node, "'" + found.name + "' may write '" + name + "', which is kept",
                             "a function of the lens in its place");
            }
            analysis_.fact(Fact::Kind::havoc, name, "'" + found.name + "' may write it",
                           analysis_.place(node));
            met.rules.insert("havoc");
            each = name + " = " + any(index.plain(type->second), nullptr, in, met);
          }
        } else if (argument->is == Is::name && in.text != nullptr) {
          for (unsigned j = 0; j < in.text->parameters.size(); ++j) {
            Type target = index.plain(in.text->parameters[j].type);
            if (in.text->parameters[j].name == argument->text && target.pointers == 1 &&
                needs_[in.text->id].out.contains(j)) {
              analysis_.fact(Fact::Kind::havoc, "*" + argument->text,
                             "'" + found.name + "' may write it", analysis_.place(node));
              met.rules.insert("havoc");
              met.locals.insert(argument->text);
              --target.pointers;
              each = "*" + argument->text + " = " + any(target, nullptr, in, met);
            }
          }
        } else {
          each = effect(node->kids[i], in, met);
        }
        if (!each.empty()) {
          done += (done.empty() ? "" : ", ") + each;
        }
      }
      if (!wants_result) {
        return done;
      }
      const std::string value = any(analysis_.type_of(node, in), node, in, met);
      return done.empty() ? value : "(" + done + ", " + value + ")";
    }
    default: break;
  }
  const bool same = found.targets.size() == 1 && found.how != Callees::How::table;
  if (!same) {
    return padded(node, dispatcher(node, found, in, met, wants_result));
  }
  const FunctionText* target = found.targets.front();
  FunctionState& to = analysis_.state(target);
  if (!analysis_.counts(node, target->name, in)) {
    // Not an access here: the function of the C half is about another argument.
    const std::string done = [&] {
      std::string all;
      for (std::size_t i = 1; i < node->kids.size(); ++i) {
        const std::string each = effect(node->kids[i], in, met);
        all += each.empty() ? "" : (all.empty() ? "" : ", ") + each;
      }
      return all;
    }();
    if (!wants_result) {
      return done;
    }
    const std::string value = any(analysis_.index().plain(target->result), nullptr, in, met);
    return padded(node, done.empty() ? value : "(" + done + ", " + value + ")");
  }
  if (cut_.contains({in.text, target})) {
    met.rewritten = true;
    met.rules.insert("recursion");
    analysis_.fact(Fact::Kind::cut, target->name, "recursion: asserted not to happen",
                   analysis_.place(node));
    const bool is_void = target->result.base == "void" && target->result.pointers == 0;
    return padded(node, !wants_result || is_void
                            ? std::string("assert(0)")
                            : "(assert(0), " + any(target->result, nullptr, in, met) + ")");
  }
  edges_.insert({in.text, target});
  changed_ = keep(target) || changed_;
  if (wants_result && !needs_[target->id].result) {
    needs_[target->id].result = true;
    changed_ = true;
  }
  call_sites_[target].insert(node);
  static_cast<void>(to);
  const bool verbatim_name = found.how == Callees::How::direct && name_of(target) == found.name;
  if (!verbatim_name) {
    met.rewritten = true;
    met.rules.insert(found.how == Callees::How::direct ? "renamed" : "vendor op");
  }
  const Node* callee = node->kids[0];
  const std::string passed = arguments(node, target, in, met);
  const std::string_view between = index.slice(
      node->text_id, callee->end, node->kids.size() > 1 ? node->kids[1]->begin : node->end);
  static_cast<void>(between);
  return padded(node, name_of(target) + "(" + passed + ")");
}

}  // namespace airlock::kernel
