#include "model/kernel/slice.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "model/kernel/analysis.hpp"
#include "model/kernel/decided.hpp"
#include "model/kernel/glob.hpp"
#include "model/kernel/normalise.hpp"
#include "model/kernel/print.hpp"
#include "model/kernel/slicer.hpp"
#include "model/software/embedded.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {

namespace {

/// A file that is only searched for writers of the machine must at least name what they write.
bool worth_parsing(const SourceFile& file, const Lens& lens) {
  const bool searched =
      std::any_of(lens.searched.begin(), lens.searched.end(),
                  [&](const std::string& glob) { return Glob(glob).matches(file.path); });
  if (!searched) {
    return true;
  }
  for (const GuardedAccess& access : lens.accesses) {
    for (const std::string& value : access.values) {
      if (value.size() > 4 && file.text.find(value) != std::string::npos) {
        return true;
      }
    }
  }
  for (const Entry& entry : lens.entries) {
    for (const Named& named : entry.functions) {
      for (const std::string& name : named.names) {
        if (file.text.find(name + "(") != std::string::npos) {
          return true;
        }
      }
    }
  }
  return file.text.find("update_debugctlmsr") != std::string::npos;
}

/// FNV-1a.
std::uint64_t hashed(std::uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return hash;
}

}  // namespace

Slice slice(std::span<const SourceFile> files, const Lens& lens) {
  Config config;
  config.complete = true;
  config.values.insert(lens.config.begin(), lens.config.end());
  std::set<std::string> asked;
  config.asked = &asked;
  Index index;
  std::vector<std::string> nothing;
  for (const Named& each : lens.nothing) {
    nothing.insert(nothing.end(), each.names.begin(), each.names.end());
  }
  index.ignore(nothing);
  for (const SourceFile& file : files) {
    if (!worth_parsing(file, lens)) {
      continue;
    }
    index.add(file.path, normalise(file, config, lens.words));
  }
  index.add("airlock/svm.h",
            normalise({"airlock/svm.h", std::string(embedded_header("airlock/svm.h"))}, config,
                      lens.words),
            true);
  for (const SourceFile& file : lens.bodies) {
    index.add(file.path, normalise(file, config, lens.words), true);
  }
  Slice result;
  Analysis analysis(index, lens, result.receipt);
  analysis.run();
  analysis.check_writers();
  if (!analysis.problems.empty()) {
    std::string all = "the lens leaves open what this does to tracked state:";
    constexpr std::size_t most = 12;  // a screen holds them, and one mended often mends others
    for (std::size_t i = 0; i < std::min(most, analysis.problems.size()); ++i) {
      all += "\n  " + analysis.problems[i];
    }
    if (analysis.problems.size() > most) {
      all += "\n  and " + std::to_string(analysis.problems.size() - most) + " more";
    }
    throw InputError({lens.path + "/lens.toml", 0, 0}, all, {},
                     "a function of the C half, [harmless] or [opaque] with a reason");
  }
  analysis.check_used();
  Slicer slicer(analysis, result.receipt);
  slicer.run();
  Printer(slicer, result).run();
  std::uint64_t tree_hash = 1469598103934665603ULL;
  for (const SourceFile& file : files) {
    tree_hash = hashed(hashed(tree_hash, file.path), file.text);
  }
  std::uint64_t lens_hash = hashed(1469598103934665603ULL, lens.toml);
  for (const SourceFile& file : lens.bodies) {
    lens_hash = hashed(lens_hash, file.text);
  }
  for (const SourceFile& file : lens.config_files) {
    lens_hash = hashed(lens_hash, file.text);
  }
  lens_hash = hashed(lens_hash, lens.words.text);
  std::uint64_t slice_hash = 1469598103934665603ULL;
  for (const SourceFile& file : result.files) {
    slice_hash = hashed(hashed(slice_hash, file.path), file.text);
  }
  result.receipt.tree_hash = fmt::format("{:016x}", tree_hash);
  result.receipt.lens_hash = fmt::format("{:016x}", lens_hash);
  result.receipt.slice_hash = fmt::format("{:016x}", slice_hash);
  result.receipt.lens = lens.path;
  for (const Assumption& each : lens.assumptions) {
    if (each.used) {
      result.receipt.facts.push_back(
          {Fact::Kind::assumed,
           each.what.names[0] + (each.in.empty() ? "" : " in " + each.in) + " is " + each.value,
           each.what.reason,
           {}});
    }
  }
  for (const std::string& name : asked) {
    const auto given = lens.config.find(name);
    result.receipt.facts.push_back(
        {Fact::Kind::configured,
         name,
         given != lens.config.end() ? given->second : "n, for want of a value in the lens",
         {}});
  }
  for (const FunctionText* function : slicer.kept()) {
    if (function->from_lens) {
      result.receipt.facts.push_back({Fact::Kind::bound, function->name,
                                      "the lens' function, not the tree's", function->place()});
    }
  }
  for (Fact& fact : decided_facts(analysis)) {
    result.receipt.facts.push_back(std::move(fact));
  }
  for (const FunctionText* function : analysis.reached()) {
    FunctionState& in = analysis.state(function);
    for (unsigned id = 0; id < in.live.size(); ++id) {
      result.receipt.reached_statements += in.live[id] ? 1 : 0;
    }
  }
  for (const Fact& fact : result.receipt.facts) {
    result.receipt.untracked += fact.kind == Fact::Kind::untracked ? 1 : 0;
  }
  result.receipt.files = index.files();
  result.receipt.functions = static_cast<unsigned>(index.functions().size());
  result.receipt.reached_functions = static_cast<unsigned>(analysis.reached().size());
  for (const FunctionText* function : slicer.kept()) {
    if (!function->from_lens) {
      KeptFunction kept{function->name, function->place(), 0, 0};
      FunctionState& in = analysis.state(function);
      for (unsigned id = 0; id < in.live.size(); ++id) {
        kept.reached += in.live[id] ? 1 : 0;
        kept.statements += slicer.need(function).points[id] ? 1 : 0;
        const Point::Kind kind = in.cfg.points[id].kind;
        if (in.live[id] && (kind == Point::Kind::branch || kind == Point::Kind::select)) {
          const bool is_decided =
              analysis.successors(id, in).size() < in.cfg.points[id].next.size();
          result.receipt.decided += is_decided ? 1 : 0;
          result.receipt.conditions += !is_decided && slicer.need(function).points[id] ? 1 : 0;
        }
      }
      result.receipt.kept_statements += kept.statements;
      result.receipt.kept.push_back(kept);
    }
  }
  return result;
}

}  // namespace airlock::kernel
