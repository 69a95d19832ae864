#include "checker/cli/commands.hpp"
#include "checker/support/known_leaks.hpp"

int main(int argc, char** argv) {
  return airlock::run(argc, argv);
}
