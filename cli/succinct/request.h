// What `rebasis succinct` was asked for. Its work is in measure.cpp, or in missing.cpp when the build has no sdsl-lite.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rebasis::cli {

struct SuccinctRequest {
  std::string trace;
  std::string layers = "*";
  std::string json;  ///< file to write, or empty
  std::vector<std::string> coders;
  std::int64_t image = 0;
  int repeats = 5;
  double threshold = 10;  ///< MACs per parameter
};

/// Prints the tables and writes the JSON file.
void run_succinct(const SuccinctRequest& request);

}  // namespace rebasis::cli
