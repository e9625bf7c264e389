// The bits of a wavelet tree: for the sources of WaveletTree alone.
#pragma once

#include <sdsl/bit_vectors.hpp>
#include <sdsl/rank_support.hpp>

#include "workloads/succinct/wavelet_tree.h"

namespace rebasis::succinct {

/// What the tree takes from sdsl. The rank support keeps a pointer to the bits, so they stay where they are.
struct WaveletTree::Bits {
  sdsl::bit_vector bits;
  sdsl::rank_support_v5<> rank;
};

}  // namespace rebasis::succinct
