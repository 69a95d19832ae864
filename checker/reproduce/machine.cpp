// QEMU's software CPU needs neither /dev/kvm nor root nor an AMD processor, and has SVM. It has no
// NRIPS, without which KVM completes nothing in its fast path; x-force-features claims it all the
// same, and guest/init.c gives KVM what the CPU does not. With -cpu EPYC the same ends in a panic.
#include "checker/reproduce/machine.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "checker/reproduce/embedded.hpp"
#include "checker/reproduce/initramfs.hpp"
#include "checker/support/atomic_file.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

constexpr int qemu_end_status = 1;  // isa-debug-exit: twice the value written, and 1

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    throw Unavailable("cannot read " + path);
  }
  return text;
}

std::string initramfs_of(const Kernel& kernel, const std::string& init, const std::string& job) {
  Initramfs files;
  files.add_directory("dev");
  files.add_character_device("dev/console", 5, 1);
  files.add_directory("modules");
  std::string list;
  for (const std::string& module : kernel.modules) {
    const std::string name = fs::path(module).filename().string();
    files.add_file("modules/" + name, read_file(module));
    list += name + "\n";
  }
  files.add_file("modules/list", list);
  files.add_file("init", read_file(init), true);
  files.add_file("job", job);
  return files.finish();
}

std::vector<std::string> command_of(const Qemu& qemu, const Kernel& kernel,
                                    const std::string& initramfs) {
  std::vector<std::string> command{qemu.program};
  command.insert(command.end(), qemu.arguments.begin(), qemu.arguments.end());
  for (const char* const each :
       {"-machine",
        "pc",
        "-accel",
        "tcg,thread=single",
        "-smp",
        "1",
        "-m",
        "256",
        "-cpu",
        "qemu64,+svm,+npt,+nrip-save,x-force-features=on",
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-no-reboot",
        "-serial",
        "stdio",
        "-device",
        "isa-debug-exit,iobase=0x501,iosize=1",
        "-append",
        "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr audit=0 tsc=reliable "
        "no_timer_check"}) {
    command.emplace_back(each);
  }
  command.insert(command.end(), {"-kernel", kernel.image, "-initrd", initramfs});
  return command;
}

/// Why the machine did not get through; empty if it did.
std::string what_went_wrong(const Console& console, const ProcessResult& result) {
  const std::string last =
      console.last_line.empty() ? "" : "\n  the last that was heard: " + console.last_line;
  if (!console.panic.empty()) {
    return "the kernel panics: " + console.panic;
  }
  if (!console.errors.empty()) {
    return "KVM cannot be used as it should: " + console.errors.front();
  }
  if (result.timed_out) {
    return "the machine was stopped before it had finished: its time (--timeout) was over" + last;
  }
  if (result.signal != 0) {
    return "QEMU was " + how_it_ended(result) + last;
  }
  if (!console.done) {
    const std::string said = result.err.substr(0, result.err.find('\n'));
    return "QEMU ended before the tests did, with " + how_it_ended(result) +
           (said.empty() ? last : "\n  it said: " + said);
  }
  return result.status == qemu_end_status ? "" : "QEMU ended with " + how_it_ended(result);
}

}  // namespace

std::string build_init(const std::string& folder, const ProcessOptions& options) {
  const std::string source = folder + "/init.c";
  const std::string program = folder + "/init";
  write_file(source, guest_source("init.c"));
  run_or_fail("compiling the guest's side (it needs gcc and the static C library)",
              {"gcc", "-O1", "-static", "-s", fmt::format("-DGUEST_CODE={:#x}", guest_code),
               fmt::format("-DGUEST_STACK={:#x}", guest_stack),
               fmt::format("-DGUEST_UNTOUCHED={:#x}", guest_untouched), "-o", program, source},
              options);
  return program;
}

Console boot(const Qemu& qemu, const Kernel& kernel, const std::string& init,
             const std::string& job, const std::string& folder, const ProcessOptions& options) {
  const std::string initramfs = folder + "/initramfs";
  write_file(initramfs, initramfs_of(kernel, init, job));
  ProcessOptions there = options;
  if (!qemu.libraries.empty()) {
    there.environment.emplace_back("LD_LIBRARY_PATH", qemu.libraries);
  }
  const ProcessResult result = run_process(command_of(qemu, kernel, initramfs), there);
  Console console = read_console(result.out);
  if (const std::string why = what_went_wrong(console, result); !why.empty()) {
    throw Unavailable(why);
  }
  return console;
}

ScratchFolder::ScratchFolder(const std::string& parent) : path_(parent + "/run.XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) {
    throw Unavailable("cannot make a folder in " + parent + ": " + std::strerror(errno));
  }
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace airlock
