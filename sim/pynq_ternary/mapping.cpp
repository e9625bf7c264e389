#include "sim/pynq_ternary/mapping.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/error.h"
#include "common/units.h"
#include "sim/pynq_ternary/cost.h"

namespace rebasis::sim::pynq_ternary {

namespace {

using Spec = arch::PynqTernarySpec;

/// 16-bit words of the fullest bank of the input buffer: C_g x K_h banks, each a channel and a row of the window; units
/// of several times C_g channels use the row banks that the kernel leaves free.
std::int64_t bank_words(const Job& job, const TileSize& size) {
  const LayerShape& shape = job.shape();
  const auto span = [](std::int64_t outputs, std::int64_t stride, std::int64_t taps, std::int64_t dilation,
                       std::int64_t map) { return std::min(map, (outputs - 1) * stride + (taps - 1) * dilation + 1); };
  const std::int64_t rows = span(size.rows, shape.stride_h, shape.R, shape.dilation_h, shape.H);
  const std::int64_t columns = span(size.columns, shape.stride_w, shape.S, shape.dilation_w, shape.W);
  const std::int64_t channels = job.on_pes() ? unit_channels(shape, job.spec) : job.spec.pe_channels;
  const std::int64_t row_banks = std::max<std::int64_t>(1, job.spec.pe_rows * job.spec.pe_channels / channels);
  return size.groups * ceil_div(size.channels, channels) * ceil_div(rows, row_banks) * columns;
}

std::int64_t bank_capacity(const Spec& spec) {
  return spec.input_buffer_bytes / Spec::activation_bytes / (spec.pe_channels * spec.pe_rows);
}

bool whole_map(const LayerShape& shape, const TileSize& size) {
  return size == TileSize{shape.groups, shape.filters_per_group(), shape.channels_per_group(), shape.E(), shape.F()} ||
         (size.groups == shape.groups && size.channels == shape.channels_per_group() && size.rows == shape.E() &&
          size.columns == shape.F());
}

/// Stored bytes and passes by unit, as tables over (filter, first channel of the unit).
struct Tables {
  WeightTable bytes, passes;
};

std::shared_ptr<const Tables> tables_of(const Job& job) {
  const LayerShape& shape = job.shape();
  const std::int64_t taps = shape.R * shape.S, bits = job.on_pes() ? job.spec.weight_bits() : Spec::engine_weight_bits;
  if (!job.on_pes()) {
    const auto bytes = static_cast<std::uint64_t>(taps);
    return std::make_shared<const Tables>(Tables{{shape, [bytes](std::int64_t, std::int64_t) { return bytes; }},
                                                 {shape, [](std::int64_t, std::int64_t) { return 0; }}});
  }
  const UnitTable& units = job.units;
  const auto of_unit = [&](std::int64_t c) { return c % units.channels() == 0; };
  const auto bytes = [&](std::int64_t m, std::int64_t c) -> std::uint64_t {
    const std::int64_t unit = c / units.channels();
    if (!of_unit(c) || (job.spec.stores_nonzero_only() && !units.nonzero(m, unit))) return 0;
    return static_cast<std::uint64_t>(ceil_div<std::int64_t>(units.channels_of(unit) * taps * bits, 8));
  };
  const auto passes = [&](std::int64_t m, std::int64_t c) -> std::uint64_t {
    return of_unit(c) && (!job.spec.skip_groups || units.nonzero(m, c / units.channels())) ? 1 : 0;
  };
  return std::make_shared<const Tables>(Tables{{shape, bytes}, {shape, passes}});
}

/// What does not change with the cut of the map.
TilingProblem common_problem(const Job& job) {
  const Spec& spec = job.spec;
  TilingProblem problem;
  problem.shape = job.shape();
  problem.layer = job.layer.info.name;
  problem.input_bytes = problem.output_bytes = Spec::activation_bytes;
  problem.partial_sum_bytes = problem.accumulator_bytes = Spec::accumulator_bytes;
  problem.input_buffer = spec.input_buffer_bytes;
  problem.weight_buffer = spec.weight_buffer_bytes;
  problem.output_buffer = spec.output_buffer_bytes;
  problem.banks = spec.overlap ? 2 : 1;
  problem.granule.filters = job.on_pes() ? spec.pes : 1;
  problem.granule.channels = job.on_pes() ? job.units.channels() : spec.pe_channels;
  return problem;
}

TilingProblem problem_of(const Job& job, const std::shared_ptr<const Tables>& tables, std::int64_t rows,
                         std::int64_t columns) {
  TilingProblem problem = common_problem(job);
  problem.granule.rows = rows;
  problem.granule.columns = columns;
  problem.weights = [tables, &job](const ConvTile& tile) {
    const auto filters = static_cast<std::uint64_t>(tile.groups.size() * tile.filters.size());
    const std::uint64_t own = tile.first_chunk ? filters * static_cast<std::uint64_t>(job.layer.bytes_per_filter) : 0;
    const bool indexed = job.on_pes() && job.spec.skip_groups;
    // The index bits of a filter begin at a byte, so that any filters can be loaded alone.
    const std::uint64_t index = indexed ? filters * static_cast<std::uint64_t>(ceil_div<std::int64_t>(
                                                        units_of(tile, job.units.channels()).size(), 8))
                                        : 0;
    return WeightBytes{tables->bytes.sum(tile) + own, index};
  };
  problem.cycles = [tables, &job, rows, columns](const ConvTile& tile) {
    return estimate_cycles(job, tile, {rows, columns}, static_cast<double>(tables->passes.sum(tile)));
  };
  problem.allowed = [&job, rows, columns](const TileSize& size) {
    const std::int64_t halves = job.spec.overlap && !whole_map(job.shape(), size) ? 2 : 1;
    return size.rows == rows && size.columns == columns && halves * bank_words(job, size) <= bank_capacity(job.spec);
  };
  return problem;
}

/// The whole, its halves, quarters ... down to 1.
std::vector<std::int64_t> halvings(std::int64_t whole) {
  std::vector<std::int64_t> list{whole};
  while (list.back() > 1) list.push_back(ceil_div<std::int64_t>(list.back(), 2));
  return list;
}

/// What the mapper sees of the memory: the slower of DRAM and AXI ports.
MemorySpeed port_speed(const Spec& spec, MemorySpeed memory) {
  memory.bytes_per_cycle = std::min(memory.bytes_per_cycle, static_cast<double>(spec.axi_ports * Spec::axi_beat_bytes));
  memory.latency += static_cast<double>(spec.axi_latency);
  return memory;
}

bool better(const Tiling& a, const Tiling& b, const std::string& objective) {
  const auto traffic = [](const Tiling& t) { return static_cast<double>(t.dram.total()); };
  if (objective == "latency")
    return std::pair(a.estimated_cycles, traffic(a)) < std::pair(b.estimated_cycles, traffic(b));
  return std::pair(traffic(a), a.estimated_cycles) < std::pair(traffic(b), b.estimated_cycles);
}

/// Checks that the smallest tile fits the input buffer's banks.
void require_input_fits(const Job& job) {
  const LayerShape& shape = job.shape();
  const TileSize least{
      1, 1, std::min(job.on_pes() ? job.units.channels() : job.spec.pe_channels, shape.channels_per_group()), 1, 1};
  const std::int64_t halves = job.spec.overlap && !whole_map(shape, least) ? 2 : 1;
  const std::int64_t words = halves * bank_words(job, least);
  if (words <= bank_capacity(job.spec)) return;
  const std::int64_t banks = job.spec.pe_channels * job.spec.pe_rows;
  fail_infeasible("layer " + job.layer.info.name + " does not fit: one output of it needs " + std::to_string(words) +
                  " words in each of the " + std::to_string(banks) + " banks of the input buffer; input_buffer.size " +
                  std::to_string(words * banks * Spec::activation_bytes) + " would hold them");
}

/// The output buffer holds as many tiles as fit: results wait there for the output path and the DRAM.
void use_output_buffer(const Job& job, StepPlan& steps) {
  if (!job.spec.overlap || steps.output_banks == 1) return;
  std::int64_t largest = 1;
  for (const Step& step : steps.steps) largest = std::max(largest, outputs_of(step.tile));
  steps.output_banks = std::max(
      steps.output_banks, static_cast<std::size_t>(job.spec.output_buffer_bytes / (largest * Spec::accumulator_bytes)));
  steps.result_slots = steps.output_banks;
}

}  // namespace

TilingProblem tiling_problem(const Job& job, std::int64_t rows, std::int64_t columns) {
  return problem_of(job, tables_of(job), rows, columns);
}

MappedLayer map_layer(const Job& job, const MemorySpeed& memory) {
  require_input_fits(job);
  const auto tables = tables_of(job);
  const MemorySpeed speed = port_speed(job.spec, memory);
  MappedLayer best;
  bool found = false;
  std::string misfit;
  for (const std::int64_t columns : halvings(job.shape().F())) {
    for (const std::int64_t rows : halvings(job.shape().E())) {
      const TilingProblem problem = problem_of(job, tables, rows, columns);
      try {
        const Tiling tiling = best_tiling(problem, job.spec.objective, speed);
        if (!found || better(tiling, best.tiling, job.spec.objective)) best = {tiling, {}};
        found = true;
      } catch (const Error& error) {
        if (error.status() != Status::infeasible) throw;
        misfit = error.what();  // sizes shrink: the last is the smallest
      }
    }
    if (found) break;
  }
  if (!found) fail_infeasible(misfit);
  best.steps = tile_steps(problem_of(job, tables, best.tiling.size.rows, best.tiling.size.columns), best.tiling);
  use_output_buffer(job, best.steps);
  return best;
}

}  // namespace rebasis::sim::pynq_ternary
