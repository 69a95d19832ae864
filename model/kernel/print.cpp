#include "model/kernel/print.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "model/system/input_error.hpp"

namespace airlock::kernel {

std::string Printer::blanks(std::uint32_t begin, std::uint32_t end) const {
  const std::string_view text = analysis_.index().slice(in_->text->text_id, begin, end);
  return std::string(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), '\n');
}

std::string Printer::blanks(const Node* node) const {
  return blanks(node->begin, node->end);
}

/// What stands between two kept pieces: its blanks and newlines only.
std::string Printer::between(std::uint32_t begin, std::uint32_t end) const {
  std::string result;
  for (const char c : analysis_.index().slice(in_->text->text_id, begin, end)) {
    if (c == '\n' || c == ' ' || c == '\t') {
      result += c;
    }
  }
  return result;
}

void Printer::note(const Node* node, const std::string& rule) {
  const std::string_view text = analysis_.index().text_of(node);
  const auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
  slice_.rewritings.push_back({in_->text->path, node->line, lines, rule});
}

void Printer::note(const FunctionText* function, const std::string& rule) {
  const std::string_view text =
      analysis_.index().slice(function->text_id, function->begin, function->body->begin);
  const auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
  const auto before =
      analysis_.index().slice(function->text_id, function->begin, function->name_begin);
  const auto above = static_cast<unsigned>(std::count(before.begin(), before.end(), '\n'));
  slice_.rewritings.push_back({function->path, function->line - above, lines, rule});
}

void Printer::rewrote(const Node* node, const Met& met) {
  if (!met.rewritten && met.rules.empty()) {
    return;
  }
  for (const std::string& rule : met.rules) {
    note(node, rule);
  }
  if (met.untracked) {
    const Index& index = analysis_.index();
    std::string shown(index.text_of(node).substr(0, 80));
    std::replace(shown.begin(), shown.end(), '\n', ' ');
    analysis_.fact(Fact::Kind::untracked, shown, "a free choice", analysis_.place(node));
  }
}

bool Printer::label_stays(const std::string& label) {
  const Cfg& cfg = in_->cfg;
  for (unsigned id = 0; id < cfg.points.size(); ++id) {
    const Point& point = cfg.points[id];
    if (point.kind == Point::Kind::jump && point.node->is == Is::goto_ &&
        point.node->text == label && slicer_.jump_stays(id, *in_)) {
      return true;
    }
  }
  return false;
}

/// Whether anything of a statement stays.
bool Printer::stays(const Node* node) {
  bool found = false;
  walk(node, [&](const Node* each) {
    const auto at = in_->cfg.of.find(each);
    if (at == in_->cfg.of.end()) {
      return;
    }
    const Point& point = in_->cfg.points[at->second];
    if (!in_->live[at->second]) {
      return;
    }
    if (need_->points[at->second] ||
        (point.kind == Point::Kind::jump && slicer_.jump_stays(at->second, *in_)) ||
        (point.kind == Point::Kind::returns && slicer_.jump_stays(at->second, *in_)) ||
        (each->is == Is::label && label_stays(each->text))) {
      found = true;
    }
  });
  return found;
}

/// How many steps lie between a point and the next kept one, at least; -1 if no way leads there.
int Printer::distance(unsigned from) {
  std::vector<int> seen(in_->cfg.points.size(), -1);
  std::vector<unsigned> work = {from};
  seen[from] = 0;
  for (std::size_t i = 0; i < work.size(); ++i) {
    const unsigned id = work[i];
    if (need_->points[id] || (id == Cfg::exit && !need_->wraps)) {
      return seen[id];
    }
    const std::vector<unsigned> after =
        id == Cfg::exit ? std::vector<unsigned>{Cfg::entry} : analysis_.successors(id, *in_);
    for (const unsigned each : after) {
      if (seen[each] == -1) {
        seen[each] = seen[id] + 1;
        work.push_back(each);
      }
    }
  }
  return -1;
}

/// The condition of an `if` that is no choice: both sides come to the same kept point, or one never
/// comes to any (it loops, and nothing changes). The side that is nearer to it is taken: it cannot
/// come back here before.
const char* Printer::side(unsigned id, bool yes, bool no) {
  if (!in_->live[id]) {
    return "0";
  }
  const Point& point = in_->cfg.points[id];
  const int a = distance(point.next[0]);
  const int b = distance(point.next[1]);
  if (a == b) {
    return yes && no ? "any_bool()" : yes ? "1" : "0";
  }
  return b == -1 || (a != -1 && a < b) ? "1" : "0";
}

