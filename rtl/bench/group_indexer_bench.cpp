// group_indexer in lock-step with sim/pynq_ternary/clocked/group_indexer: random steps, sets taken after random waits.
#include "Vgroup_indexer.h"
#include "Vgroup_indexer___024root.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/pynq_ternary_view.h"

namespace rebasis::rtl {

namespace {

using namespace sim::pynq_ternary;
constexpr std::size_t pes = RTL_PES, index_bits = RTL_BITS, position_w = RTL_POSITION_W;

class GroupIndexerBench : public Device<Vgroup_indexer> {
 public:
  [[nodiscard]] std::string name() const override { return RTL_NAME; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void begin(GroupIndexer& indexer, const TernaryJob& layer, const sim::ConvTile& tile);
  void drive_index(const GroupIndexer& indexer, const TernaryJob& layer, test::Dice& dice);
  void compare(const GroupIndexer& indexer);
};

sim::ConvTile random_tile(const TernaryJob& layer, test::Dice& dice) {
  sim::ConvTile tile;
  tile.groups = {0, 1};
  tile.filters.first = dice.between(0, layer.job.shape().M - 1);
  tile.filters.last = dice.between(tile.filters.first + 1, layer.job.shape().M);
  tile.channels = {0, layer.job.shape().C};
  return tile;
}

std::uint64_t GroupIndexerBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  arch::PynqTernarySpec spec = pe_specification(4, 14);
  spec.pes = pes;
  spec.groups_per_cycle = index_bits;
  spec.skip_groups = dice.chance(0.8);
  spec.weight_read_latency = dice.between(0, 2);
  TernaryJob layer(dice, spec, static_cast<std::int64_t>(pes * ((std::size_t{1} << position_w) - 1)));
  GroupIndexer indexer(layer.job);
  dut_.cfg_skip = layer.job.spec.skip_groups;
  dut_.begin_step = dut_.taken = 0;
  reset();
  const double wait = dice.pick<double>({0, 0.5, 0.9});
  for (int step = 0; step < 6; ++step) {
    begin(indexer, layer, random_tile(layer, dice));
    while (!indexer.done()) {
      const bool taken = indexer.offers() && !dice.chance(wait);
      dut_.taken = taken;
      drive_index(indexer, layer, dice);
      settle();
      indexer.step(taken, layer.counters);
      clock();
      compare(indexer);
    }
    for (std::int64_t idle = dice.between(0, 3); idle > 0; --idle) {
      dut_.taken = 0;
      settle();
      indexer.step(false, layer.counters);
      clock();
      compare(indexer);
    }
  }
  return cycle_;
}

void GroupIndexerBench::begin(GroupIndexer& indexer, const TernaryJob& layer, const sim::ConvTile& tile) {
  indexer.begin_step(tile);
  dut_.begin_step = 1;
  dut_.rows = static_cast<CData>(rows_of(layer.job, tile).size());
  for (std::size_t pe = 0; pe < pes; ++pe)
    put_bits(dut_.lengths, position_w * pe, position_w, RegisterView::scanners(indexer)[pe].length);
  settle();
  clock();
  dut_.begin_step = 0;
  compare(indexer);
}

void GroupIndexerBench::drive_index(const GroupIndexer& indexer, const TernaryJob& layer, test::Dice& dice) {
  const auto scanners = RegisterView::scanners(indexer);
  const FilterRow& row = indexer.set().row;
  dut_.bits_valid = indexer.has_bits();
  for (std::size_t pe = 0; pe < pes; ++pe) {
    for (std::size_t b = 0; b < index_bits; ++b) {
      const std::int64_t position = scanners[pe].position + static_cast<std::int64_t>(b);
      const std::int64_t filter =
          row.first_filter + static_cast<std::int64_t>(pe) + position * static_cast<std::int64_t>(pes);
      const bool bit = position < scanners[pe].length ? layer.job.units.nonzero(filter, row.unit) : dice.chance(0.5);
      put_bits(dut_.index_bits, index_bits * pe + b, 1, bit);
    }
  }
}

void GroupIndexerBench::compare(const GroupIndexer& indexer) {
  same("done", indexer.done(), dut_.done);
  same("offers", indexer.offers(), dut_.offers);
  if (indexer.done()) return;
  same("row", static_cast<std::int64_t>(indexer.row()), dut_.row);
  same("new_row", indexer.set().new_row, dut_.new_row);
  const auto scanners = RegisterView::scanners(indexer);
  for (std::size_t pe = 0; pe < pes; ++pe) {
    same("position", pe, scanners[pe].position, bits_of(dut_.position, position_w * pe, position_w));
    if (!indexer.offers())
      same("settled", pe, scanners[pe].settled, bits_of(dut_.rootp->group_indexer__DOT__settled, pe, 1));
    const std::int64_t filter = indexer.set().filters[pe];
    same("set_valid", pe, filter >= 0, bits_of(dut_.set_valid, pe, 1));
    if (filter < 0) continue;
    const std::int64_t local =
        (filter - indexer.set().row.first_filter - static_cast<std::int64_t>(pe)) / static_cast<std::int64_t>(pes);
    same("set_filter", pe, local, bits_of(dut_.set_filter, position_w * pe, position_w));
  }
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<GroupIndexerBench>(); }

}  // namespace rebasis::rtl
