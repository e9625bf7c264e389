// SmartDeal's mapper on random layers and configurations: work covered once, buffers not over-filled. Everything is
// counted again, element by element, from the blocks alone.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/property/sim/smartdeal_mapped_case.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;
using rebasis::sim::DramPort, rebasis::sim::TensorClass, rebasis::sim::tensor_classes, rebasis::sim::Transfer,
    rebasis::sim::MemorySpeed;
using test::MappedCase, test::for_feasible_cases, test::bytes_of;

namespace {

/// Filters of a candidate's slices.
std::vector<std::int64_t> filters_of(const Candidate& candidate, const PassRange& pass, const Mode& mode) {
  std::vector<std::int64_t> filters;
  for (std::int64_t slice = candidate.first_slice; slice < candidate.last_slice; ++slice) {
    for (std::int64_t i = slice; i < pass.filters; i += mode.slices) filters.push_back(pass.first_filter + i);
  }
  return filters;
}

/// How often each multiplication of a weight with an input inside the map is done: [m][c][r][s][e][f].
class Coverage {
 public:
  explicit Coverage(const LayerShape& shape) : shape_(shape), count_(static_cast<std::size_t>(shape.macs())) {}

  void add(std::int64_t m, std::int64_t c, std::int64_t r, std::int64_t s, std::int64_t e, std::int64_t f) {
    ++count_[index(m, c, r, s, e, f)];
  }
  /// Once where the kernel row meets an input row, never where it meets the padding above or below.
  [[nodiscard]] bool exact() const {
    for (std::int64_t m = 0; m < shape_.M; ++m)
      for (std::int64_t c = 0; c < shape_.channels_per_group(); ++c)
        for (std::int64_t r = 0; r < shape_.R; ++r)
          for (std::int64_t s = 0; s < shape_.S; ++s)
            for (std::int64_t e = 0; e < shape_.E(); ++e) {
              const std::int64_t h = e * shape_.stride_h + r * shape_.dilation_h - shape_.pad_top;
              const int expected = h >= 0 && h < shape_.H ? 1 : 0;
              for (std::int64_t f = 0; f < shape_.F(); ++f) {
                if (count_[index(m, c, r, s, e, f)] != expected) return false;
              }
            }
    return true;
  }

