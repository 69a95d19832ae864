#include "model/kernel/glob.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <map>
#include <set>

#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

constexpr std::size_t most_alternatives = 1000;

[[noreturn]] void refuse(const std::string& pattern, const std::string& why) {
  throw InputError({}, "the pattern '" + pattern + "' " + why, {},
                   "a path within the tree, such as arch/x86/kvm/*.[ch]");
}

std::vector<std::string> components_of(std::string_view path) {
  std::vector<std::string> result;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    result.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return result;
}

/// `a{b,c{d,e}}` -> ab, acd, ace.
std::vector<std::string> without_braces(const std::string& text, const std::string& pattern) {
  const std::size_t open = text.find('{');
  if (open == std::string::npos) {
    if (text.find('}') != std::string::npos) {
      refuse(pattern, "has a '}' without its '{'");
    }
    return {text};
  }
  std::vector<std::string> choices(1);
  int depth = 1;
  std::size_t at = open + 1;
  for (; at < text.size() && depth > 0; ++at) {
    depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
    if (depth == 1 && text[at] == ',') {
      choices.emplace_back();
    } else if (depth > 0) {
      choices.back() += text[at];
    }
  }
  if (depth != 0) {
    refuse(pattern, "has a '{' without its '}'");
  }
  std::vector<std::string> result;
  for (const std::string& choice : choices) {
    for (std::string& rest :
         without_braces(text.substr(0, open) + choice + text.substr(at), pattern)) {
      result.push_back(std::move(rest));
      if (result.size() > most_alternatives) {
        refuse(pattern, "has more than 1000 alternatives");
      }
    }
  }
  return result;
}

bool component_matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

bool matches_from(const std::vector<std::string>& pattern, std::size_t p,
                  const std::vector<std::string>& path, std::size_t n) {
  for (; p < pattern.size(); ++p, ++n) {
    if (pattern[p] == "**") {
      if (p + 1 == pattern.size()) {
        return n < path.size();
      }
      for (std::size_t skip = n; skip < path.size(); ++skip) {
        if (matches_from(pattern, p + 1, path, skip)) {
          return true;
        }
      }
      return false;
    }
    if (n >= path.size() || !component_matches(pattern[p], path[n])) {
      return false;
    }
  }
  return n == path.size();
}

class Finder {
 public:
  explicit Finder(const ListFolder& list) : list_(list) {}

  void find(const std::vector<std::string>& pattern, std::size_t p, const std::string& folder) {
    const bool any_depth = pattern[p] == "**";
    if (any_depth && p + 1 < pattern.size()) {
      find(pattern, p + 1, folder);
    }
    const bool last = p + 1 == pattern.size();
    for (const FolderEntry& entry : entries_of(folder)) {
      const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
      if (any_depth) {
        if (entry.folder && !entry.link) {
          find(pattern, p, path);
        } else if (last && !entry.folder) {
          found_.insert(path);
        }
      } else if (component_matches(pattern[p], entry.name)) {
        if (last && !entry.folder) {
          found_.insert(path);
        } else if (!last && entry.folder) {
          find(pattern, p + 1, path);
        }
      }
    }
  }

  [[nodiscard]] std::vector<std::string> found() const { return {found_.begin(), found_.end()}; }

 private:
  const std::vector<FolderEntry>& entries_of(const std::string& folder) {
    const auto known = folders_.find(folder);
    return known != folders_.end() ? known->second
                                   : folders_.emplace(folder, list_(folder)).first->second;
  }

  const ListFolder& list_;
  std::map<std::string, std::vector<FolderEntry>> folders_;
  std::set<std::string> found_;
};

}  // namespace

Glob::Glob(const std::string& pattern) : pattern_(pattern) {
  for (const std::string& alternative : without_braces(pattern, pattern)) {
    std::vector<std::string> components = components_of(alternative);
    for (const std::string& component : components) {
      if (component.empty() || component == "." || component == "..") {
        refuse(pattern, "is no path within a tree");
      }
    }
    if (components.empty()) {
      refuse(pattern, "is empty");
    }
    alternatives_.push_back(std::move(components));
  }
}

bool Glob::matches(std::string_view path) const {
  const std::vector<std::string> components = components_of(path);
  return std::any_of(alternatives_.begin(), alternatives_.end(),
                     [&](const auto& pattern) { return matches_from(pattern, 0, components, 0); });
}

std::vector<std::string> find_files(const std::vector<Glob>& globs, const ListFolder& list) {
  Finder finder(list);
  for (const Glob& glob : globs) {
    for (const std::vector<std::string>& alternative : glob.alternatives()) {
      finder.find(alternative, 0, "");
    }
  }
  return finder.found();
}

}  // namespace airlock::kernel