std::string Printer::simple(const Node* node) {
  const auto at = in_->cfg.of.find(node);
  if (at == in_->cfg.of.end() || !in_->live[at->second] || !need_->points[at->second]) {
    return blanks(node);
  }
  Met met;
  const std::string text = slicer_.point_text(at->second, *in_, met);
  rewrote(node, met);
  return text.empty() || text.find_first_not_of("\n") == std::string::npos ? blanks(node)
                                                                           : text + ";";
}

std::string Printer::declaration(const Node* node) {
  const Index& index = analysis_.index();
  std::string result;
  std::string plain;
  bool first = true;
  bool all = true;
  const Node* front = node->kids.empty() ? nullptr : node->kids.front();
  if (front == nullptr) {
    return blanks(node);
  }
  for (const Node* variable : node->kids) {
    const bool kept = need_->locals.contains(variable->text);
    const auto at = in_->cfg.of.find(variable);
    const bool runs = at != in_->cfg.of.end() && in_->live[at->second] && need_->points[at->second];
    if (!kept) {
      all = false;
      if (runs) {
        Met met;
        const std::string text = slicer_.point_text(at->second, *in_, met);
        rewrote(variable, met);
        plain += text.empty() ? "" : " " + text + ";";
      }
      continue;
    }
    if (node->is_static) {
      analysis_.fail(node, "a static local is kept", "a function of the lens in its place");
    }
    const Type type = index.plain(variable->type);
    std::string one = variable->text;
    if (variable->type.pointers > 0 && !variable->type.function) {
      one = std::string(variable->type.pointers, '*') + one;
    }
    if (runs && !variable->kids.empty()) {
      Met met;
      const std::string text = slicer_.point_text(at->second, *in_, met);
      rewrote(variable, met);
      const std::string_view gap =
          index.slice(variable->text_id, variable->begin + static_cast<std::uint32_t>(one.size()),
                      variable->kids[0]->begin);
      one += gap.find('=') == std::string_view::npos ? " = " : std::string(gap);
      one += text;
    } else if (!variable->kids.empty()) {
      all = false;
    }
    if (first) {
      slicer_.types.insert(variable->type.base);
      result += std::string(index.slice(node->text_id, node->begin, front->begin)) + one;
    } else {
      result += ", " + one;
    }
    static_cast<void>(type);
    first = false;
  }
  if (!all) {
    note(node, "dropped");
  }
  if (first) {
    result = plain;
  } else {
    result += ";" + plain;
  }
  const std::string wanted = blanks(node);
  const auto has = static_cast<std::size_t>(std::count(result.begin(), result.end(), '\n'));
  if (has < wanted.size()) {
    result.append(wanted.size() - has, '\n');
  }
  return result;
}

std::string Printer::returns(const Node* node) {
  const unsigned id = in_->cfg.of.at(node);
  if (!in_->live[id]) {
    return blanks(node);
  }
  const bool kept = need_->points[id];
  const bool leaves = slicer_.jump_stays(id, *in_) || (kept && need_->result);
  if (!kept && !leaves) {
    return blanks(node);
  }
  Met met;
  std::string text = kept ? slicer_.point_text(id, *in_, met) : "";
  rewrote(node, met);
  if (kept && need_->result) {
    return "return " + text + ";";
  }
  if (!node->kids.empty()) {
    note(node, "result not read");
  }
  const std::string out = "return;";
  if (text.empty() || text.find_first_not_of('\n') == std::string::npos) {
    return leaves ? out + blanks(node) : blanks(node);
  }
  // What stands behind it comes to the same, but may be another function's beginning.
  return "{ " + text + "; " + out + " }";
}

/// A statement where C wants one: never nothing.
std::string Printer::body_of(const Node* node) {
  std::string text = statement(node);
  if (node->is != Is::block && text.find_first_not_of(" \t\n") == std::string::npos) {
    note(node, "empty statement");
    return ";" + text;
  }
  if (node->is == Is::declaration) {
    return "{" + text + "}";
  }
  return text;
}

