// The main function of rebasis and of rebasis-torch.
#include "cli/run.h"
#include "cli/signals.h"

int main(int argc, char* argv[]) {
  rebasis::cli::install_signal_handlers();
  return rebasis::cli::run_program(argc, argv);
}
