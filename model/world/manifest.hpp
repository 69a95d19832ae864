// airlock.toml: which files make a model, and its defaults.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/system/system.hpp"

namespace airlock {

/// Something that coverage may miss, and why. Whether there is such a thing is checked where
/// coverage is measured.
struct Unreached {
  std::string
      what;  ///< "svm.c:42", "svm.c:42:6 true", an event's name, a property's, "FIX: PROPERTY"
  std::string reason;
  SourceLocation place;
  std::string line;  ///< the manifest's, for messages
};

/// A manifest as written; paths are resolved against its directory. Keys:
///
///     files = ["svm.c"]              # required: the base
///     properties = ["../p.c"]        # files with properties
///     fixes = ["fixes/merged.c"]     # rows of `compare`, in order
///     [actors]                       # defaults; an actor that is not named is on
///     nmi_perf = false
///     [features]                     # parts of the machine that are off unless they are named
///     host_dr6 = true
///     [parameters]                   # override the values in the files
///     guest_debugctl_bits = "LBR"
///     [values]                       # what parameters may be: `--explain` and `coverage` ask
///     about
///                                    # those that are not in force
///     guest_debugctl_bits = ["0", "LBR"]
///     [unreached]                    # what coverage and compare may miss, each with its reason
///     "svm.c:42" = "only for a guest that nests"
///     "the guest executes *" = "there is no guest"
struct Manifest {
  std::string path;
  std::vector<std::string> files;
  std::vector<std::string> properties;
  std::vector<std::string> fixes;
  std::map<std::string, bool> actors;
  std::map<std::string, bool> features;  ///< by name, unchecked
  std::map<std::string, std::string> parameters;
  std::map<std::string, std::vector<std::string>> values;  ///< by parameter, as --set takes them
  std::map<std::string, SourceLocation> places;            ///< of actors, features and parameters
  std::vector<Unreached> unreached;
};

/// The keys of a manifest; docs/manifest.md explains each.
const std::vector<std::string>& manifest_keys();

/// Reads `directory`/airlock.toml. Throws InputError, with the place, for what is missing or wrong.
Manifest read_manifest(const std::string& directory);

/// A file's contents. Throws InputError: no such file, a directory, not readable.
std::string read_file(const std::string& path);

}  // namespace airlock
