// Writes a store with N points of a made-up study, for measuring reports and for trying the page:
//   make_study_store FILE POINTS [SEED]
#include <cstdlib>
#include <iostream>

#include "tests/support/sample_study.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: make_study_store FILE POINTS [SEED]\n";
    return 2;
  }
  try {
    rebasis::test::write_sample_study(argv[1], std::strtoull(argv[2], nullptr, 10),
                                      argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  } catch (const std::exception& error) {
    std::cerr << "make_study_store: " << error.what() << "\n";
    return 2;
  }
}
