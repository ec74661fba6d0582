// sentinella: the agent that runs on every OpenStack node.
#include <iostream>

#include <malloc.h>
#include <sysexits.h>

#include "agent/cli/commands.h"

int main(int argc, char** argv) {
  using namespace sentinella::agent;
  // The threads mostly wait: one heap for all of them is smaller than one each.
  ::mallopt(M_ARENA_MAX, 1);
  const auto arguments = parse_arguments({argv + 1, argv + argc});
  if (!arguments) {
    std::cerr << arguments.error().message << "\nTry 'sentinella --help'.\n";
    return EX_USAGE;
  }
  return run_command(*arguments, {std::cin, std::cout, std::cerr});
}
