// The accelerator with a reuse unit in front of DianNao's array, as configured.
#pragma once

#include <algorithm>
#include <cstdint>

#include "arch/diannao/spec.h"

namespace rebasis::arch {

/// Parameters of `trec`: DianNao's, and those of the reuse unit. docs/parameters/trec.md is generated from their
/// declaration in spec.cpp; docs/accelerators/trec.md says what each does to the cycles.
struct TrecSpec : DianNaoSpec {
  bool reuse = true;               ///< false: every layer runs in full
  double mapping_slack = 0;        ///< share by which traffic and time of mappings may differ and count as equal
  double expected_redundancy = 0;  ///< r_t that the mapper reckons with

  std::int64_t hash_lanes = 0;   ///< hash functions at once
  std::int64_t hash_width = 0;   ///< elements of a sub-vector at once; multipliers of a lane
  std::int64_t hash_stages = 0;  ///< cycles from reading a beat from NBin to its bits
  std::int64_t hash_vector_bytes = 0;
  std::int64_t window_bytes = 0;  ///< sub-vectors between hashing and accumulation

  std::int64_t bucket_banks = 0;  ///< of the bucket table and of the sums
  std::int64_t table_bytes = 0;
  std::int64_t sum_store_bytes = 0;
  std::int64_t sum_ports = 0;           ///< of a bank: 1 (one access a cycle) or 2 (one read and one write)
  std::int64_t accumulate_latency = 0;  ///< cycles from reading a row of sums until its new value can be read
  bool forwarding = true;               ///< a sum under way is taken from the adder

  std::int64_t dividers = 0;
  std::int64_t divider_stages = 0;
  std::int64_t centroid_bytes = 0;
  std::int64_t id_bytes = 0;

  std::int64_t gather_columns = 0;  ///< sub-matrix columns whose products are added at once; banks of the product store
  std::int64_t gather_stages = 0;
  std::int64_t product_bytes = 0;

  static constexpr std::int64_t bucket_sum_bytes = 3;  ///< 65,535 values of 8 bits
  static constexpr std::int64_t count_bytes = 2;       ///< members of a bucket
  static constexpr std::int64_t entry_bytes =
      2;  ///< of the bucket table: a valid bit and 15 bits of slot; a bucket's number
  static constexpr std::int64_t id_entry_bytes = 2;  ///< slot of a sub-vector
  static constexpr std::int64_t most_rows = 32767;   ///< of a tile, so that a slot fits its entry
  static constexpr std::int64_t id_banks = 4;        ///< slices in the reuse pipeline
  /// A row of the sums holds as many elements as a beat.
  [[nodiscard]] std::int64_t columns_at_once(std::int64_t length) const {
    return std::max<std::int64_t>(1, hash_width / length);
  }
};

[[nodiscard]] const ParameterSet<TrecSpec>& trec_parameters();

}  // namespace rebasis::arch
