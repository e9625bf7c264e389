#include "arch/trec/srams.h"

#include <bit>

#include "arch/diannao/srams.h"

namespace rebasis::arch {

namespace {

constexpr std::int64_t widest_port = 128;  ///< bits of a macro, as DianNao's SB; wider rows lie across several

/// Of a memory of `bytes` bytes in `banks` banks that each deliver `row_bits` bits in a cycle.
SramBanks wide(const std::string& component, std::int64_t bytes, std::int64_t banks, std::int64_t row_bits) {
  const auto wanted = static_cast<std::uint64_t>(std::max<std::int64_t>(1, ceil_div(row_bits, widest_port)));
  const std::int64_t macros = banks * static_cast<std::int64_t>(std::bit_ceil(wanted));
  return banked(component, 1, bytes, macros, banks * row_bits);
}

}  // namespace

std::vector<SramBanks> sram_banks(const TrecSpec& spec) {
  const DianNaoSpec& base = spec;
  std::vector<SramBanks> memories = sram_banks(base);
  const std::int64_t columns = spec.gather_columns;
  const std::int64_t sums_row = spec.hash_width * TrecSpec::bucket_sum_bytes * 8;
  memories.push_back(wide("hash_vectors", spec.hash_vector_bytes, 1, spec.hash_lanes * spec.hash_width * 8));
  memories.push_back(wide("window", spec.window_bytes, 1, spec.hash_width * 8));
  memories.push_back(banked("bucket_table", 1, spec.table_bytes, spec.bucket_banks, spec.bucket_banks * 16));
  memories.push_back(wide("bucket_sums", spec.sum_store_bytes, spec.bucket_banks, sums_row));
  memories.push_back(wide("centroids", spec.centroid_bytes, 1, std::max(spec.Ti, spec.dividers) * 8));
  memories.push_back(banked("bucket_ids", 1, spec.id_bytes, columns, columns * 16));
  memories.push_back(wide("products", spec.product_bytes, columns, spec.Tn * spec.sum_bits));
  return memories;
}

std::int64_t reuse_sram_bytes(const TrecSpec& spec) {
  return spec.hash_vector_bytes + spec.window_bytes + spec.table_bytes + spec.sum_store_bytes + spec.centroid_bytes +
         spec.id_bytes + spec.product_bytes;
}

}  // namespace rebasis::arch
