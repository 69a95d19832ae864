// Writes the man pages and the completion script into folders: part of the build, not installed.
//
//     airlock_pages MAN_FOLDER COMPLETION_FILE
#include <cstdio>
#include <exception>

#include "checker/cli/pages/completion.hpp"
#include "checker/cli/pages/man_page.hpp"
#include "checker/support/atomic_file.hpp"
#include "checker/support/known_leaks.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: airlock_pages MAN_FOLDER COMPLETION_FILE\n", stderr);
    return 2;
  }
  try {
    const std::vector<airlock::CommandHelp> all = airlock::command_help();
    for (const airlock::CommandHelp& command : all) {
      airlock::write_file(std::string(argv[1]) + "/" + airlock::page_name(command) + ".1",
                          airlock::man_page(command, all));
    }
    airlock::write_file(argv[2], airlock::bash_completion(all));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "airlock_pages: %s\n", error.what());
    return 1;
  }
  return 0;
}
