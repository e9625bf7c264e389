#include "sim/smartdeal/clocked/packet.h"

#include <algorithm>

namespace rebasis::sim::smartdeal {

std::vector<TileStep> tile_steps(const LayerShape& shape, const Mapping& mapping, std::int64_t dim_F) {
  std::vector<TileStep> steps;
  std::size_t first_of_epoch = 0;
  std::int64_t epoch = -1;
  const auto close_epoch = [&] {
    for (std::size_t i = first_of_epoch; i < steps.size(); ++i)
      steps[i].resident_tiles = static_cast<std::int64_t>(steps.size() - first_of_epoch);
  };
  for (std::size_t b = 0; b < mapping.blocks.size(); ++b) {
    const Block& block = mapping.blocks[b];
    if (block.new_weights) {
      close_epoch();
      first_of_epoch = steps.size();
      ++epoch;
    }
    for (std::int64_t t = block.first_tile; t < block.last_tile; ++t) {
      steps.push_back(
          {b, t, tile_at(shape, dim_F, t), static_cast<std::int64_t>(steps.size() - first_of_epoch), epoch, 0});
    }
  }
  close_epoch();
  return steps;
}

Context::Context(const LayerJob& layer_job)
    : job(layer_job),
      spec(layer_job.spec),
      shape(layer_job.layer.shape()),
      layout(layer_job.layer.layout),
      mode(mode_of(shape, spec)),
      groups(tap_groups(shape, spec.dim_F, spec.fifo_entries())),
      steps(tile_steps(shape, layer_job.mapping, spec.dim_F)),
      engines(spec.rebuild_engines / mode.clusters) {}

std::vector<std::int64_t> Context::filters(std::size_t step, std::int64_t slice) const {
  const PassRange& pass = block(step).pass;
  std::vector<std::int64_t> result;
  for (std::int64_t i = slice; i < pass.filters; i += mode.slices) result.push_back(pass.first_filter + i);
  return result;
}

bool Context::slice_needs(std::size_t step, std::int64_t slice, std::int64_t row) const {
  const PassRange& pass = block(step).pass;
  for (std::int64_t i = slice; i < pass.filters; i += mode.slices) {
    if (!row_is_zero(pass.first_filter + i, row)) return true;
  }
  return false;
}

std::int64_t Context::bases(std::size_t step) const {
  if (!layout.compressed) return 0;
  const PassRange& pass = block(step).pass;
  const auto basis = [&](std::int64_t unit_row) { return layout.basis_of_row[static_cast<std::size_t>(unit_row)]; };
  return basis(pass.last_unit * layout.rows_per_unit - 1) - basis(pass.first_unit * layout.rows_per_unit) + 1;
}

std::int64_t Context::region(std::size_t step, std::int64_t row) const {
  if (!layout.compressed) return -1;
  const std::int64_t first = block(step).pass.first_unit * layout.rows_per_unit;
  const std::int64_t basis =
      layout.basis_of_row[static_cast<std::size_t>(row)] - layout.basis_of_row[static_cast<std::size_t>(first)];
  const std::int64_t count = bases(step);
  return count <= engines ? basis : steps[step].since_weights * count + basis;
}

std::int64_t Context::last_region(std::size_t step) const {
  const std::int64_t count = bases(step);
  return count <= engines ? count - 1 : steps[step].resident_tiles * count - 1;
}

}  // namespace rebasis::sim::smartdeal
