#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "checker/cli/commands.hpp"
#include "checker/prove/prove.hpp"
#include "checker/support/known_leaks.hpp"

int main(int argc, char** argv) {
  const int status = airlock::run(argc, argv);
  if (airlock::solvers_left_behind()) {
    // A thread is still inside Z3, whose own clean-up at exit must not meet it there.
    std::cout.flush();
    std::fflush(nullptr);
    std::_Exit(status);
  }
  return status;
}
