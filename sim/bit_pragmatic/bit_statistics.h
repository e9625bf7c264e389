// How sparse the activations of a layer are in bits: what Bit-Pragmatic lives on.
#pragma once

#include <map>
#include <string>

#include "arch/bit_pragmatic/spec.h"
#include "workloads/trace/trace.h"

namespace rebasis::sim::bit_pragmatic {

/// Over all images, in the array's precision: non-zero bits / bits ("activation_one_bits"), non-zero Booth digits /
/// digits
/// ("activation_booth_digits"), terms an activation in the configured form ("oneffsets_per_activation") and the same
/// among activations that are not zero ("oneffsets_per_nonzero_activation").
[[nodiscard]] std::map<std::string, double> bit_statistics(const trace::TraceReader& trace,
                                                           const trace::LayerInfo& info,
                                                           const arch::BitPragmaticSpec& spec);

}  // namespace rebasis::sim::bit_pragmatic
