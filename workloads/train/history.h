// The history of a training run as JSON (docs/training.md), for `rebasis report` and for pandas. No libtorch type is
// seen here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workloads/train/trainer.h"

namespace rebasis::train {

/// What a history says beside the epochs.
struct HistoryHeader {
  std::string network;  ///< file
  std::string recipe, recipe_text, command, version;
  std::optional<double> tested_before;         ///< accuracy on test images
  std::map<std::string, double> tested_after;  ///< of each sub-net; "" is the network
};

/// Text of the file. `finished`: the run is over.
[[nodiscard]] std::string history_json(const HistoryHeader& header, const std::vector<EpochReport>& epochs,
                                       bool finished);

}  // namespace rebasis::train
