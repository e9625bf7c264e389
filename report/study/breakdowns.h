// Where the energy and the cycles of points went, for the page of a study.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "dse/results/results.h"

namespace rebasis::report {

/// {"components", "workloads", "layers": names, "points": {ROW: {"energy": [[component, pJ]...],
/// "layers": [[workload, layer, cycles, pJ, DRAM bytes]...]}}}: of the rows in `first`, then of other points that are
/// done, up to 2,000 points or 40,000 layers.
[[nodiscard]] nlohmann::json breakdowns(const dse::StudyResults& results, const std::vector<std::size_t>& first);

}  // namespace rebasis::report
