// Trees in tar archives. An archive is read in one pass, by patterns, and only what matches is
// kept: in memory, and in the cache. Nothing is unpacked, so links in archives lead nowhere: a
// member that is one is an error when somebody asks for it.
//
// Archives of kernels have one folder at the top (linux-6.12/), or none. Which it is is known when
// the pass is over; until then a member is matched both ways.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "model/kernel/archive_cache.hpp"
#include "model/kernel/archive_pass.hpp"
#include "model/kernel/tree_source.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

/// What a pass found, once under the members' own paths and once without their first folder.
struct Found {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> problems;  ///< path -> why it cannot be read
};

class Archive : public TreeSource {
 public:
  Archive(const std::string& name, const std::filesystem::path& cache)
      : name_(name), cache_(cache, name) {}

  [[nodiscard]] const std::string& name() const override { return name_; }

  void want(const std::vector<Glob>& globs) override {
    wanted_.insert(wanted_.end(), globs.begin(), globs.end());
  }

  [[nodiscard]] std::vector<std::string> files(const std::vector<Glob>& globs) override {
    load(globs);
    std::vector<std::string> result;
    const auto add = [&](const std::map<std::string, std::string>& paths) {
      for (const auto& [path, text] : paths) {
        if (std::any_of(globs.begin(), globs.end(),
                        [&, &file = path](const Glob& glob) { return glob.matches(file); })) {
          result.push_back(path);
        }
      }
    };
    add(found_.files);
    add(found_.problems);
    std::sort(result.begin(), result.end());
    return result;
  }

  [[nodiscard]] std::optional<std::string> read(const std::string& path) override {
    if (path.empty() || path.find_first_of("*?[]{}\n") != std::string::npos) {
      return std::nullopt;  // no source file of a kernel
    }
    load({Glob(path)});
    if (const auto problem = found_.problems.find(path); problem != found_.problems.end()) {
      throw InputError({name_ + ":" + path, 0, 0}, problem->second);
    }
    const auto file = found_.files.find(path);
    return file != found_.files.end() ? std::optional(file->second) : std::nullopt;
  }

 private:
  [[nodiscard]] bool is_covered(const Glob& glob) const {
    if (covered_.contains(glob.pattern())) {
      return true;
    }
    const bool literal = glob.pattern().find_first_of("*?[]{}") == std::string::npos;
    return literal && std::any_of(covering_.begin(), covering_.end(),
                                  [&](const Glob& known) { return known.matches(glob.pattern()); });
  }

  void cover(const Glob& glob) {
    if (covered_.insert(glob.pattern()).second) {
      covering_.push_back(glob);
    }
  }

  /// Reads what matches `globs` and what else is wanted, as far as it is not there already.
  void load(const std::vector<Glob>& globs) {
    const auto covered = [this](const Glob& glob) { return is_covered(glob); };
    if (std::all_of(globs.begin(), globs.end(), covered)) {
      return;
    }
    if (!std::exchange(cache_loaded_, true)) {
      for (CachedMembers& members : cache_.load()) {
        found_.files.merge(members.files);
        for (const std::string& pattern : members.patterns) {
          cover(Glob(pattern));
        }
      }
    }
    std::vector<Glob> missing;
    for (const std::vector<Glob>* list : {&globs, &std::as_const(wanted_)}) {
      std::copy_if(list->begin(), list->end(), std::back_inserter(missing),
                   [&](const Glob& glob) { return !covered(glob); });
    }
    if (std::any_of(globs.begin(), globs.end(),
                    [&](const Glob& glob) { return !is_covered(glob); })) {
      pass(missing);
    }
  }

  void pass(const std::vector<Glob>& globs) {
    Found whole;
    Found below;
    std::string top;
    bool one_folder = true;
    const auto matches = [&](const std::string& path) {
      return !path.empty() && std::any_of(globs.begin(), globs.end(),
                                          [&](const Glob& glob) { return glob.matches(path); });
    };
    pass_through_archive(name_, [&](const ArchiveMember& member, const ReadMember& read) {
      const std::size_t slash = member.path.find('/');
      const std::string first = member.path.substr(0, slash);
      top = top.empty() ? first : top;
      one_folder = one_folder && first == top && (slash != std::string::npos || member.folder);
      const std::string rest =
          slash == std::string::npos ? std::string{} : member.path.substr(slash + 1);
      const bool as_whole = matches(member.path);
      const bool as_below = matches(rest);
      if (member.folder || (!as_whole && !as_below)) {
        return;
      }
      std::string problem;
      if (!member.regular) {
        problem = "this is a link in the archive, or no regular file";
      } else if (member.size > largest_file) {
        problem = "the file is larger than 8 MiB: no source text is";
      }
      const std::string text = problem.empty() ? read() : std::string{};
      // Of members of the same name tar keeps the last.
      const auto keep = [&](Found& found, const std::string& path) {
        found.files.erase(path);
        found.problems.erase(path);
        (problem.empty() ? found.files : found.problems)[path] = problem.empty() ? text : problem;
      };
      if (as_whole) {
        keep(whole, member.path);
      }
      if (as_below) {
        keep(below, rest);
      }
    });
    const bool nothing_below = below.files.empty() && below.problems.empty();
    Found& found = one_folder && !nothing_below ? below : whole;
    if (found.problems.empty()) {
      store(globs, found);
    }
    found_.files.merge(found.files);
    found_.problems.merge(found.problems);
    for (const Glob& glob : globs) {
      cover(glob);
    }
  }

  void store(const std::vector<Glob>& globs, const Found& found) const {
    std::set<std::string> patterns;
    for (const Glob& glob : globs) {
      patterns.insert(glob.pattern());
    }
    cache_.store({{patterns.begin(), patterns.end()}, found.files});
  }

  std::string name_;
  ArchiveCache cache_;
  bool cache_loaded_ = false;
  std::vector<Glob> wanted_;
  std::vector<Glob> covering_;
  std::set<std::string> covered_;  ///< the patterns of `covering_`
  Found found_;
};

}  // namespace

std::unique_ptr<TreeSource> open_archive(const std::string& name,
                                         const std::filesystem::path& cache) {
  return std::make_unique<Archive>(name, cache);
}

}  // namespace airlock::kernel