std::string Printer::statement(const Node* node) {
  if (node == nullptr) {
    return {};
  }
  // All labels of a switch stay: a value whose label is gone would come to the default.
  if (node->is != Is::block && node->is != Is::case_ && node->is != Is::declaration &&
      !stays(node)) {
    return blanks(node);
  }
  const auto id = [&] { return in_->cfg.of.at(node); };
  const auto condition = [&](bool needed, const char* otherwise = "any_bool()") {
    const Point& point = in_->cfg.points[id()];
    Met met;
    std::string text;
    if (!in_->live[id()]) {
      text = "0";
      met.rules.insert("configuration");
    } else if (needed || analysis_.value(point.value, *in_).is_constant()) {
      text = slicer_.point_text(id(), *in_, met);
    } else {
      text = otherwise;
      met.rules.insert("no choice");
    }
    rewrote(point.value, met);
    text = slicer_.padded(point.value, text);
    if (bare(point.value) != point.value && !(text.starts_with("(") && text.ends_with(")"))) {
      text = "(" + text + ")";
    } else if (bare(point.value) != point.value && text == "(any_bool())") {
      return text;
    }
    return text;
  };
  switch (node->is) {
    case Is::block: {
      std::string result = "{";
      std::uint32_t at = node->begin + 1;
      for (const Node* kid : node->kids) {
        result += between(at, kid->begin);
        result += statement(kid);
        at = kid->end;
      }
      result += between(at, node->end - 1);
      return result + "}";
    }
    case Is::declaration: return declaration(node);
    case Is::expression: return simple(node);
    case Is::return_: return returns(node);
    case Is::goto_:
    case Is::break_:
    case Is::continue_:
      return slicer_.jump_stays(id(), *in_) ? std::string(analysis_.index().text_of(node))
                                            : blanks(node);
    case Is::if_: {
      const bool yes = stays(node->kids[1]);
      const bool no = node->kids[2] != nullptr && stays(node->kids[2]);
      std::string result = "if" + between(node->begin + 2, node->kids[0]->begin);
      std::string c = condition(need_->points[id()], side(id(), yes, no));
      result += c.starts_with("(") ? c : "(" + c + ")";
      result += between(node->kids[0]->end, node->kids[1]->begin);
      if (!yes && node->kids[1]->is != Is::block) {
        note(node->kids[1], "empty statement");
      }
      result += yes || node->kids[1]->is == Is::block ? body_of(node->kids[1])
                                                      : ";" + blanks(node->kids[1]);
      if (node->kids[2] == nullptr) {
        return result;
      }
      if (!no) {
        return result + blanks(node->kids[1]->end, node->kids[2]->end);
      }
      result += analysis_.index().slice(node->text_id, node->kids[1]->end, node->kids[2]->begin);
      return result + body_of(node->kids[2]);
    }
    case Is::while_: {
      std::string c = condition(need_->points[id()]);
      return "while " + (c.starts_with("(") ? c : "(" + c + ")") +
             between(node->kids[0]->end, node->kids[1]->begin) + body_of(node->kids[1]);
    }
    case Is::do_: {
      std::string result = "do" + between(node->begin + 2, node->kids[0]->begin) +
                           body_of(node->kids[0]) +
                           between(node->kids[0]->end, node->kids[1]->begin) + "while ";
      std::string c = condition(need_->points[id()]);
      return result + (c.starts_with("(") ? c : "(" + c + ")") + ";";
    }
    case Is::for_: {
      const auto part = [&](const Node* kid) -> std::string {
        if (kid == nullptr) {
          return {};
        }
        const auto at = in_->cfg.of.find(kid);
        if (at == in_->cfg.of.end() || !in_->live[at->second] || !need_->points[at->second]) {
          return blanks(kid);
        }
        Met met;
        std::string text = slicer_.point_text(at->second, *in_, met);
        rewrote(kid, met);
        return text;
      };
      std::string result = "for (";
      if (node->kids[0] != nullptr && node->kids[0]->is == Is::declaration) {
        const std::string made = declaration(node->kids[0]);
        result += made.find(';') == std::string::npos ? made + ";" : made;
      } else {
        result += part(node->kids[0]) + ";";
      }
      if (node->kids[1] != nullptr) {
        result += " " + condition(need_->points[id()]);
      }
      result += "; " + part(node->kids[2]) + ")";
      const std::string_view head =
          analysis_.index().slice(node->text_id, node->begin, node->kids[3]->begin);
      const auto wanted = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n'));
      const auto has = static_cast<std::size_t>(std::count(result.begin(), result.end(), '\n'));
      if (has < wanted) {
        result.append(wanted - has, '\n');
      }
      return result + " " + body_of(node->kids[3]);
    }
    case Is::switch_: {
      Met met;
      const Point& point = in_->cfg.points[id()];
      std::string text = "any_bits(0xffffffff)";
      if (need_->points[id()] || analysis_.value(point.value, *in_).is_constant()) {
        text = slicer_.point_text(id(), *in_, met);
      } else {
        met.rules.insert("no choice");
      }
      rewrote(point.value, met);
      text = slicer_.padded(point.value, text);
      return "switch " + (text.starts_with("(") && text.ends_with(")") ? text : "(" + text + ")") +
             between(node->kids[0]->end, node->kids[1]->begin) + statement(node->kids[1]);
    }
    case Is::case_: {
      if (!in_->live[id()]) {
        return blanks(node);
      }
      std::string result;
      std::uint32_t at = node->begin;
      if (node->kids[0] != nullptr) {
        Met met;
        result = slicer_.label_text(node, *in_, met);
        rewrote(node->kids[0], met);
        at = node->kids[0]->end;
      } else {
        result = "default:";
      }
      bool any = false;
      for (std::size_t i = 2; i < node->kids.size(); ++i) {
        const Node* kid = node->kids[i];
        result += between(at, kid->begin);
        const std::string text = statement(kid);
        any = any || text.find_first_not_of(" \t\n") != std::string::npos;
        result += text;
        at = kid->end;
      }
      result += between(at, node->end);
      if (!any) {
        note(node, "empty statement");
        result += ";";
      }
      return result;
    }
    case Is::label: {
      const std::string inner = statement(node->kids[0]);
      if (!label_stays(node->text)) {
        return between(node->begin, node->kids[0]->begin) + inner;
      }
      if (inner.find_first_not_of(" \t\n") == std::string::npos) {
        note(node, "empty statement");
      }
      std::string result = node->text + ":" + between(node->begin, node->kids[0]->begin);
      return result + (inner.find_first_not_of(" \t\n") == std::string::npos ? ";" + inner : inner);
    }
    case Is::empty: return blanks(node);
    default: return simple(node);
  }
}

