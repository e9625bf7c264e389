// Histories of training runs (docs/training.md) as one HTML page.
#pragma once

#include <string>
#include <vector>

namespace rebasis::report {

/// A history that was read and checked.
struct TrainingHistory {
  std::string label;  ///< file without folder and extension
  std::string json;   ///< on one line
};

/// True when `text` is a training history, of whatever version.
[[nodiscard]] bool looks_like_training(const std::string& text);

/// Parses and checks a history; `file` names it in messages. A text that is not JSON, has a newer version, lacks a
/// field or holds a wrong type throws Error(bad_input).
[[nodiscard]] TrainingHistory training_from_json(const std::string& text, const std::string& file);

/// One self-contained page: the runs side by side. Fails (bad input) without a history.
[[nodiscard]] std::string to_html(const std::vector<TrainingHistory>& histories);

}  // namespace rebasis::report
