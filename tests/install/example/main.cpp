// Simulates a trace on a shipped accelerator: uses_rebasis TRACE ACCELERATOR
#include <iostream>

#include "common/error.h"
#include "sim/accelerator.h"

int main(int argc, char* argv[]) {
  if (argc != 3) return 2;
  try {
    const rebasis::trace::TraceReader trace(argv[1]);
    const auto accelerator = rebasis::sim::make_accelerator(argv[2]);
    for (const auto& layer : accelerator->simulate(trace, {}).layers) {
      std::cout << layer.name << ": " << layer.cycles << " cycles\n";
    }
  } catch (const rebasis::Error& error) {
    std::cerr << error.what() << "\n";
    return static_cast<int>(error.status());
  }
}