 private:
  [[nodiscard]] std::size_t index(std::int64_t m, std::int64_t c, std::int64_t r, std::int64_t s, std::int64_t e,
                                  std::int64_t f) const {
    const std::int64_t weight = ((m * shape_.channels_per_group() + c) * shape_.R + r) * shape_.S + s;
    return static_cast<std::size_t>((weight * shape_.E() + e) * shape_.F() + f);
  }
  const LayerShape& shape_;
  std::vector<std::uint8_t> count_;
};

/// Kernel row that reads input row h for output row e; -1 when none does.
std::int64_t kernel_row(const LayerShape& shape, std::int64_t e, std::int64_t h) {
  for (std::int64_t r = 0; r < shape.R; ++r) {
    if (e * shape.stride_h + r * shape.dilation_h - shape.pad_top == h) return r;
  }
  return -1;
}

void check_coverage(const MappedCase& c) {
  const LayerShape& shape = c.layer.data.shape();
  const WeightLayout& layout = c.layer.data.layout;
  const Mode mode = mode_of(shape, c.spec);
  const auto groups = tap_groups(shape, c.spec.dim_F, c.spec.fifo_entries());
  Coverage coverage(shape);
  bool rows_match = true;
  for (const Block& block : c.mapping.blocks) {
    for (std::int64_t t = block.first_tile; t < block.last_tile; ++t) {
      const Tile tile = tile_at(shape, c.spec.dim_F, t);
      for (std::int64_t lane = 0; lane < mode.lanes; ++lane) {
        for_each_candidate(shape, layout, mode, static_cast<std::int64_t>(groups.size()), block.pass, tile, lane,
                           [&](const Candidate& candidate) {
                             const std::int64_t r = kernel_row(shape, tile.e, candidate.h);
                             const std::int64_t channel = candidate.channel % shape.channels_per_group();
                             // The weight row that the pair names is the one that holds this channel and kernel row.
                             rows_match =
                                 rows_match && r >= 0 && candidate.line >= 0 && candidate.line < mode.lines &&
                                 candidate.row == (layout.channel_vectors ? channel / layout.n : channel * shape.R + r);
                             for (const std::int64_t m : filters_of(candidate, block.pass, mode)) {
                               rows_match = rows_match && m / shape.filters_per_group() ==
                                                              candidate.channel / shape.channels_per_group();
                               for (const std::int64_t s : groups[static_cast<std::size_t>(candidate.group)].taps) {
                                 for (std::int64_t f = 0; f < tile.width; ++f)
                                   coverage.add(m, channel, r, s, tile.e, tile.index * c.spec.dim_F + f);
                               }
                             }
                           });
      }
    }
  }
  CHECK(rows_match);
  CHECK(coverage.exact());
}

/// Elements of the input map that a block's loads bring, decoded from their addresses: [H][column tile][C][columns].
std::vector<std::size_t> loaded_elements(const Block& block, const LayerShape& shape, const arch::SmartDealSpec& spec) {
  std::vector<std::size_t> elements;
  const auto width = static_cast<std::uint64_t>(shape.W), channels = static_cast<std::uint64_t>(shape.C);
  const auto element = static_cast<std::uint64_t>(spec.element_bytes()),
             columns = static_cast<std::uint64_t>(spec.dim_F);
  for (const Transfer& transfer : block.loads) {
    if (transfer.tensor != TensorClass::inputs) continue;
    for (std::uint64_t byte = 0; byte < transfer.bytes; byte += element) {
      const std::uint64_t position = (transfer.address + byte - inputs_base) / element;
      const std::uint64_t h = position / (channels * width), in_row = position % (channels * width);
      const std::uint64_t tile = in_row / (channels * columns), in_tile = in_row % (channels * columns);
      const std::uint64_t tile_width = std::min(columns, width - tile * columns);
      const std::uint64_t c = in_tile / tile_width, w = tile * columns + in_tile % tile_width;
      elements.push_back(static_cast<std::size_t>((c * static_cast<std::uint64_t>(shape.H) + h) * width + w));
    }
  }
  return elements;
}

/// Rows (channel, h) that the lanes read in a block, as indices c * H + h.
std::set<std::size_t> rows_read(const MappedCase& c, const Block& block) {
  const LayerShape& shape = c.layer.data.shape();
  const Mode mode = mode_of(shape, c.spec);
  std::set<std::size_t> rows;
  std::int64_t last_e = -1;
  for (std::int64_t t = block.first_tile; t < block.last_tile; ++t) {
    const Tile tile = tile_at(shape, c.spec.dim_F, t);
    if (tile.e == last_e) continue;  // the tiles of an output row read the same rows
    last_e = tile.e;
    for (std::int64_t lane = 0; lane < mode.lanes; ++lane) {
      for_each_candidate(shape, c.layer.data.layout, mode, 1, block.pass, tile, lane, [&](const Candidate& candidate) {
        rows.insert(static_cast<std::size_t>(candidate.channel * shape.H + candidate.h));
      });
    }
  }
  return rows;
}

/// Every row that is read has been loaded; what must be kept from a load to its last use fits in the buffer. A block's
/// load arrives while the block before is in work.
void check_input_buffer(const MappedCase& c) {
  const LayerShape& shape = c.layer.data.shape();
  const auto& blocks = c.mapping.blocks;
  const auto width = static_cast<std::size_t>(shape.W);
  if (blocks.size() * static_cast<std::size_t>(shape.C * shape.H) > 400'000) return;  // time
  constexpr std::int64_t never = -1;
  struct Held {
    std::int64_t since = never, until = never;
  };
  std::vector<Held> held(static_cast<std::size_t>(shape.C * shape.H * shape.W));
  std::vector<std::int64_t> change(blocks.size() + 1, 0);  // elements held: difference from block to block
  const auto close = [&](const Held& h) {
    if (h.since == never) return;
    ++change[static_cast<std::size_t>(std::max<std::int64_t>(0, h.since - 1))];
    --change[static_cast<std::size_t>(h.until + 1)];
  };
  bool all_there = true;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto now = static_cast<std::int64_t>(i);
    for (const std::size_t element : loaded_elements(blocks[i], shape, c.spec)) {
      close(held[element]);
      held[element] = {now, now};
    }
    for (const std::size_t row : rows_read(c, blocks[i])) {
      for (std::size_t w = 0; w < width; ++w) {
        Held& h = held[row * width + w];
        all_there = all_there && h.since != never;
        if (h.since != never) h.until = now;
      }
    }
  }
  CHECK(all_there);
  for (const Held& h : held) close(h);
  std::int64_t elements = 0, most = 0;
  for (const std::int64_t step : change) {
    elements += step;
    most = std::max(most, elements);
  }
  CHECK(most * c.spec.element_bytes() <= c.spec.input_gb_bytes);
}

/// Bytes of a slice's filters in the pass: stored rows in their fixed width, and their bases.
std::int64_t slice_weight_bytes(const MappedCase& c, const Block& block, std::int64_t slice) {
  const LayerData& layer = c.layer.data;
  const WeightLayout& layout = layer.layout;
  const Mode mode = mode_of(layer.shape(), c.spec);
  const std::int64_t first = block.pass.first_unit * layout.rows_per_unit,
                     last = block.pass.last_unit * layout.rows_per_unit;
  std::int64_t bytes = 0;
  for (std::int64_t i = slice; i < block.pass.filters; i += mode.slices) {
    if (!layout.compressed) {
      bytes += (last - first) * layout.n * c.spec.element_bytes();
      continue;
    }
    std::set<std::int64_t> bases;
    std::int64_t stored = 0;
    for (std::int64_t row = first; row < last; ++row) {
      bases.insert(layout.basis_of_row[static_cast<std::size_t>(row)]);
      stored +=
          layer.nonzeros[static_cast<std::size_t>((block.pass.first_filter + i) * layout.rows + row)] != 0 ? 1 : 0;
    }
    bytes += ceil_div<std::int64_t>(stored * layout.row_bits, 8);
    bytes += static_cast<std::int64_t>(bases.size()) * layout.n * layout.n * c.spec.element_bytes();
  }
  return bytes;
}

void check_weight_and_index_buffers(const MappedCase& c) {
  bool weights = true, index = true;
  for (const Block& block : c.mapping.blocks) {
    if (!block.new_weights) continue;
    for (std::int64_t slice = 0; slice < c.spec.dim_M; ++slice) {
      weights = weights && 2 * slice_weight_bytes(c, block, slice) <= c.spec.weight_buffer_bytes;
    }
    const WeightLayout& layout = c.layer.data.layout;
    const std::int64_t rows =
        block.pass.filters * (block.pass.last_unit - block.pass.first_unit) * layout.rows_per_unit;
    index = index && (!layout.compressed || 2 * ceil_div<std::int64_t>(rows, 8) <= c.spec.index_gb_bytes);
    index = index && 2 * block.index_buffer_bytes <= static_cast<std::uint64_t>(c.spec.index_gb_bytes);
  }
  CHECK(weights);
  CHECK(index);
}

void check_output_buffer(const MappedCase& c) {
  const auto batches = output_batches(c.layer.data.shape(), c.mapping, c.spec);
  CHECK(c.mapping.batch_bytes * static_cast<std::uint64_t>(c.mapping.output_slots) <=
        static_cast<std::uint64_t>(c.spec.output_gb_bytes));
  std::size_t groups = 0, emitted = 0;
  for (const OutputBatch& batch : batches) {
    CHECK(std::max(bytes_of(batch.writes), bytes_of(batch.partial_sums)) <= c.mapping.batch_bytes);
    groups += batch.groups;
  }
  for (const Block& block : c.mapping.blocks)
    emitted += block.emits ? static_cast<std::size_t>(block.last_tile - block.first_tile) : 0;
  CHECK(groups == emitted);
}

}  // namespace

TEST_CASE("every multiplication is done exactly once") { CHECK(for_feasible_cases(150, check_coverage) > 80); }

TEST_CASE("the input buffer holds what is read and is never over-filled") {
  CHECK(for_feasible_cases(200, check_input_buffer) > 100);
}

TEST_CASE("weights, index and outputs fit in their buffers") {
  const int feasible = for_feasible_cases(400, [](const MappedCase& c) {
    check_weight_and_index_buffers(c);
    check_output_buffer(c);
  });
  CHECK(feasible > 200);
}

TEST_CASE("all loop orders occur in the cases above") {
  std::set<std::string> orders;
  for_feasible_cases(400, [&](const MappedCase& c) { orders.insert(c.mapping.order); });
  CHECK(orders == std::set<std::string>{"input-stationary", "restream", "spill", "weight-stationary"});
}
