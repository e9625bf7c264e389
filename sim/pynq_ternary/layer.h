// A layer as the accelerator takes it: small integer weights, for the PEs or for the MAC engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/pynq_ternary/spec.h"
#include "workloads/trace/trace.h"

namespace rebasis::sim::pynq_ternary {

struct TernaryLayer {
  trace::LayerInfo info;
  std::vector<std::int8_t> codes;  ///< [M][C/groups][R][S]; -1, 0, 1 in a ternary layer, 8-bit integers in a dense one
  std::int64_t bytes_per_filter = 0;  ///< bias and the filter's own scale, 4 bytes each, loaded with the weights
  [[nodiscard]] const LayerShape& shape() const { return info.shape; }
  [[nodiscard]] bool ternary() const { return info.encoding == "ternary"; }
  /// On the PEs; otherwise on the MAC engine.
  [[nodiscard]] bool on_pes(const arch::PynqTernarySpec& spec) const { return ternary() || spec.mac(); }
  [[nodiscard]] std::int8_t code(std::int64_t m, std::int64_t c, std::int64_t r, std::int64_t s) const {
    const LayerShape& l = info.shape;
    return codes[static_cast<std::size_t>(((m * l.channels_per_group() + c) * l.R + r) * l.S + s)];
  }
};

/// Why the accelerator cannot run the layer at all; empty when it can.
[[nodiscard]] std::optional<std::string> why_unsupported(const trace::LayerInfo& info,
                                                         const arch::PynqTernarySpec& spec);

/// Reads and checks a layer in one of the encodings ternary and dense-int8. Throws Error(bad_input) for a damaged one.
[[nodiscard]] TernaryLayer load_ternary_layer(const trace::TraceReader& trace, const trace::LayerInfo& info);

}  // namespace rebasis::sim::pynq_ternary
