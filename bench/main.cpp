#include "bench/cli/command.h"

int main(int argc, char** argv) { return vkmembench::run_program(argc, argv); }
