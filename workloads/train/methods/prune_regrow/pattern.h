// What a sparse net keeps of its weights: a share of them, or some of every group of M along the channels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"

namespace rebasis::train {

struct SparsityPattern {
  double sparsity = 0;                ///< share of zero weights at the end
  std::int64_t zeros = 0, group = 0;  ///< N zeros in every group of M channels (Yang, 3.4.2.3); 0, 0: single weights

  [[nodiscard]] bool grouped() const { return group > 0; }
  /// "s90", "nm2-4": part of a file's name.
  [[nodiscard]] std::string name() const;
};

/// Reads "90%", "0.9" or "2:4". Throws Error(bad_input) at `where`.
[[nodiscard]] SparsityPattern parse_pattern(const std::string& text, const SourceLocation& where);
/// Reads "[70%, 2:4]"; refuses an empty list and a pattern that stands in it twice.
[[nodiscard]] std::vector<SparsityPattern> parse_patterns(const std::string& text, const SourceLocation& where);

}  // namespace rebasis::train