std::string Printer::signature(const FunctionText* function) {
  const Index& index = analysis_.index();
  const Need& need = slicer_.need(function);
  std::string result(index.slice(function->text_id, function->type_begin, function->type_end));
  const bool is_void = function->result.base == "void" && function->result.pointers == 0;
  if (!need.result && !is_void) {
    note(function, "result not read");
    const auto lines = static_cast<std::size_t>(std::count(result.begin(), result.end(), '\n'));
    result = (function->is_static ? "static void" : "void") + std::string(lines, '\n') + " ";
  } else {
    slicer_.types.insert(function->result.base);
  }
  result += slicer_.name_of(function);
  if (slicer_.name_of(function) != function->name) {
    note(function, "renamed");
  }
  result += "(";
  std::uint32_t at = function->list_begin + 1;
  bool first = true;
  std::size_t comma = 0;
  for (unsigned i = 0; i < function->parameters.size(); ++i) {
    const auto [begin, end] = function->parameter_ranges[i];
    const std::string_view gap = index.slice(function->text_id, at, begin);
    result.append(static_cast<std::size_t>(std::count(gap.begin(), gap.end(), '\n')), '\n');
    at = end;
    const std::string_view own = index.slice(function->text_id, begin, end);
    if (!need.parameters.contains(i)) {
      note(function, "dropped parameter");
      result.append(static_cast<std::size_t>(std::count(own.begin(), own.end(), '\n')), '\n');
      continue;
    }
    if (!first) {
      result.insert(comma, ",");
      result += result.back() == '\n' ? "" : " ";
    }
    first = false;
    const Parameter& parameter = function->parameters[i];
    slicer_.types.insert(parameter.type.base);
    if (parameter.type.function) {
      result += "int " + parameter.name;
      note(function, "function pointer");
    } else {
      result += std::string(own);
    }
    comma = result.size();
  }
  return result + (first ? "void)" : ")");
}

