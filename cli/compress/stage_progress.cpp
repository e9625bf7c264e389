#include "cli/compress/stage_progress.h"

namespace rebasis::cli {

void StageProgress::show(std::string_view stage, double fraction, std::string_view step) {
  const std::lock_guard lock(mutex_);
  if (stage != stage_) {
    stage_ = stage;
    bar_.reset();
    done_ = 0;
    if (stage == "compress") {
      bar_ = std::make_unique<Progress>(stage_, steps);
    } else {
      Progress::note(stage_);
    }
  }
  const auto reached = static_cast<std::uint64_t>(fraction * steps);
  if (!bar_ || reached <= done_) return;
  bar_->advance(reached - done_, step);
  done_ = reached;
}

}  // namespace rebasis::cli
