// Any text as a training recipe, with any lines behind a zero byte as --set: a recipe whose values hang together, or
// bad input.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/memory_file.h"
#include "workloads/train/recipe.h"

using namespace rebasis;

namespace {

void check(const train::Recipe& recipe) {
  for (const double share : {0.0, 0.3, 1.0}) {
    const double factor = recipe.rate_factor(share * static_cast<double>(recipe.epochs));
    if (!std::isfinite(factor) || factor < 0 || factor > 1) std::abort();
  }
  if (recipe.data_part > recipe.data_parts || recipe.micro_batches > recipe.batch_size ||
      recipe.average_epochs > recipe.epochs)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string all(data, data + size);
  const std::size_t end = std::min(all.find('\0'), all.size());
  const std::string text = all.substr(0, end);
  std::vector<std::string> assignments;
  std::istringstream lines(all.substr(std::min(end + 1, all.size())));
  for (std::string line; std::getline(lines, line);) assignments.push_back(line);
  test::accepts([&] { check(train::Recipe::parse(text, "fuzz.yaml", assignments)); });
  test::accepts([&] { check(train::Recipe::parse(text, "fuzz.yaml")); });
  return 0;
}
