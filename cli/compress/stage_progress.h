// Progress of a job in stages: a note for each, and a bar for the one that takes long.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "common/progress.h"

namespace rebasis::cli {

/// A bar of a thousand steps for the stage "compress".
class StageProgress {
 public:
  /// `fraction` of `stage` is done, 0..1; may be called from several threads.
  void show(std::string_view stage, double fraction, std::string_view step);

 private:
  static constexpr int steps = 1000;
  std::mutex mutex_;
  std::string stage_;
  std::unique_ptr<Progress> bar_;
  std::uint64_t done_ = 0;
};

}  // namespace rebasis::cli
