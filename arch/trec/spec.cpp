#include "arch/trec/spec.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

void declare_hashing(ParameterSet<TrecSpec>& p) {
  using S = TrecSpec;
  p.boolean("reuse.enabled", &S::reuse, true,
            "Layers with hash vectors reuse products; false: every layer runs in full, as on DianNao.", "decision");
  p.real("mapper.slack", &S::mapping_slack, 0.25, 0, 10, "",
         "Mappings whose traffic, then time, lie within this share of the least count as equal; of them the one with "
         "the fewest tiles of rows is taken, because buckets are shared within a tile.",
         "decision: some traffic is not worth hashing everything again (docs/accelerators/trec.md)");
  p.real("mapper.redundancy", &S::expected_redundancy, 0.95, 0, 1, "",
         "Share of sub-vectors that the mapper expects to find their bucket taken; decides the mapping alone.",
         "TREC Table 3: averages 0.87 to 0.99");
  p.integer("hash.lanes", &S::hash_lanes, 5, 1, 64, "", "Hash functions computed at once.",
            "TREC Table 3: H is 5 in most layers; more hash functions take another pass");
  p.integer("hash.width", &S::hash_width, 64, 1, 1024, "",
            "Elements of the im2row matrix that NBin delivers in a cycle: multipliers of a lane, elements of a row of "
            "sums.",
            "decision: twice nfu.ti (docs/accelerators/trec.md, sensitivity)");
  p.integer("hash.stages", &S::hash_stages, 4, 2, 32, "",
            "Cycles from reading elements from NBin until their hash bits are known.",
            "decision: NBin's register, multipliers, tree, sums");
  p.bytes("hash_vectors.size", &S::hash_vector_bytes, 16 * kib, 16, mib, "Hash vectors of a layer.",
          "decision: holds every (L, H) of TREC Table 3");
  p.bytes("window.size", &S::window_bytes, 4 * kib, 16, mib,
          "Sub-vectors that wait for their bucket, or for their turn at the sums.", "decision");
}

void declare_buckets(ParameterSet<TrecSpec>& p) {
  using S = TrecSpec;
  p.integer("buckets.banks", &S::bucket_banks, 8, 1, 64, "",
            "Banks of the bucket table and of the sums; a sub-matrix column lies in one of them.",
            "decision: as gather.columns");
  p.bytes("bucket_table.size", &S::table_bytes, 64 * kib, 16, 64 * mib,
          "Bucket table: 2^H entries of 2 bytes for each column of a slice.", "decision: H up to 15");
  p.bytes("bucket_sums.size", &S::sum_store_bytes, 128 * kib, 64, 64 * mib,
          "Sums (3 bytes an element), counts and bucket numbers, both halves.",
          "decision: 32 buckets of the longest L of TREC Table 3 (432)");
  p.integer("bucket_sums.ports", &S::sum_ports, 2, 1, 2, "",
            "Ports of a bank: 2 reads one row and writes another in a cycle, 1 does one of them.", "decision");
  p.integer("accumulator.latency", &S::accumulate_latency, 3, 1, 16, "",
            "Cycles from reading a row of sums until its new value can be read.", "decision: read, add, write");
  p.boolean("accumulator.forwarding", &S::forwarding, true,
            "Sums under way are taken from the adders; false: a sub-vector waits until its row is written.",
            "decision");
}

void declare_rest(ParameterSet<TrecSpec>& p) {
  using S = TrecSpec;
  p.integer("mean.dividers", &S::dividers, 16, 1, 1024, "", "Elements of a centroid divided at once.", "decision");
  p.integer("mean.stages", &S::divider_stages, 8, 1, 64, "", "Pipeline stages of a divider.",
            "decision: a bit of the quotient each");
  p.bytes("centroids.size", &S::centroid_bytes, 32 * kib, 16, 64 * mib, "Centroids, both halves.",
          "decision: 32 buckets of the longest L of TREC Table 3 (432)");
  p.bytes("bucket_ids.size", &S::id_bytes, 64 * kib, 16, 64 * mib,
          "Slots of the sub-vectors of four slices, 2 bytes each.", "decision: 1024 rows of 8 columns");
  p.integer("gather.columns", &S::gather_columns, 8, 1, 64, "",
            "Columns whose products are added at once: banks of the product store, most columns of a slice.",
            "decision: reads as many bits a cycle as SB (8 x 32 sums of 32 bits)");
  p.integer("gather.stages", &S::gather_stages, 4, 2, 32, "",
            "Cycles from reading slots, products and sums until the new sums are written.",
            "decision: read, tree, addition, register");
  p.bytes("products.size", &S::product_bytes, 128 * kib, 64, 256 * mib,
          "Products of centroids and weights, both halves.", "decision: 32 buckets x 64 filters x 8 columns");
}

void declare_requirements(ParameterSet<TrecSpec>& p) {
  using S = TrecSpec;
  // These bound what a tile may be and nothing else.
  p.mapping_only({"mapper.slack", "mapper.redundancy", "hash_vectors.size", "bucket_table.size", "bucket_sums.size",
                  "centroids.size", "bucket_ids.size", "products.size"});
  p.require({"nfu.precision"}, "the reuse unit takes 8-bit values; nfu.precision must be 8",
            [](const S& s) { return s.precision_bits == 8; });
  p.require({"nbin.banks", "nbin.port", "hash.width"},
            "a half of NBin does not deliver the elements of a beat; nbin.banks / 2 x nbin.port must be at least "
            "hash.width x 8 bits",
            [](const S& s) { return s.nbin_banks / 2 * s.nbin_port_bits >= s.hash_width * 8; });
  p.require({"bucket_table.size", "bucket_sums.size", "buckets.banks"},
            "buckets.banks must divide bucket_table.size and bucket_sums.size",
            [](const S& s) { return s.table_bytes % s.bucket_banks == 0 && s.sum_store_bytes % s.bucket_banks == 0; });
  p.require({"products.size", "gather.columns"}, "gather.columns must divide products.size",
            [](const S& s) { return s.product_bytes % s.gather_columns == 0; });
}

ParameterSet<TrecSpec> declare() {
  ParameterSet<TrecSpec> p;
  p.inherit(diannao_parameters());
  declare_hashing(p);
  declare_buckets(p);
  declare_rest(p);
  declare_requirements(p);
  return p;
}

}  // namespace

const ParameterSet<TrecSpec>& trec_parameters() {
  static const ParameterSet<TrecSpec> parameters = declare();
  return parameters;
}

}  // namespace rebasis::arch
