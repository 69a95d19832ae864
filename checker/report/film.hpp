// The traces of a report as data for its explorer (report.js).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "checker/report/report.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/untracked.hpp"

namespace airlock {

/// Collects traces. What they share (C files, causes, variables) is stored once.
class Film {
 public:
  /// Files whose text may be shown beside a trace. Borrowed.
  explicit Film(const std::vector<InputFile>& inputs);

  /// `id`: the anchor of the trace in the document.
  void add(const std::string& id, const std::string& fix, const Trace& trace,
           const UntrackedTexts* untracked = nullptr);

  /// {"files": [{"name", "short", "text"}], "causes": [[file or -1, line, text, reference]],
  ///  "variables": [{"name", "short", "group", "width", "kind", "names"}], "traces": [...]}; see
  /// film.cpp for the traces.
  [[nodiscard]] nlohmann::ordered_json json() const;

 private:
  using Json = nlohmann::ordered_json;
  int file(const std::string& name, const FileNames& short_names);
  std::size_t cause(const Cause& cause, const FileNames& short_names);
  std::size_t variable(const Variable& variable);
  Json step(const Trace& trace, std::size_t number, const FileNames& short_names,
            const std::map<VarId, std::size_t>& shown, const UntrackedTexts* untracked);

  const std::vector<InputFile>& inputs_;
  std::map<std::string, int> file_numbers_;
  std::map<std::string, std::size_t> cause_numbers_;
  std::map<std::string, std::size_t> variable_numbers_;
  Json files_ = Json::array();
  Json causes_ = Json::array();
  Json variables_ = Json::array();
  Json traces_ = Json::array();
};

/// `json` for the inside of a script element: nothing in it can end the element or open a comment.
std::string script_json(const nlohmann::ordered_json& json);

}  // namespace airlock
