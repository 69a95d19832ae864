// Trees in git repositories: blobs are read as they are stored, whatever is checked out.
#include "model/kernel/git_handles.hpp"
#include "model/kernel/tree_source.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

using git::last_error;
using git::Library;
using git::Owned;

class Revision : public TreeSource {
 public:
  Revision(const std::string& name, const std::string& repository, const std::string& revision)
      : name_(name) {
    git_repository* opened = nullptr;
    if (git_repository_open_ext(&opened, repository.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH,
                                nullptr) != 0) {
      throw InputError({repository, 0, 0}, "this is no git repository: " + last_error(), {},
                       "REPO@REVISION");
    }
    repository_.reset(opened);
    git_object* named = nullptr;
    const int result = git_revparse_single(&named, opened, revision.c_str());
    const Owned<git_object, git_object_free> object(named);
    if (result != 0) {
      throw InputError({repository, 0, 0}, "no revision '" + revision + "': " + last_error(), {},
                       "a tag, a branch or a commit of this repository");
    }
    git_object* peeled = nullptr;
    if (git_object_peel(&peeled, named, GIT_OBJECT_TREE) != 0) {
      throw InputError({repository, 0, 0}, "'" + revision + "' is no revision: " + last_error());
    }
    tree_.reset(reinterpret_cast<git_tree*>(peeled));  // NOLINT: libgit2's way of subtyping
    git_object* commit = nullptr;
    const bool is_commit = git_object_peel(&commit, named, GIT_OBJECT_COMMIT) == 0;
    const Owned<git_object, git_object_free> owned_commit(commit);
    char id[GIT_OID_HEXSZ + 1] = {};
    git_oid_tostr(id, sizeof(id), git_object_id(is_commit ? commit : peeled));
    id_ = id;
  }

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& revision() const override { return id_; }

  [[nodiscard]] std::vector<std::string> files(const std::vector<Glob>& globs) override {
    return find_files(globs, [this](const std::string& folder) { return list(folder); });
  }

  [[nodiscard]] std::optional<std::string> read(const std::string& path) override {
    git_tree_entry* found = nullptr;
    const int result = git_tree_entry_bypath(&found, tree_.get(), path.c_str());
    const Owned<git_tree_entry, git_tree_entry_free> entry(found);
    if (result == GIT_ENOTFOUND) {
      return std::nullopt;
    }
    if (result != 0) {
      fail(path, last_error());
    }
    if (git_tree_entry_type(found) != GIT_OBJECT_BLOB ||
        git_tree_entry_filemode(found) == GIT_FILEMODE_LINK) {
      fail(path, "this is no regular file in that revision");
    }
    git_blob* opened = nullptr;
    if (git_blob_lookup(&opened, repository_.get(), git_tree_entry_id(found)) != 0) {
      fail(path, last_error());
    }
    const Owned<git_blob, git_blob_free> blob(opened);
    const auto size = static_cast<std::uintmax_t>(git_blob_rawsize(opened));
    if (size > largest_file) {
      fail(path, "the file is larger than 8 MiB: no source text is");
    }
    return std::string(static_cast<const char*>(git_blob_rawcontent(opened)), size);
  }

 private:
  [[noreturn]] void fail(const std::string& path, const std::string& message) const {
    throw InputError({name_ + ":" + path, 0, 0}, message);
  }

  [[nodiscard]] std::vector<FolderEntry> list(const std::string& folder) const {
    Owned<git_tree, git_tree_free> below;
    const git_tree* tree = tree_.get();
    if (!folder.empty()) {
      git_tree_entry* found = nullptr;
      const int result = git_tree_entry_bypath(&found, tree, folder.c_str());
      const Owned<git_tree_entry, git_tree_entry_free> entry(found);
      if (result == GIT_ENOTFOUND ||
          (result == 0 && git_tree_entry_type(found) != GIT_OBJECT_TREE)) {
        return {};
      }
      git_tree* opened = nullptr;
      if (result != 0 ||
          git_tree_lookup(&opened, repository_.get(), git_tree_entry_id(found)) != 0) {
        fail(folder, last_error());
      }
      below.reset(opened);
      tree = opened;
    }
    std::vector<FolderEntry> result;
    for (std::size_t i = 0; i < git_tree_entrycount(tree); ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
      result.push_back({git_tree_entry_name(entry), git_tree_entry_type(entry) == GIT_OBJECT_TREE,
                        git_tree_entry_filemode(entry) == GIT_FILEMODE_LINK});
    }
    return result;
  }

  Library library_;  // first, so that it goes last
  std::string name_;
  std::string id_;
  Owned<git_repository, git_repository_free> repository_;
  Owned<git_tree, git_tree_free> tree_;
};

}  // namespace

std::unique_ptr<TreeSource> open_revision(const std::string& name, const std::string& repository,
                                          const std::string& revision) {
  return std::make_unique<Revision>(name, repository, revision);
}

}  // namespace airlock::kernel
