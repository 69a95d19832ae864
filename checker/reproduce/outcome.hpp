// What guest/init.c printed, as what the guest saw.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "checker/reproduce/assemble.hpp"

namespace airlock {

/// The console of one machine, sorted.
struct Console {
  bool done = false;                ///< all tests were run
  std::string kernel;               ///< "6.1.0-56-cloud-amd64 #1 SMP …"
  std::vector<std::string> errors;  ///< of guest/init.c
  std::string panic;                ///< the kernel's last words; empty: none
  std::string last_line;            ///< of all that was printed
  /// By the job's name of the test, one line per run.
  std::map<std::string, std::vector<std::string>> runs;
  std::map<std::string, std::vector<std::string>> evidence;  ///< likewise: KVM's events
};

Console read_console(const std::string& text);

/// What the guest saw in one run, given the line of it.
std::vector<Seen> outcome_of(const std::string& line, const Assembled& guest);

}  // namespace airlock