std::string Printer::function_text(const FunctionText* function) {
  in_ = &analysis_.state(function);
  need_ = &slicer_.need(function);
  slicer_.now_ = function;
  std::string result = signature(function);
  const std::string_view gap =
      analysis_.index().slice(function->text_id, function->list_end, function->body->begin);
  result.append(static_cast<std::size_t>(std::count(gap.begin(), gap.end(), '\n')), '\n');
  return result + statement(function->body);
}

void Printer::run() {
  Index& index = analysis_.index();
  std::map<std::uint32_t, std::vector<const FunctionText*>> by_file;
  for (const FunctionText* function : slicer_.kept()) {
    if (!function->from_lens) {
      by_file[function->text_id].push_back(function);
    }
  }
  std::vector<SourceFile> bodies;
  std::string prototypes;
  for (auto& [text_id, functions] : by_file) {
    std::sort(functions.begin(), functions.end(),
              [](const FunctionText* a, const FunctionText* b) { return a->begin < b->begin; });
    const Text& whole = index.text(text_id);
    std::string out;
    std::uint32_t at = 0;
    for (const FunctionText* function : functions) {
      const std::string_view gap = index.slice(text_id, at, function->begin);
      out.append(static_cast<std::size_t>(std::count(gap.begin(), gap.end(), '\n')), '\n');
      out += function_text(function);
      at = function->end;
      std::string head = signature(function);
      std::replace(head.begin(), head.end(), '\n', ' ');
      prototypes += head + ";\n";
    }
    out += "\n";
    bodies.push_back({whole.path, out});
  }
  std::string generated;
  for (const auto& [name, body] : slicer_.dispatchers) {
    generated += "/* Which function a table or pointer holds. */\n" + body + "\n";
  }
  generated += entries();
  std::string head = header() + "\n" + prototypes;
  for (const auto& [name, prototype] : slicer_.dispatcher_prototypes) {
    head += prototype + "\n";
  }
  slice_.files.push_back({"airlock/declarations.h", head});
  for (const SourceFile& body : analysis_.lens().bodies) {
    slice_.files.push_back(body);
  }
  for (SourceFile& body : bodies) {
    slice_.files.push_back(std::move(body));
  }
  slice_.files.push_back({"airlock/entries.c", generated});
}

std::string Printer::structs() {
  Index& index = analysis_.index();
  // Those that hold others by value come after them.
  static const std::set<std::string> machine = {"struct vmcb", "struct vmcb_control_area",
                                                "struct vmcb_save_area"};
  std::vector<std::string> order;
  std::set<std::string> done;
  const auto visit = [&](auto&& self, const std::string& name) -> void {
    if (!analysis_.tracked_struct(name) || machine.contains(name) || name.starts_with("union ") ||
        !done.insert(name).second) {
      return;
    }
    const Struct* structure = index.structure(name);
    if (structure == nullptr) {
      return;
    }
    for (const auto& [key, mask] : analysis_.tracked_fields()) {
      if (key.substr(0, key.rfind('.')) == name) {
        const Field* field = index.field(name, key.substr(key.rfind('.') + 1));
        if (field != nullptr && index.plain(field->type).pointers == 0) {
          self(self, index.plain(field->type).base);
        }
      }
    }
    order.push_back(name);
  };
  for (const std::string& name : analysis_.hot_structs()) {
    visit(visit, name);
  }
  std::string result;
  const auto shown = [](std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
  };
  for (const std::string& name : order) {
    result += shown(name) + " {\n";
    for (const auto& [key, mask] : analysis_.tracked_fields()) {
      if (key.substr(0, key.rfind('.')) != name || analysis_.is_ghost(key)) {
        continue;
      }
      const std::string member = key.substr(key.rfind('.') + 1);
      const Field* field = index.field(name, member);
      if (field == nullptr) {
        continue;
      }
      Type type = index.plain(field->type);
      if (type.arrays > 0) {
        if (analysis_.tracked_struct(type.base)) {
          continue;
        }
        throw std::runtime_error("array " + key);
      }
      slicer_.types.insert(type.base);
      result += "\t" + shown(type.base) + " " + std::string(type.pointers, '*') + member + ";\n";
    }
    result += "};\n";
  }
  return result;
}

