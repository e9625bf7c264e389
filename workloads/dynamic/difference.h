// What differs between the parameters of two sub-nets, layer by layer: what must be reloaded when a machine that holds
// one of them goes on with the other. docs/dynamic-inference.md, "What a switch reloads".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/trace/trace.h"

namespace rebasis::dynamic {

/// A layer of the sub-net that comes next, against the layer of that name in the one before.
struct LayerDifference {
  std::string layer;
  std::int64_t filters = 0;
  std::int64_t weights = 0;
  bool values = true;  ///< weights, coefficients, code tables, codes or biases differ; scales do not count
  bool basis = true;   ///< bases differ
  bool index = true;   ///< what is zero differs
  // Layers of 8-bit weights in both:
  std::uint64_t changed = 0;  ///< weights whose integers differ
  std::uint64_t fresh = 0;    ///< of these, non-zero in the next
  /// Size of the patch that turns the layer before into the next: `0` for a weight that stays, `10` for one that
  /// becomes zero, `11` and 8 bits for a new value, padded to bytes; then, when biases differ, a bit for each filter
  /// and 32 bits for each new one, padded likewise. Nothing without 8-bit weights of the same shape in both.
  std::optional<std::uint64_t> patch_bytes;
};

/// One entry for each layer of `to`, in its order. A layer that `from` has not, or has in another shape or encoding,
/// differs in everything.
[[nodiscard]] std::vector<LayerDifference> difference(const trace::TraceReader& from, const trace::TraceReader& to);

}  // namespace rebasis::dynamic
