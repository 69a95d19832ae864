// File scope: functions, types, objects.
#include "model/kernel/reader.hpp"

namespace airlock::kernel {

using c::children_of;
using c::field_of;
using c::fields_of;
using c::is_null;
using c::named_children_of;
using c::type_of;

TextReader::TextReader(Index& index, std::uint32_t text_id, bool from_lens,
                       const std::vector<Note>* notes)
    : index_(index),
      text_id_(text_id),
      from_lens_(from_lens),
      notes_(notes),
      path_(index.text(text_id).path),
      tree_(index.text(text_id).text, path_) {}

Node* TextReader::make(Is is, TSNode node) {
  Node* made = index_.make(is);
  made->text_id = text_id_;
  made->begin = ts_node_start_byte(node);
  made->end = ts_node_end_byte(node);
  const TSPoint point = ts_node_start_point(node);
  const Text& whole = index_.text(text_id_);
  made->line = whole.expansion ? whole.line : point.row + 1;
  made->column = point.column + 1;
  return made;
}

void TextReader::read_file() {
  for (const TSNode child : named_children_of(tree_.root())) {
    top(child);
  }
}

void TextReader::top(TSNode node) {
  const std::string_view type = type_of(node);
  if (type == "function_definition") {
    function(node);
  } else if (type == "declaration") {
    top_declaration(node);
  } else if (type == "type_definition") {
    type_definition(node);
  } else if (type == "struct_specifier" || type == "union_specifier" || type == "enum_specifier") {
    specifier(node, "");
  } else if (type == "linkage_specification" || type == "declaration_list" || type == "ERROR") {
    for (const TSNode child : named_children_of(node)) {
      top(child);
    }
  }
}

Type TextReader::type_before(TSNode node, const std::string& around) {
  const TSNode type = field_of(node, "type");
  return is_null(type) ? Type{} : specifier(type, around);
}

Type TextReader::specifier(TSNode node, const std::string& around) {
  const std::string_view type = type_of(node);
  if (type == "struct_specifier" || type == "union_specifier") {
    return struct_specifier(node, around);
  }
  if (type == "enum_specifier") {
    return enum_specifier(node, around);
  }
  Type result;
  for (const char c : tree_.text(node)) {  // "unsigned  long" on two lines is "unsigned long"
    if (c == ' ' || c == '\n' || c == '\t') {
      if (!result.base.empty() && result.base.back() != ' ') {
        result.base += ' ';
      }
    } else {
      result.base += c;
    }
  }
  return result;
}

Type TextReader::struct_specifier(TSNode node, const std::string& around) {
  const bool is_union = type_of(node) == "union_specifier";
  const std::string keyword = is_union ? "union " : "struct ";
  const TSNode name = field_of(node, "name");
  const TSNode body = field_of(node, "body");
  Type result;
  if (is_null(name)) {
    result.base = keyword + around + "." + std::to_string(anonymous_++);
  } else {
    result.base = keyword + text(name);
  }
  if (is_null(body)) {
    return result;
  }
  Struct made;
  made.name = result.base;
  made.is_union = is_union;
  made.path = path_;
  made.line = ts_node_start_point(node).row + 1;
  const std::string tag = result.base.substr(keyword.size());
  for (const TSNode member : named_children_of(body)) {
    if (type_of(member) != "field_declaration") {
      continue;
    }
    const std::vector<TSNode> declarators = fields_of(member, "declarator");
    std::string hint = tag;
    if (!declarators.empty()) {
      hint += "." + declarator(declarators.front(), {}).name;
    }
    const Type base = type_before(member, hint);
    bool bits = false;
    for (const TSNode child : named_children_of(member)) {
      bits = bits || type_of(child) == "bitfield_clause";
    }
    if (declarators.empty()) {
      made.fields.push_back({"", base, bits, is_union});
    }
    for (const TSNode each : declarators) {
      const Declared declared = declarator(each, base);
      made.fields.push_back({declared.name, declared.type, bits, is_union});
    }
  }
  index_.structures_.insert({made.name, made});
  return result;
}

Type TextReader::enum_specifier(TSNode node, const std::string& around) {
  const TSNode name = field_of(node, "name");
  const TSNode body = field_of(node, "body");
  Type result;
  result.base =
      "enum " + (is_null(name) ? around + "." + std::to_string(anonymous_++) : text(name));
  if (is_null(body)) {
    return result;
  }
  const Enumerator* previous = nullptr;
  for (const TSNode each : named_children_of(body)) {
    if (type_of(each) != "enumerator") {
      continue;
    }
    Enumerator made;
    made.name = text(field_of(each, "name"));
    made.path = path_;
    made.tag = is_null(name) ? "" : text(name);
    made.line = ts_node_start_point(each).row + 1;
    const TSNode value = field_of(each, "value");
    made.value = is_null(value) ? nullptr : expression(value);
    made.previous = previous;
    made.previous_name = previous == nullptr ? "" : previous->name;
    auto [at, fresh] = index_.enumerators_.insert({made.name, made});
    if (!fresh && from_lens_) {
      at->second = made;
    }
    previous = &at->second;
  }
  return result;
}

TextReader::Declared TextReader::declarator(TSNode node, Type type) {
  Declared result;
  const std::string_view kind = type_of(node);
  if (kind == "identifier" || kind == "field_identifier" || kind == "type_identifier" ||
      kind == "primitive_type") {
    result.name = text(node);
    result.name_node = node;
    result.type = std::move(type);
    return result;
  }
  const TSNode inner = field_of(node, "declarator");
  if (kind == "pointer_declarator" || kind == "abstract_pointer_declarator") {
    ++type.pointers;
  } else if (kind == "array_declarator" || kind == "abstract_array_declarator") {
    ++type.arrays;
  } else if (kind == "function_declarator" || kind == "abstract_function_declarator") {
    // A pointer inside is a pointer to a function: int (*f)(int).
    bool pointer = false;
    TSNode in = inner;
    while (!is_null(in) && type_of(in).ends_with("parenthesized_declarator")) {
      const std::vector<TSNode> kids = named_children_of(in);
      in = kids.empty() ? field_of(in, "declarator") : kids.front();
      pointer = !is_null(in) && type_of(in).ends_with("pointer_declarator");
    }
    if (pointer) {
      Type target = type;
      target.function = true;
      result = declarator(in, target);
      return result;
    }
    if (!is_null(inner)) {
      result = declarator(inner, type);
    }
    result.type = type;
    result.parameters = field_of(node, "parameters");
    result.has_parameters = true;
    return result;
  } else if (kind == "parenthesized_declarator") {
    const std::vector<TSNode> kids = named_children_of(node);
    if (!kids.empty()) {
      return declarator(kids.front(), type);
    }
  } else if (kind == "attributed_declarator") {
    const std::vector<TSNode> kids = named_children_of(node);
    if (!kids.empty()) {
      return declarator(kids.front(), type);
    }
  } else if (kind == "init_declarator") {
    return declarator(inner, type);
  }
  if (is_null(inner)) {
    result.type = std::move(type);
    return result;
  }
  return declarator(inner, type);
}

std::vector<Parameter> TextReader::parameters(
    TSNode list, bool& variadic, std::vector<std::pair<std::uint32_t, std::uint32_t>>* ranges) {
  std::vector<Parameter> result;
  for (const TSNode each : named_children_of(list)) {
    if (type_of(each) == "variadic_parameter") {
      variadic = true;
      continue;
    }
    if (type_of(each) != "parameter_declaration") {
      continue;
    }
    const Type base = type_before(each, "parameter");
    const TSNode inner = field_of(each, "declarator");
    if (is_null(inner)) {
      if (base.base == "void") {
        continue;
      }
      result.push_back({"", base});
    } else {
      Declared declared = declarator(inner, base);
      if (declared.type.arrays > 0) {
        --declared.type.arrays;
        ++declared.type.pointers;
      }
      result.push_back({declared.name, declared.type});
    }
    if (ranges != nullptr) {
      ranges->emplace_back(ts_node_start_byte(each), ts_node_end_byte(each));
    }
  }
  return result;
}

void TextReader::function(TSNode node) {
  const TSNode body = field_of(node, "body");
  const Declared declared = declarator(field_of(node, "declarator"), type_before(node, "result"));
  if (declared.name.empty() || !declared.has_parameters || is_null(body)) {
    return;
  }
  auto made = std::make_unique<FunctionText>();
  made->name = declared.name;
  made->path = path_;
  made->text_id = text_id_;
  made->line = ts_node_start_point(declared.name_node).row + 1;
  made->begin = ts_node_start_byte(node);
  made->end = ts_node_end_byte(node);
  made->list_begin = ts_node_start_byte(declared.parameters);
  made->list_end = ts_node_end_byte(declared.parameters);
  made->name_begin = ts_node_start_byte(declared.name_node);
  made->name_end = ts_node_end_byte(declared.name_node);
  made->type_begin = made->begin;
  made->type_end = made->name_begin;
  for (const TSNode child : children_of(node)) {
    made->is_static = made->is_static || (type_of(child) == "storage_class_specifier" &&
                                          tree_.text(child) == "static");
  }
  made->from_lens = from_lens_;
  made->result = declared.type;
  made->parameters = parameters(declared.parameters, made->variadic, &made->parameter_ranges);
  made->body = statement(body);
  walk(made->body, [&](const Node* each) { made->has_bad = made->has_bad || each->is == Is::bad; });
  made->id = static_cast<unsigned>(index_.functions_.size());
  index_.by_name_[made->name].push_back(made.get());
  index_.functions_.push_back(std::move(made));
}

void TextReader::top_declaration(TSNode node) {
  bool external = false;
  for (const TSNode child : children_of(node)) {
    external =
        external || (type_of(child) == "storage_class_specifier" && tree_.text(child) == "extern");
  }
  const std::vector<TSNode> declarators = fields_of(node, "declarator");
  const Type base =
      type_before(node, declarators.empty() ? "object" : declarator(declarators.front(), {}).name);
  for (const TSNode each : declarators) {
    const Declared declared = declarator(each, base);
    if (declared.has_parameters) {
      bool variadic = false;
      index_.prototypes_.insert({declared.name, declared.type});
      auto list = parameters(declared.parameters, variadic, nullptr);
      index_.prototype_parameters_.insert({declared.name, std::move(list)});
      continue;
    }
    Global made{declared.name, declared.type, nullptr, path_, ts_node_start_point(each).row + 1};
    const TSNode value = type_of(each) == "init_declarator" ? field_of(each, "value") : TSNode{};
    if (type_of(each) == "init_declarator" && !is_null(value)) {
      made.initialiser = expression(value);
    }
    auto [at, fresh] = index_.globals_.insert({made.name, made});
    if (!fresh && made.initialiser != nullptr) {
      at->second = made;
    }
  }
  static_cast<void>(external);
}

void TextReader::type_definition(TSNode node) {
  const std::vector<TSNode> declarators = fields_of(node, "declarator");
  const Type base =
      type_before(node, declarators.empty() ? "type" : declarator(declarators.front(), {}).name);
  for (const TSNode each : declarators) {
    Declared declared = declarator(each, base);
    if (declared.has_parameters) {
      declared.type.function = true;
    }
    index_.typedefs_.insert({declared.name, declared.type});
  }
}

Type TextReader::type_name(TSNode descriptor) {
  const Type base = type_before(descriptor, "cast");
  const TSNode inner = field_of(descriptor, "declarator");
  return is_null(inner) ? base : declarator(inner, base).type;
}

}  // namespace airlock::kernel
