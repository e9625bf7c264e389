// What `rebasis coders` prints and writes.
#pragma once

#include <string>
#include <vector>

#include "cli/coders/measure.h"

namespace rebasis::cli {

struct CoderReport {
  std::string trace, network;
  std::vector<std::string> coders;  ///< in the order in which they are shown
  std::vector<LayerSizesByCoder> layers;
  bool timed = false;
};

/// Coders from the smallest total to the largest; of equal ones the first by name first.
void sort_by_size(CoderReport& report);

/// The bytes of each layer with each coder, the best marked; the totals.
[[nodiscard]] std::string coders_text(const CoderReport& report);
/// {"schema", "trace", "network", "layers": [...], "totals": {...}}; docs/coders.md describes it.
[[nodiscard]] std::string coders_json(const CoderReport& report);
/// A row a layer and coder, without totals.
[[nodiscard]] std::string coders_csv(const CoderReport& report);

}  // namespace rebasis::cli
