// What owns objects of libgit2. Internal to model/kernel: only the files that read git include it.
#pragma once

#include <git2.h>
#include <memory>
#include <string>

namespace airlock::kernel::git {

/// The library's state; it counts its users.
struct Library {
  Library() { git_libgit2_init(); }
  ~Library() { git_libgit2_shutdown(); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
/// Owned<git_object, git_object_free>.
template <class T, void (*release)(T*)>
using Owned = std::unique_ptr<T, Release<T, release>>;

/// What the library said last, on this thread.
inline std::string last_error() {
  const git_error* error = git_error_last();
  return error != nullptr && error->message != nullptr ? error->message : "unknown error";
}

}  // namespace airlock::kernel::git
