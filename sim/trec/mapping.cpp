#include "sim/trec/mapping.h"

#include <optional>
#include <tuple>
#include <utility>

#include "common/error.h"
#include "sim/core/tiling/tiling.h"

namespace rebasis::sim::trec {

namespace {

std::int64_t total(const std::vector<Range>& runs) {
  std::int64_t sum = 0;
  for (const Range& run : runs) sum += run.size();
  return sum;
}

/// `size`, its half, ... 1, rounded up.
std::vector<std::int64_t> halves(std::int64_t size) {
  std::vector<std::int64_t> list{size};
  while (list.back() > 1) list.push_back(ceil_div<std::int64_t>(list.back(), 2));
  return list;
}

/// Input rows that tiles of some output rows need.
struct RowCut {
  std::int64_t first = 0, largest = 0, sum = 0;
};

RowCut cut_rows(const LayerShape& shape, std::int64_t rows) {
  RowCut cut;
  for (std::int64_t e = 0; e < shape.E(); e += rows) {
    const std::int64_t needed = total(needed_rows(shape, {e, std::min(e + rows, shape.E())}));
    if (e == 0) cut.first = needed;
    cut.largest = std::max(cut.largest, needed);
    cut.sum += needed;
  }
  return cut;
}

/// One candidate and the memories it needs.
class Candidate {
 public:
  Candidate(const ReuseLayer& layer, const arch::TrecSpec& spec, const Mapping& mapping, const RowCut& rows)
      : layer_(layer),
        shape_(layer.shape()),
        spec_(spec),
        map_(mapping),
        rows_(rows),
        row_tiles_(ceil_div(shape_.E(), map_.rows)),
        filter_tiles_(ceil_div(shape_.filters_per_group(), map_.filters)),
        chunks_(ceil_div(layer.columns(), map_.columns)),
        slices_(ceil_div(map_.columns, map_.slice)),
        sub_vectors_(map_.rows * shape_.F()),
        slots_(layer.hash.hashes < 32 ? std::min(std::int64_t{1} << layer.hash.hashes, sub_vectors_) : sub_vectors_) {}

  /// Empty when everything fits; otherwise the memory and what it would need.
  [[nodiscard]] std::string misfit() const {
    if (sub_vectors_ > arch::TrecSpec::most_rows)
      return "a tile of " + std::to_string(sub_vectors_) + " sub-vectors of a column, of at most " +
             std::to_string(arch::TrecSpec::most_rows);
    for (const auto& [what, needed, held] : needs()) {
      if (needed > held)
        return std::string(what) + " of " + std::to_string(held) + " bytes, " + std::to_string(needed) + " needed";
    }
    return {};
  }
  [[nodiscard]] Mapping estimated(const MemorySpeed& memory) const {
    Mapping result = map_;
    result.dram_bytes = static_cast<std::uint64_t>(input_bytes() + weight_bytes() + shape_.M * shape_.E() * shape_.F() +
                                                   layer_.hash.hashes * layer_.hash.length);
    const double steps = static_cast<double>(shape_.groups * row_tiles_ * filter_tiles_ * chunks_);
    const double transfers = static_cast<double>(result.dram_bytes) / memory.bytes_per_cycle;
    const double work = steps * step_cycles();
    // The first tiles come before any work, the last leave after it; between them both overlap.
    const double alone = std::min(transfers, static_cast<double>(first_bytes()) / memory.bytes_per_cycle);
    result.estimated_cycles = alone + std::max(work, transfers - alone) + memory.latency + steps * 2;
    return result;
  }

 private:
  using Need = std::tuple<const char*, std::int64_t, std::int64_t>;
  [[nodiscard]] std::vector<Need> needs() const;
  [[nodiscard]] double step_cycles() const;
  [[nodiscard]] std::int64_t input_bytes() const;
  [[nodiscard]] std::int64_t weight_bytes() const;
  /// Loads of the first step and stores of the last.
  [[nodiscard]] std::int64_t first_bytes() const;
  /// Half of a buffer unless a single tile is ever in it.
  [[nodiscard]] static std::int64_t room(std::int64_t bytes, std::int64_t tiles) {
    return tiles > 1 ? bytes / 2 : bytes;
  }
  /// Bytes of `banks` banks that a column of the slice has for itself.
  [[nodiscard]] std::int64_t share(std::int64_t bytes, std::int64_t banks) const {
    const std::int64_t bank = bytes / banks;
    return map_.slice <= banks ? bank * (banks / map_.slice) : bank / ceil_div(map_.slice, banks);
  }

