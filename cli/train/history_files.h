// What `rebasis train --history` and `--report` write.
#pragma once

#include <string>
#include <vector>

#include "workloads/train/history.h"

namespace rebasis::cli {

/// Either file name may be empty: not written.
class HistoryFiles {
 public:
  std::string history, report;
  train::HistoryHeader header;

  /// Fails when a file cannot be written; before the work, not after it.
  void try_to_write() const;
  /// The history after an epoch, whole or not at all, so that a kill leaves the epochs before.
  void keep(const std::vector<train::EpochReport>& epochs) const;
  /// Both files, of a finished run.
  void finish(const std::vector<train::EpochReport>& epochs) const;
};

}  // namespace rebasis::cli
