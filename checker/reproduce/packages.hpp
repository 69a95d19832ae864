// Kernels and QEMU from Debian's packages, fetched into the user's cache and unpacked there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checker/reproduce/process.hpp"

namespace airlock {

/// A kernel image that apt offers.
struct KernelPackage {
  std::string name;     ///< "linux-image-6.1.0-56-cloud-amd64-unsigned"
  std::string version;  ///< "6.1.192-2"
};

/// A package's version without what Debian adds: "6.12.117" of "6.12.117-1~deb12u1".
std::string upstream_version(const std::string& version);

/// Those among apt's answer to `apt-cache madison` that are kernel images for amd64, without the
/// real-time and the debug ones.
std::vector<KernelPackage> kernels_in(const std::string& madison);

/// The package for `wanted`: "6.1.192", "6.1" (the newest 6.1.x), a package's name or version. Of
/// several of one version the smallest: the cloud's before the general one, unsigned before signed.
/// Nothing if there is none.
std::optional<KernelPackage> choose_kernel(const std::vector<KernelPackage>& offered,
                                           const std::string& wanted);

/// Whether `wanted` leaves nothing open: three numbers, or a package's name or version.
bool is_exact(const std::string& wanted);

/// The newest versions, for a message: "6.12.117, 6.1.192".
std::string newest_versions(const std::vector<KernelPackage>& offered);

/// A kernel, unpacked.
struct Kernel {
  std::string image;                 ///< path of vmlinuz
  std::vector<std::string> modules;  ///< paths of KVM's modules, in the order of loading
};

struct Qemu {
  std::string program;
  std::vector<std::string> arguments;  ///< where its firmware is
  std::string libraries;               ///< for LD_LIBRARY_PATH; empty: it is installed
  std::string version;                 ///< "QEMU 7.2.22"
};

/// A folder, made if need be: $XDG_CACHE_HOME/airlock, or ~/.cache/airlock. What is in it is
/// complete: downloads are unpacked beside it and put into place by renaming, so that two processes
/// may work in it at once, and it may be deleted at any time that none does.
class Cache {
 public:
  /// `say` is told what takes long; may be empty. Throws Unavailable.
  explicit Cache(ProcessOptions options, std::function<void(const std::string&)> say = {});

  [[nodiscard]] const std::string& folder() const { return folder_; }
  /// The kernel for `wanted` (see choose_kernel). One that is in the cache and is named exactly (by
  /// three numbers, or by its package) is taken without asking apt; others may be on offer, or be
  /// in the cache and no longer on offer. Throws Unavailable where apt is needed and cannot be
  /// asked.
  std::optional<KernelPackage> find_kernel(const std::string& wanted);
  /// The newest kernels on offer, for a message.
  std::string on_offer() { return newest_versions(kernels()); }
  /// The version of Debian's own kernel, by apt's lists: "6.1.192". Throws Unavailable.
  std::string usual_version();
  /// Fetches and unpacks what is not in the cache. Throws Unavailable.
  Kernel kernel(const KernelPackage& package);
  /// The installed QEMU, or that in the cache, or Debian's fetched. Throws Unavailable.
  Qemu qemu();

 private:
  const std::vector<KernelPackage>& kernels();
  [[nodiscard]] std::vector<KernelPackage> cached_kernels() const;
  [[nodiscard]] Qemu versioned(Qemu qemu) const;
  void fill(const std::string& place, const std::function<void(const std::string& folder)>& make);
  void download(const std::vector<std::string>& packages, const std::string& folder);

  ProcessOptions options_;
  std::function<void(const std::string&)> say_;
  std::string folder_;
  std::optional<std::vector<KernelPackage>> offered_;  // by apt, once asked
};

}  // namespace airlock