  const ReuseLayer& layer_;
  const LayerShape& shape_;
  const arch::TrecSpec& spec_;
  const Mapping& map_;
  const RowCut& rows_;
  std::int64_t row_tiles_, filter_tiles_, chunks_, slices_;
  std::int64_t sub_vectors_;  ///< of a column
  std::int64_t slots_;        ///< buckets at most
};

std::vector<Candidate::Need> Candidate::needs() const {
  using S = arch::TrecSpec;
  const std::int64_t groups = shape_.groups, length = layer_.hash.length, hashes = layer_.hash.hashes;
  const std::int64_t halves = std::min<std::int64_t>(2, slices_);
  const std::int64_t kernel = shape_.R * shape_.S;
  const std::int64_t elements = std::min(map_.columns * length, layer_.depth());
  const std::int64_t channels = std::min(shape_.channels_per_group(), ceil_div(elements - 1, kernel) + 1);
  const std::int64_t output_bytes = layer_.columns() <= map_.slice ? spec_.element_bytes() : spec_.sum_bytes();
  const std::int64_t spatial = groups * row_tiles_;
  return {
      {"nbin.size", rows_.largest * shape_.W * channels, room(spec_.nbin_bytes, spatial * chunks_)},
      {"sb.size", map_.filters * (elements + (layer_.dense.has_bias ? bias_size : 0)),
       room(spec_.sb_bytes, groups * filter_tiles_ * chunks_)},
      {"nbout.size", sub_vectors_ * map_.filters * output_bytes, room(spec_.nbout_bytes, spatial * filter_tiles_)},
      {"hash_vectors.size", hashes * length, spec_.hash_vector_bytes},
      {"window.size", ceil_div(length, spec_.hash_width) * spec_.hash_width, spec_.window_bytes},
      {"bucket_table.size (the share of a column)", (std::int64_t{1} << hashes) * S::entry_bytes,
       share(spec_.table_bytes, spec_.bucket_banks)},
      {"bucket_sums.size (the share of a column)",
       halves * slots_ * (length * S::bucket_sum_bytes + S::count_bytes + S::entry_bytes),
       share(spec_.sum_store_bytes, spec_.bucket_banks)},
      {"centroids.size", halves * map_.slice * slots_ * length, spec_.centroid_bytes},
      {"bucket_ids.size", std::min(slices_, S::id_banks) * map_.slice * sub_vectors_ * S::id_entry_bytes,
       spec_.id_bytes},
      {"products.size (the share of a column)", halves * slots_ * map_.filters * spec_.sum_bytes(),
       share(spec_.product_bytes, spec_.gather_columns)},
  };
}

double Candidate::step_cycles() const {
  const std::int64_t length = layer_.hash.length;
  const std::int64_t at_once = std::min(spec_.columns_at_once(length), map_.slice);
  const std::int64_t passes = ceil_div(layer_.hash.hashes, spec_.hash_lanes);
  const std::int64_t beats = ceil_div(map_.slice, at_once) * ceil_div(length, spec_.hash_width) * passes;
  // Buckets in use in the whole map; a tile sees no more of them than it has sub-vectors.
  const double map_rows = static_cast<double>(shape_.E() * shape_.F());
  const double in_use = std::max(1.0, map_rows * (1 - spec_.expected_redundancy));
  const double centroids = static_cast<double>(map_.slice) * std::min(in_use, static_cast<double>(slots_));
  const std::int64_t blocks = ceil_div(map_.filters, spec_.Tn);
  const double hash = static_cast<double>(sub_vectors_ * beats);
  const double mean = centroids * static_cast<double>(ceil_div(length, spec_.dividers));
  const double product = centroids * static_cast<double>(ceil_div(length, spec_.Ti) * blocks);
  const double sums = static_cast<double>(sub_vectors_ * blocks);
  return hash + mean + product + sums + static_cast<double>(slices_ - 1) * std::max({hash, mean, product, sums});
}

std::int64_t Candidate::first_bytes() const {
  const std::int64_t elements = std::min(map_.columns * layer_.hash.length, layer_.depth());
  const std::int64_t channels = ceil_div(elements, shape_.R * shape_.S);
  return rows_.first * shape_.W * channels + map_.filters * elements + sub_vectors_ * map_.filters;
}

std::int64_t Candidate::input_bytes() const {
  const bool kept = map_.filters_outside ? row_tiles_ * chunks_ == 1 : chunks_ == 1;
  return rows_.sum * shape_.W * shape_.C * (kept ? 1 : filter_tiles_);
}

std::int64_t Candidate::weight_bytes() const {
  const bool kept = map_.filters_outside ? chunks_ == 1 : filter_tiles_ * chunks_ == 1;
  return (shape_.weights() + (layer_.dense.has_bias ? shape_.M * bias_size : 0)) * (kept ? 1 : row_tiles_);
}

}  // namespace

std::int64_t window_depth(const ReuseLayer& layer, const arch::TrecSpec& spec) {
  return spec.window_bytes / (ceil_div(layer.hash.length, spec.hash_width) * spec.hash_width);
}

std::map<std::string, std::string> Mapping::describe() const {
  return {{"loop_order", filters_outside ? "filters, rows, columns" : "rows, filters, columns"},
          {"tile", "M " + std::to_string(filters) + ", E " + std::to_string(rows) + ", sub-matrix columns " +
                       std::to_string(columns)},
          {"slice", std::to_string(slice) + " sub-matrix columns"}};
}

namespace {

/// Every mapping that fits, with its estimates; `misfit` becomes what the smallest would need.
std::vector<Mapping> feasible_mappings(const ReuseLayer& layer, const arch::TrecSpec& spec, const MemorySpeed& memory,
                                       std::string& misfit) {
  std::vector<Mapping> fitting;
  const auto consider = [&](const Mapping& mapping, const RowCut& cut) {
    const Candidate candidate(layer, spec, mapping, cut);
    std::string needed = candidate.misfit();
    if (needed.empty())
      fitting.push_back(candidate.estimated(memory));
    else
      misfit = std::move(needed);
  };
  for (const std::int64_t rows : halves(layer.shape().E())) {
    const RowCut cut = cut_rows(layer.shape(), rows);
    for (const std::int64_t filters : halves(layer.shape().filters_per_group())) {
      for (const std::int64_t columns : halves(layer.columns())) {
        for (std::int64_t slice = std::min(columns, spec.gather_columns); slice >= 1; --slice) {
          for (const bool outside : {false, true}) consider({rows, filters, columns, slice, outside}, cut);
        }
      }
    }
  }
  return fitting;
}

double traffic(const Mapping& mapping) { return static_cast<double>(mapping.dram_bytes); }
double time(const Mapping& mapping) { return mapping.estimated_cycles; }

/// Keeps what is within `slack` of the least.
void keep_least(std::vector<Mapping>& mappings, double (*value)(const Mapping&), double slack) {
  double least = value(mappings.front());
  for (const Mapping& mapping : mappings) least = std::min(least, value(mapping));
  std::erase_if(mappings, [&](const Mapping& mapping) { return value(mapping) > least * (1 + slack); });
}

}  // namespace

Mapping best_mapping(const ReuseLayer& layer, const arch::TrecSpec& spec, const MemorySpeed& memory) {
  std::string misfit;
  std::vector<Mapping> mappings = feasible_mappings(layer, spec, memory, misfit);
  if (mappings.empty())
    fail_infeasible("layer " + layer.dense.info.name + " does not fit: " + misfit + "; use a larger memory");
  const bool latency = spec.objective == "latency";
  keep_least(mappings, latency ? time : traffic, spec.mapping_slack);
  keep_least(mappings, latency ? traffic : time, spec.mapping_slack);
  // Buckets are shared within a tile: the fewest tiles of rows are nearest to the definition of reuse.
  const auto rank = [&](const Mapping& mapping) { return std::tuple(-mapping.rows, time(mapping), traffic(mapping)); };
  return *std::min_element(mappings.begin(), mappings.end(),
                           [&](const Mapping& a, const Mapping& b) { return rank(a) < rank(b); });
}

DramBytes compulsory_traffic(const ReuseLayer& layer) {
  const LayerShape& shape = layer.shape();
  DramBytes bytes;
  bytes.weights = static_cast<std::uint64_t>(shape.weights() + (layer.dense.has_bias ? shape.M * bias_size : 0));
  bytes.index = static_cast<std::uint64_t>(layer.hash.hashes * layer.hash.length);
  bytes.inputs = static_cast<std::uint64_t>(shape.C * total(needed_rows(shape, {0, shape.E()})) *
                                            total(needed_columns(shape, {0, shape.F()})));
  bytes.outputs = static_cast<std::uint64_t>(shape.M * shape.E() * shape.F());
  return bytes;
}

}  // namespace rebasis::sim::trec
