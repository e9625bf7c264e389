// From the command line to an exit status.
#pragma once

namespace rebasis::cli {

/// Finds the command, parses its options and runs it. Every error is printed as `rebasis: MESSAGE`. Never throws.
[[nodiscard]] int run_program(int argc, char* argv[]);

}  // namespace rebasis::cli
