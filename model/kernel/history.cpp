#include "model/kernel/history.hpp"

#include <unordered_map>

#include "model/kernel/git_handles.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

using git::last_error;
using git::Library;
using git::Owned;

[[noreturn]] void fail(const std::string& repository, const std::string& message) {
  throw InputError({repository, 0, 0}, message + ": " + last_error(), {},
                   "a tag, a branch or a commit of this repository");
}

std::string text_of(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1] = {};
  git_oid_tostr(text, sizeof(text), &id);
  return text;
}

git_oid commit_named(git_repository* repository, const std::string& name,
                     const std::string& revision) {
  git_object* named = nullptr;
  if (git_revparse_single(&named, repository, revision.c_str()) != 0) {
    fail(name, "no revision '" + revision + "'");
  }
  const Owned<git_object, git_object_free> object(named);
  git_object* peeled = nullptr;
  if (git_object_peel(&peeled, named, GIT_OBJECT_COMMIT) != 0) {
    fail(name, "'" + revision + "' is no commit");
  }
  const Owned<git_object, git_object_free> commit(peeled);
  return *git_object_id(peeled);
}

}  // namespace

std::vector<Commit> commits_between(const std::string& repository, const std::string& good,
                                    const std::string& bad) {
  const Library library;
  git_repository* opened = nullptr;
  if (git_repository_open_ext(&opened, repository.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH,
                              nullptr) != 0) {
    throw InputError({repository, 0, 0}, "this is no git repository: " + last_error(), {},
                     "a git repository with the kernel's history");
  }
  const Owned<git_repository, git_repository_free> owned(opened);
  const git_oid first = commit_named(opened, repository, good);
  const git_oid last = commit_named(opened, repository, bad);
  if (git_oid_equal(&first, &last) != 0) {
    return {};
  }
  if (git_graph_descendant_of(opened, &last, &first) != 1) {
    throw InputError({repository, 0, 0}, "'" + good + "' is no ancestor of '" + bad + "'", {},
                     "first the revision that is good, then a later one that is bad");
  }
  git_revwalk* made = nullptr;
  if (git_revwalk_new(&made, opened) != 0) {
    fail(repository, "its history cannot be read");
  }
  const Owned<git_revwalk, git_revwalk_free> walk(made);
  if (git_revwalk_sorting(made, GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE) != 0 ||
      git_revwalk_push(made, &last) != 0 || git_revwalk_hide(made, &first) != 0) {
    fail(repository, "its history cannot be read");
  }
  std::vector<Commit> result;
  std::unordered_map<std::string, std::size_t> index;
  git_oid id;
  int more = 0;
  while ((more = git_revwalk_next(&id, made)) == 0) {
    git_commit* read = nullptr;
    if (git_commit_lookup(&read, opened, &id) != 0) {
      fail(repository, "a commit cannot be read");
    }
    const Owned<git_commit, git_commit_free> commit(read);
    const char* summary = git_commit_summary(read);
    Commit each{text_of(id), summary == nullptr ? "" : summary, {}};
    for (unsigned i = 0; i < git_commit_parentcount(read); ++i) {
      if (const auto at = index.find(text_of(*git_commit_parent_id(read, i))); at != index.end()) {
        each.parents.push_back(at->second);
      }
    }
    index.emplace(each.id, result.size());
    result.push_back(std::move(each));
  }
  if (more != GIT_ITEROVER) {
    fail(repository, "its history cannot be read");
  }
  return result;
}

}  // namespace airlock::kernel
