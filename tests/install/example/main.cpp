// Prints the shipped accelerators and how many parameters each file sets.
#include <iostream>

#include "arch/accelerator_file.h"
#include "common/error.h"

int main() {
  try {
    for (const std::string& name : rebasis::arch::preset_names()) {
      const rebasis::arch::AcceleratorFile file = rebasis::arch::load_accelerator_file(name);
      std::cout << name << ": model " << file.model << ", " << file.config.entries().size() << " parameters\n";
    }
  } catch (const rebasis::Error& error) {
    std::cerr << error.what() << "\n";
    return static_cast<int>(error.status());
  }
}
