#include "sim/trec/counters.h"

#include "arch/trec/srams.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim::trec {

namespace {

constexpr std::size_t sequence_blocks = 1, sequence_actions = 3;  // behind DianNao's: see sequence_names()

}  // namespace

CounterNames counter_names(const arch::TrecSpec& spec) {
  const auto copies = [](std::int64_t count) { return static_cast<std::uint64_t>(count); };
  arch::DianNaoSpec base = spec;
  base.decoder.kind = "none";  // its names come behind this accelerator's own
  CounterNames names = diannao::counter_names(base);
  names.blocks.resize(names.blocks.size() - sequence_blocks);
  names.actions.resize(names.actions.size() - sequence_actions);
  names.blocks.insert(names.blocks.end(), {{"hash_lanes", copies(spec.hash_lanes * spec.hash_width)},
                                           {"accumulators", 1},
                                           {"dividers", copies(spec.dividers)},
                                           {"gather", copies(spec.gather_columns * spec.Tn)}});
  names.actions.insert(
      names.actions.end(),
      {"hash_lanes.mac",         "hash_vectors.read_byte", "hash_vectors.write_byte", "window.read_byte",
       "window.write_byte",      "bucket_table.read_byte", "bucket_table.write_byte", "bucket_sums.read_byte",
       "bucket_sums.write_byte", "bucket_sums.add",        "dividers.divide",         "centroids.read_byte",
       "centroids.write_byte",   "bucket_ids.read_byte",   "bucket_ids.write_byte",   "products.read_byte",
       "products.write_byte",    "reuse_unit.sub_vector",  "reuse_unit.bucket",       "reuse_unit.conflict_cycle",
       "reuse_unit.hazard"});
  return sequence_names(std::move(names.blocks), std::move(names.actions), spec.decoder);
}

arch::EnergyTable::Srams sram_geometry(const arch::TrecSpec& spec) {
  return arch::bank_of_each(arch::sram_banks(spec));
}

}  // namespace rebasis::sim::trec