std::string Printer::header() {
  Index& index = analysis_.index();
  std::string result =
      "/* Declarations that the tree's headers give, reduced to what is tracked. */\n"
      "#include <airlock/svm.h>\n\n";
  const std::string made = structs();
  static const std::set<std::string> builtin = {
      "u8",       "u16",      "u32",      "u64",  "s8",    "s16",   "s32",      "s64",    "bool",
      "_Bool",    "int",      "char",     "void", "long",  "short", "unsigned", "size_t", "uint8_t",
      "uint16_t", "uint32_t", "uint64_t", "__u8", "__u16", "__u32", "__u64",    "signed"};
  std::set<std::string> enums;
  for (const std::string& each : slicer_.types) {
    std::string name = each;
    if (name.empty() || name.starts_with("struct ") || name.starts_with("union ")) {
      continue;
    }
    if (name.starts_with("enum ")) {
      enums.insert(name);
      continue;
    }
    if (builtin.contains(name) || name.find(' ') != std::string::npos) {
      continue;
    }
    const auto found = index.typedefs().find(name);
    if (found == index.typedefs().end()) {
      continue;
    }
    const Type plain = index.plain({name});
    if (plain.function || plain.base.starts_with("enum ")) {
      result += "typedef int " + name + ";\n";
    } else if (!plain.is_struct()) {
      result += "typedef " + plain.base + " " + name + ";\n";
    }
  }
  for (const std::string& name : enums) {
    result += name + " { airlock_" + name.substr(5) + "_none };\n";
  }
  unsigned tag = 0;
  for (const std::string& name : slicer_.tags) {
    result += fmt::format("#define airlock_at_{} {}\n", name, ++tag);
  }
  std::set<std::string> named = slicer_.constants;
  named.insert(slicer_.body_constants.begin(), slicer_.body_constants.end());
  for (const std::string& name : named) {
    const Abstract known = [&] {
      FunctionState nowhere;
      const Node* node = index.parse_expression(name, "airlock/declarations.c", 0);
      return node == nullptr ? Abstract::any() : analysis_.value(node, nowhere);
    }();
    if (known.is_constant() && index.from_machine(name) && slicer_.constants.contains(name)) {
      const Abstract tree = analysis_.tree_value(name);
      // (1 << 31) and (1U << 31) are the same bits.
      const unsigned bits = std::min(tree.constant.bits, known.constant.bits);
      const std::uint64_t mask = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
      if (tree.is_constant() && ((tree.constant.value ^ known.constant.value) & mask) != 0) {
        throw InputError({"airlock/svm.h", 0, 0},
                         fmt::format("{} is {:#x} in the tree and {:#x} in the machine", name,
                                     tree.constant.value, known.constant.value),
                         {}, "the same constants");
      }
      analysis_.fact(Fact::Kind::checked, name, "the tree and the machine mean the same");
    }
    if (!known.is_constant() || index.from_machine(name)) {
      continue;
    }
    result += "#define " + name + " " + slicer_.constant_text(known.constant) + "\n";
  }
  return result + made;
}

std::string Printer::entries() {
  std::string result;
  for (const Entry& entry : analysis_.lens().entries) {
    std::vector<std::string> calls;
    for (const Named& named : entry.functions) {
      const FunctionText* function = analysis_.entry_function(named);
      if (function == nullptr) {
        continue;
      }
      if (function->from_lens && function->name == entry.name) {
        continue;
      }
      std::string passed;
      const Need& need = slicer_.need(function);
      for (unsigned i = 0; i < function->parameters.size(); ++i) {
        if (!need.parameters.contains(i)) {
          continue;
        }
        Met met;
        FunctionState nowhere;
        passed += (passed.empty() ? "" : ", ") +
                  slicer_.any(analysis_.index().plain(function->parameters[i].type), nullptr,
                              nowhere, met);
      }
      calls.push_back(slicer_.name_of(function) + "(" + passed + ");");
    }
    if (calls.empty()) {
      continue;
    }
    result += "void " + entry.name + "(void)\n{\n";
    for (std::size_t i = 0; i < calls.size(); ++i) {
      result += i + 1 < calls.size()
                    ? "\tif (any_bool()) {\n\t\t" + calls[i] + "\n\t\treturn;\n\t}\n"
                    : "\t" + calls[i] + "\n";
    }
    result += "}\n";
  }
  return result;
}

}  // namespace airlock::kernel
