// The words of a command line that are known beforehand: commands, options, formats and engines.
// The names of properties, fixes and actors are the model's; the script asks `airlock list` for
// them, with whatever the line has so far that is a folder or a C file. Everything else is a file.
#include "checker/cli/pages/completion.hpp"

#include <fmt/format.h>

namespace airlock {
namespace {

constexpr const char* script =
    R"bash(# bash completion for airlock, made from its commands' own help.

_airlock_names() {{ # the names that `airlock list` has under the heading $1
  local word models=()
  for word in "${{COMP_WORDS[@]:2}}"; do
    if [[ -d $word || $word == *.c && -f $word ]]; then models+=("$word"); fi
  done
  [[ ${{#models[@]}} -gt 0 ]] || return
  airlock list "${{models[@]}}" 2>/dev/null |
    sed -n "/^$1/,/^[A-Z]/{{/^  [^ ]/{{s/^  //;s/[ =].*//;p}}}}"
}}

_airlock() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  local options='{}' formats='' engines=''
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '{}'" $options" -- "$word"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}  esac
  case $before in
    --format) COMPREPLY=($(compgen -W "$formats" -- "$word")) ;;
    --engine) COMPREPLY=($(compgen -W "$engines" -- "$word")) ;;
    --property) COMPREPLY=($(compgen -W "$(_airlock_names Properties)" -- "$word")) ;;
    --fix) COMPREPLY=($(compgen -W "$(_airlock_names Fixes)" -- "$word") $(compgen -f -- "$word")) ;;
    --actor | --no-actor) COMPREPLY=($(compgen -W "$(_airlock_names Actors)" -- "$word")) ;;
    --set | --choice) ;;
    *)
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi
      ;;
  esac
}}

complete -o filenames -F _airlock airlock
)bash";

std::string words_of(const CommandHelp& command) {
  std::string result;
  for (const OptionHelp& option : command.options) {
    if (!option.positional) {
      result += (result.empty() ? "" : " ") + option.name;
    }
  }
  return result;
}

/// "text, json, vcd, svg" or "auto, explore, bmc, induction or pdr" as words.
std::string choices_in(std::string text) {
  for (const std::string_view separator : {" or ", ", "}) {
    for (std::size_t at = text.find(separator); at != std::string::npos;
         at = text.find(separator)) {
      text.replace(at, separator.size(), " ");
    }
  }
  return text;
}

std::string choices(const CommandHelp& command, const std::string& name) {
  for (const OptionHelp& option : command.options) {
    if (option.name == name) {
      return choices_in(option.text);
    }
  }
  return "";
}

}  // namespace

std::string bash_completion(const std::vector<CommandHelp>& all) {
  std::string commands;
  std::string cases;
  for (const CommandHelp& command : all) {
    if (command.name.empty()) {
      continue;
    }
    commands += (commands.empty() ? "" : " ") + command.name;
    cases += fmt::format(
        "    {})\n      options='{}'\n      formats='{}'\n      engines='{}'\n      ;;\n",
        command.name, words_of(command), choices(command, "--format"),
        choices(command, "--engine"));
  }
  return fmt::format(script, words_of(all.front()), commands, cases);
}

}  // namespace airlock
