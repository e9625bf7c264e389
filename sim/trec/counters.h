// What both fidelities of the accelerator with a reuse unit count.
#pragma once

#include "arch/energy/energy_table.h"
#include "arch/trec/spec.h"
#include "sim/core/counters.h"
#include "sim/diannao/counters.h"

namespace rebasis::sim::trec {

/// Blocks behind DianNao's (diannao::Block), in the order of counter_names(); the DMA follows.
enum Block : std::size_t { hash_lanes = diannao::own_blocks, accumulators, dividers, gather };

/// Events behind DianNao's (diannao::Action), in the order of counter_names(); the sequencer's follow.
enum Action : std::size_t {
  hash_mac = diannao::requantise + 1,  ///< element x hash vector, added up
  hash_vectors_read,
  hash_vectors_write,  ///< bytes
  window_read,
  window_write,
  table_read,
  table_write,
  sums_read,
  sums_write,
  bucket_add,  ///< element added to a sum
  divide,      ///< element of a centroid
  centroids_read,
  centroids_write,
  ids_read,
  ids_write,
  products_read,
  products_write,
  sub_vectors,      ///< hashed; costs nothing by itself, as the rest
  buckets,          ///< of them, the first of their bucket
  conflict_cycles,  ///< of the accumulators: another column of the beat in the same bank, or its port taken
  hazards,          ///< rows of sums that were wanted while under way: forwarded, or cycles waited
};

[[nodiscard]] CounterNames counter_names(const arch::TrecSpec& spec);

/// Capacity and port width of a bank of each memory, which set its price.
[[nodiscard]] arch::EnergyTable::Srams sram_geometry(const arch::TrecSpec& spec);

}  // namespace rebasis::sim::trec
