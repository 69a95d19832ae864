#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "model/kernel/slice.hpp"

namespace airlock::kernel {
namespace {

struct KindName {
  Fact::Kind kind;
  std::string_view name;
  std::string_view title;  ///< above its facts in the text
  bool believed;
};

constexpr std::array<KindName, 14> kinds = {{
    {Fact::Kind::assumed, "assumed", "assumed, by the lens", true},
    {Fact::Kind::configured, "configured", "configuration", true},
    {Fact::Kind::opaque, "opaque", "not entered", true},
    {Fact::Kind::harmless, "harmless", "outside what is read, given tracked state", true},
    {Fact::Kind::outside, "outside", "outside what is read, given nothing tracked", true},
    {Fact::Kind::excused, "excused", "writers of the machine that are no actors", true},
    {Fact::Kind::dropped, "dropped", "not read", true},
    {Fact::Kind::bound, "bound", "replaced by the lens' own functions", true},
    {Fact::Kind::resolved, "resolved", "calls through pointers", false},
    {Fact::Kind::untracked, "untracked", "free choices", false},
    {Fact::Kind::havoc, "havoc", "written by what is not known", false},
    {Fact::Kind::decided, "decided", "decided by the above", false},
    {Fact::Kind::cut, "cut", "cut, with an assert()", false},
    {Fact::Kind::checked, "checked", "checked", false},
}};

const KindName& of(Fact::Kind kind) {
  for (const KindName& each : kinds) {
    if (each.kind == kind) {
      return each;
    }
  }
  return kinds.front();
}

}  // namespace

std::string_view name_of(Fact::Kind kind) {
  return of(kind).name;
}

bool is_believed(Fact::Kind kind) {
  return of(kind).believed;
}

std::string receipt_text(const Receipt& receipt) {
  std::string text = fmt::format(
      "tree    {} ({})\nlens    {} ({})\nslice   {}\n"
      "read    {} files, {} functions; reached {} functions, {} statements\n"
      "kept    {} functions, {} statements; {} conditions, {} more always the same; {} free "
      "choices\n",
      receipt.tree, receipt.tree_hash, receipt.lens, receipt.lens_hash, receipt.slice_hash,
      receipt.files, receipt.functions, receipt.reached_functions, receipt.reached_statements,
      receipt.kept.size(), receipt.kept_statements, receipt.conditions, receipt.decided,
      receipt.untracked);
  for (const KeptFunction& each : receipt.kept) {
    text += fmt::format("        {:40} {:4} of {:4}  {}\n", each.name, each.statements,
                        each.reached, each.place);
  }
  for (const bool believed : {true, false}) {
    text += believed ? "\nBelieved\n" : "\nChecked, or without consequence for \"holds\"\n";
    for (const KindName& kind : kinds) {
      if (kind.believed != believed) {
        continue;
      }
      bool first = true;
      for (const Fact& fact : receipt.facts) {
        if (fact.kind != kind.kind) {
          continue;
        }
        if (first) {
          text += fmt::format("  {}\n", kind.title);
        }
        first = false;
        text += fmt::format("    {}{}: {}\n", fact.place.empty() ? "" : fact.place + " ", fact.what,
                            fact.reason);
      }
    }
  }
  return text;
}

std::string receipt_json(const Receipt& receipt) {
  nlohmann::ordered_json json = {
      {"tree", receipt.tree},
      {"tree_hash", receipt.tree_hash},
      {"lens", receipt.lens},
      {"lens_hash", receipt.lens_hash},
      {"slice_hash", receipt.slice_hash},
      {"files", receipt.files},
      {"functions", receipt.functions},
      {"reached_functions", receipt.reached_functions},
      {"reached_statements", receipt.reached_statements},
      {"kept_statements", receipt.kept_statements},
      {"conditions", receipt.conditions},
      {"decided", receipt.decided},
      {"free_choices", receipt.untracked},
  };
  json["kept"] = nlohmann::ordered_json::array();
  for (const KeptFunction& each : receipt.kept) {
    json["kept"].push_back({{"function", each.name},
                            {"place", each.place},
                            {"statements", each.statements},
                            {"reached", each.reached}});
  }
  json["believed"] = nlohmann::ordered_json::array();
  json["checked"] = nlohmann::ordered_json::array();
  for (const Fact& fact : receipt.facts) {
    nlohmann::ordered_json one = {
        {"kind", name_of(fact.kind)}, {"what", fact.what}, {"reason", fact.reason}};
    if (!fact.place.empty()) {
      one["place"] = fact.place;
    }
    json[is_believed(fact.kind) ? "believed" : "checked"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace airlock::kernel
