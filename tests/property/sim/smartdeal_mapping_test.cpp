// SmartDeal's mapper on random layers and configurations: work covered once, buffers not over-filled, transfers that
// add up. Everything is counted again, element by element, from the blocks alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/units.h"
#include "sim/smartdeal/dram_layout.h"
#include "tests/support/random_layer.h"
#include "tests/unit/sim/smartdeal_case.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;
using rebasis::sim::DramPort, rebasis::sim::TensorClass, rebasis::sim::tensor_classes, rebasis::sim::Transfer,
    rebasis::sim::MemorySpeed;

namespace {

struct MappedCase {
  test::RandomLayer layer;
  arch::SmartDealSpec spec;
  Mapping mapping;
};

/// Runs `check` on every feasible case of `seeds` random ones; returns how many there were.
template <class Check>
int for_feasible_cases(std::uint64_t seeds, Check&& check) {
  int feasible = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    test::Dice dice(seed + 50'000);
    MappedCase c;
    c.layer = test::random_layer(dice);
    c.spec = test::random_spec(dice);
    INFO("seed " << seed << ": " << test::describe(c.layer, c.spec));
    try {
      const auto memory = test::memory_of(c.spec);
      c.mapping = map_layer(c.layer.data, c.spec, speed_of(*memory));
    } catch (const Error& error) {
      REQUIRE(error.status() == Status::infeasible);
      const std::string message = error.what();
      CHECK(message.find("layer 'random'") == 0);
      const auto names = [&](const char* buffer) { return message.find(buffer) != std::string::npos; };
      CHECK(
          (names("weight_buffer.size") || names("index_gb.size") || names("input_gb.size") || names("output_gb.size")));
      continue;
    }
    ++feasible;
    INFO("order " << c.mapping.order << ", chunks " << c.mapping.chunks << ", blocks " << c.mapping.blocks.size());
    check(c);
  }
  return feasible;
}

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

std::uint64_t bytes_of(const std::vector<Transfer>& transfers) {
  std::uint64_t bytes = 0;
  for (const Transfer& transfer : transfers) bytes += transfer.bytes;
  return bytes;
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

/// Non-overlapping intervals of bytes.
class Bytes {
 public:
  /// False when part of it is there already.
  bool add(std::uint64_t first, std::uint64_t bytes) {
    const auto next = intervals_.lower_bound(first);
    if (next != intervals_.end() && next->first < first + bytes) return false;
    if (next != intervals_.begin() && std::prev(next)->second > first) return false;
    intervals_[first] = first + bytes;
    total_ += bytes;
    return true;
  }
  [[nodiscard]] bool contains(std::uint64_t first, std::uint64_t bytes) const {
    for (std::uint64_t at = first; at < first + bytes;) {
      auto interval = intervals_.upper_bound(at);
      if (interval == intervals_.begin() || (--interval)->second <= at) return false;
      at = interval->second;
    }
    return true;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  std::map<std::uint64_t, std::uint64_t> intervals_;
  std::uint64_t total_ = 0;
};

void check_traffic(const MappedCase& c) {
  std::array<std::uint64_t, tensor_classes> sums{};
  std::map<std::uint64_t, std::pair<TensorClass, std::uint64_t>> longest;  // address -> tensor, bytes
  const LayerShape& shape = c.layer.data.shape();
  const std::uint64_t input_end =
      inputs_base + static_cast<std::uint64_t>(shape.C * shape.H * shape.W * c.spec.element_bytes());
  bool placed = true;
  for (const Block& block : c.mapping.blocks) {
    for (const Transfer& transfer : block.loads) {
      sums[static_cast<std::size_t>(transfer.tensor)] += transfer.bytes;
      if (transfer.tensor == TensorClass::inputs) {
        placed = placed && transfer.address >= inputs_base && transfer.address + transfer.bytes <= input_end;
        continue;
      }
      placed = placed && transfer.address + transfer.bytes <= inputs_base;
      auto& [tensor, bytes] = longest.try_emplace(transfer.address, transfer.tensor, 0).first->second;
      placed = placed && tensor == transfer.tensor;  // the same address is the same piece
      bytes = std::max(bytes, transfer.bytes);
    }
  }
  CHECK(placed);
  Bytes weights;
  bool disjoint = true;
  for (const auto& [address, piece] : longest) disjoint = disjoint && weights.add(address, piece.second);
  CHECK(disjoint);
  for (const OutputBatch& batch : output_batches(shape, c.mapping, c.spec)) {
    sums[static_cast<std::size_t>(TensorClass::outputs)] += bytes_of(batch.writes) + bytes_of(batch.partial_sums);
  }
  CHECK(c.mapping.dram == sim::DramBytes{sums[0], sums[1], sums[2], sums[3], sums[4]});
  const sim::DramBytes least = compulsory_traffic(c.layer.data, c.spec);
  CHECK(sums[0] >= least.weights);
  CHECK(sums[1] >= least.basis);
  CHECK(sums[2] >= least.index);
  CHECK(sums[3] >= least.inputs);
  CHECK(sums[4] >= least.outputs);
}

/// Outputs are written once each; partial sums are read where an earlier batch, done by then, wrote them.
void check_spills(const MappedCase& c) {
  const LayerShape& shape = c.layer.data.shape();
  const auto batches = output_batches(shape, c.mapping, c.spec);
  Bytes outputs;
  bool once = true, written_before = true;
  // The read into a bank is asked for when the batch before it in that bank leaves.
  const auto slots = static_cast<std::size_t>(c.mapping.output_slots);
  std::vector<bool> partial(static_cast<std::size_t>(shape.M * shape.E() * shape.F()));
  const auto width = static_cast<std::uint64_t>(ceil_div<std::int64_t>(c.spec.accumulator_bits, 8));
  const auto elements = [&](const Transfer& transfer, auto&& visit) {
    for (std::uint64_t byte = 0; byte < transfer.bytes; byte += width)
      visit(static_cast<std::size_t>((transfer.address + byte - partial_sums_base) / width));
  };
  for (std::size_t i = 0; i < batches.size(); ++i) {
    for (const Transfer& read : batches[i].partial_sums) {
      elements(read, [&](std::size_t element) { written_before = written_before && partial.at(element); });
    }
    if (!batches[i].partial_sums.empty()) written_before = written_before && i >= slots;
    if (i + 1 < slots) continue;
    // Now the batch that the next read waits for is complete.
    for (const Transfer& write : batches[i + 1 - slots].writes) {
      if (write.address < partial_sums_base) continue;
      elements(write, [&](std::size_t element) { partial.at(element) = true; });
    }
  }
  for (const OutputBatch& batch : batches) {
    for (const Transfer& write : batch.writes) {
      if (write.address < partial_sums_base)
        once = once && write.address >= outputs_base && outputs.add(write.address, write.bytes);
    }
  }
  CHECK(once);
  CHECK(written_before);
  CHECK(outputs.total() == static_cast<std::uint64_t>(shape.M * shape.E() * shape.F() * c.spec.element_bytes()));
  CHECK(outputs.contains(outputs_base, outputs.total()));
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

TEST_CASE("transfers add up, each tensor has a place of its own, nothing is moved less than once") {
  CHECK(for_feasible_cases(400, check_traffic) > 200);
}

TEST_CASE("partial sums are read after they were written, outputs are written once") {
  CHECK(for_feasible_cases(400, check_spills) > 200);
}

TEST_CASE("all loop orders occur in the cases above") {
  std::set<std::string> orders;
  for_feasible_cases(400, [&](const MappedCase& c) { orders.insert(c.mapping.order); });
  CHECK(orders == std::set<std::string>{"input-stationary", "restream", "spill", "weight-stationary"});
}
