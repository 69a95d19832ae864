// A trace as a Value Change Dump, for GTKWave and Surfer.
//
// IEEE 1364 knows wires and reals. Enumerations, the actor and the C lines are variables of the
// type `string` with changes of the form `sTEXT id`, which GTKWave introduced and FST has natively;
// a blank in such a text is written \040, as GTKWave reads it. State k stands at time k, one unit
// per step, and a last time stamp gives the last state its width. Flags are there twice: as the
// whole register, and bit by bit in a scope of their own.
//
// The identifiers of IEEE 1364 are letters, digits, '_' and '$', and do not begin with a digit or
// '$'; whatever else a name contains becomes '_', and a number tells apart what would then be the
// same.
#include <cctype>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <set>

#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

/// The n-th identifier code: the printable characters from '!' on, as digits.
std::string code_of(std::size_t n) {
  constexpr std::size_t base = '~' - '!' + 1;
  std::string code;
  do {
    code += static_cast<char>('!' + n % base);
    n /= base;
  } while (n != 0);
  return code;
}

class Identifiers {
 public:
  std::string operator()(const std::string& name) {
    std::string result;
    for (const char c : name) {
      const bool legal = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
      if (legal || result.empty() || result.back() != '_') {
        result += legal ? c : '_';
      }
    }
    if (result.empty() || std::isdigit(static_cast<unsigned char>(result.front())) != 0) {
      result.insert(0, "_");
    }
    const std::string stem = result;
    for (unsigned n = 2; !used_.insert(result).second; ++n) {
      result = fmt::format("{}_{}", stem, n);
    }
    return result;
  }

 private:
  std::set<std::string> used_;
};

/// As GTKWave reads strings: one word, other bytes in octal.
std::string string_value(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    const bool plain = c > ' ' && c <= '~' && c != '\\' && c != '"' && c != '\'';
    result += plain ? std::string(1, c) : fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  }
  return result.empty() ? "\\040" : result;
}

/// One word for a comment: "$end" in it would end it.
std::string comment_text(const std::string& text) {
  std::string result = printable(text);
  for (std::size_t at = result.find('$'); at != std::string::npos; at = result.find('$', at)) {
    result.replace(at, 1, "_");
  }
  return result;
}

class Dump {
 public:
  Dump(const Trace& trace, const TraceHeading& heading)
      : trace_(trace), system_(*trace.system), heading_(heading), file_name_(system_) {}

  std::string render() {
    header();
    declare();
    for (std::size_t state = 0; state <= trace_.steps(); ++state) {
      changes_at(state);
    }
    out_ += fmt::format("#{}\n", trace_.steps() + 1);
    return std::move(out_);
  }

 private:
  /// What a declared variable shows in a state: the text of a change, without the code.
  using Value = std::function<std::string(std::size_t state)>;
  struct Signal {
    std::string code;
    Value value;
    std::string shown;
  };

  void header() {
    out_ += "$version airlock trace $end\n$comment\n";
    const auto line = [&](const char* label, const std::string& text) {
      out_ += fmt::format("  {:<9} {}\n", label, comment_text(text));
    };
    line("model", heading_.model);
    line("fix", heading_.fix);
    line("property", trace_.property->name);
    line("end", last_sentence(trace_));
    out_ += "  State k stands at time k, one unit per step.\n$end\n$timescale 1 ns $end\n";
  }

  void signal(const std::string& type, unsigned width, const std::string& name, Value value) {
    const std::string code = code_of(signals_.size());
    out_ += fmt::format("$var {} {} {} {} $end\n", type, width, code, name);
    signals_.push_back({code, std::move(value), ""});
  }

  void open(const std::string& name) { out_ += "$scope module " + name + " $end\n"; }
  void close() { out_ += "$upscope $end\n"; }

  void declare() {
    std::map<std::string_view, std::vector<VarId>> groups;
    std::vector<std::string_view> order;
    for (VarId id = 0; id < system_.variables.size(); ++id) {
      const std::string_view group = group_of(system_.variables[id]);
      if (!system_.variables[id].owner.hidden && groups[group].empty()) {
        order.push_back(group);
      }
      groups[group].push_back(id);
    }
    open("airlock");
    story();
    Identifiers scopes;
    for (const char* const taken : {"actor", "what_happens"}) {
      scopes(taken);
    }
    for (const std::string_view group : order) {
      open(scopes(group.empty() ? "other" : std::string(group)));
      Identifiers names;
      for (const VarId id : groups[group]) {
        declare(id, names);
      }
      close();
    }
    close();
    out_ += "$enddefinitions $end\n";
  }

  void story() {
    signal("string", 1, "actor", [this](std::size_t state) {
      return "s" + string_value(state == 0 ? "reset" : rule_of(trace_, state).actor);
    });
    signal("string", 1, "what_happens", [this](std::size_t state) {
      return "s" + string_value(state == 0 ? "" : what_happens(rule_of(trace_, state)));
    });
  }

  [[nodiscard]] std::string what_happens(const Rule& rule) const {
    std::string result;
    for (const Cause& cause : rule.causes) {
      const std::string place =
          cause.location.line == 0
              ? ""
              : fmt::format("{}:{} ", file_name_(cause.location.file), cause.location.line);
      result += (result.empty() ? "" : " / ") + place + cause.text;
    }
    return result.empty() ? rule.name : result;
  }

  void declare(VarId id, Identifiers& names) {
    const Variable& variable = system_.variables[id];
    const std::string name = names(name_within(variable));
    const unsigned width = variable.sort.width();
    const auto value = [this, id](std::size_t state) { return trace_.states[state][id]; };
    if (variable.display.kind == Display::Kind::enumeration) {
      signal("string", 1, name, [&variable, value](std::size_t state) {
        return "s" + string_value(shown_value(variable, value(state)));
      });
      return;
    }
    if (width == 1) {
      signal("wire", 1, name, [value](std::size_t s) { return std::to_string(value(s)); });
      return;
    }
    signal("wire", width, name,
           [value](std::size_t state) { return fmt::format("b{:b}", value(state)); });
    if (variable.display.kind == Display::Kind::flags) {
      open(names(name_within(variable) + "_bits"));
      Identifiers bits;
      for (const Display::Name& bit : variable.display.names) {
        signal("wire", 1, bits(bit.name), [value, bit](std::size_t state) {
          return std::to_string(value(state) >> bit.value & 1U);
        });
      }
      close();
    }
  }

  void changes_at(std::size_t state) {
    out_ += fmt::format("#{}\n", state);
    out_ += state == 0 ? "$dumpvars\n" : "";
    for (Signal& signal : signals_) {
      const std::string text = signal.value(state);
      if (state != 0 && text == signal.shown) {
        continue;
      }
      const bool scalar = text.size() == 1;
      out_ += text + (scalar ? "" : " ") + signal.code + "\n";
      signal.shown = text;
    }
    out_ += state == 0 ? "$end\n" : "";
  }

  const Trace& trace_;
  const TransitionSystem& system_;
  const TraceHeading& heading_;
  FileNames file_name_;
  std::vector<Signal> signals_;
  std::string out_;
};

}  // namespace

std::string render_vcd(const Trace& trace, const TraceHeading& heading) {
  return Dump(trace, heading).render();
}

}  // namespace airlock
