#include "checker/cli/commands.hpp"

int main(int argc, char** argv) {
  return airlock::run(argc, argv);
}
