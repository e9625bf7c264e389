// The main function of rebasis and of rebasis-torch.
#include <csignal>

#include "cli/run.h"
#include "cli/signals.h"

// libsystemc refers to it, but Rebasis elaborates its models itself.
extern "C" int sc_main(int, char*[]);
extern "C" int sc_main(int, char*[]) { return 0; }

int main(int argc, char* argv[]) {
  rebasis::cli::install_signal_handlers();
  return rebasis::cli::run_program(argc, argv);
}
