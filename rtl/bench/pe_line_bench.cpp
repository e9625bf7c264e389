// pe_line in lock-step with sim/smartdeal/clocked/pe_line.
#include "Vpe_line.h"
#include "Vpe_line___024root.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/smartdeal_case.h"
#include "rtl/bench/smartdeal_ports.h"
#include "workloads/booth.h"

namespace rebasis::rtl {

namespace {

using View = sim::smartdeal::RegisterView;

class PeLineBench : public Device<Vpe_line> {
 public:
  [[nodiscard]] std::string name() const override { return RTL_NAME; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void drive(SliceModel& model);
  void compare_outputs(SliceModel& model);
  void compare_registers(const SliceModel& model);
  void compare_front(const View::Line& line);
  void compare_macs(const View::Line& line);
  void compare_rows(const View::Line& line);
  void compare_port(const View::Line& line);
};

std::uint64_t PeLineBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  const auto layer = smartdeal_case(dice, 1, Variety::lines);
  case_ = layer->in_words();
  SliceModel model(*layer, dice);
  configure(dut_, *layer);
  copy_ports(dut_, {});
  dut_.take = 0;
  reset();
  while (!model.finished()) {
    model.evaluate();
    drive(model);
    settle();
    compare_outputs(model);
    clock();
    model.commit();
    compare_registers(model);
  }
  return cycle_;
}

void PeLineBench::drive(SliceModel& model) {
  LinePorts ports;
  ports.set(0, model.inputs[0], static_cast<std::size_t>(model.layer.spec.lane_bytes()));
  copy_ports(dut_, ports);
  dut_.tile = static_cast<SData>(tile_tag(model.tile));
  dut_.take = model.hand_over && model.emits;
  put_bits(dut_.weight_data, 0, 2 * static_cast<std::size_t>(instance.precision), model.weight_word(0));
}

void PeLineBench::compare_outputs(SliceModel& model) {
  const LineActs& acts = model.acts[0];
  same("finished", acts.finished, dut_.finished);
  same("row_read", acts.row_read, dut_.row_read);
  same("basis_read", acts.basis_read, dut_.basis_read);
  same("working", acts.working, dut_.working);
  same("completing", acts.completing, dut_.completing);
}

#define LINE(register) (dut_.rootp->pe_line__DOT__##register)
#define WEIGHTS(register) (dut_.rootp->pe_line__DOT__weight_side__DOT__##register)
#define MAC(f, register) (dut_.rootp->pe_line__DOT__g_mac__BRA__##f##__KET____DOT__mac__DOT__##register)
#ifdef RTL_LEAD
#define TAP(register) (dut_.rootp->pe_line__DOT__g_lead__DOT__##register)
#else
#define TAP(register) (dut_.rootp->pe_line__DOT__g_sync__DOT__##register)
#endif

void PeLineBench::compare_registers(const SliceModel& model) {
  const View::Line line = View::line(model.slices.front().line(0), model.now - 1);
  same("items in the FIFO", static_cast<std::int64_t>(line.fifo), dut_.rootp->pe_line__DOT__fifo__DOT__count);
  same("item in work", line.active, LINE(active));
  if (line.fifo > 0) compare_front(line);
  compare_macs(line);
  compare_rows(line);
  compare_port(line);
  const bool clustered = model.context.mode.clusters > 1;
  const std::vector<std::int64_t> sums = model.sums(0);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t filter = i / static_cast<std::size_t>(dim_F), f = i % static_cast<std::size_t>(dim_F);
    if (clustered && f > 0) continue;  // one column
    same("sum", i, sums[i], bits_of(dut_.sums, 32 * mac_of(clustered, filter, f), 32, true));
  }
}

void PeLineBench::compare_front(const View::Line& line) {
  same("tile of the front item", tile_tag(static_cast<std::size_t>(line.front_step)), LINE(front_tile));
  same("region of the front item", line.front_region + 1, LINE(front_region));
  same("front segment complete", line.front_complete, LINE(front_segment_complete));
  if (!line.front_complete) return;
  if (line.active) same("taps done of the front item", line.front_tap, TAP(tap));
  constexpr auto precision = static_cast<std::size_t>(instance.precision), digits = precision / 2 + 1;
  const auto& values = *line.front_values;
  const auto place = static_cast<std::size_t>(instance.lead == 0 ? line.front_shift : 0);
  for (std::size_t i = 0; i + place < values.size(); ++i) {
    const int value = values[i + place];
    const std::size_t at = i * (precision + digits);
    same("activation", i, value & ((1 << precision) - 1), bits_of(LINE(segment), at, precision));
    std::int64_t mask = 0;
    for (int k = 0; k < booth_digits_unsigned; ++k) mask |= std::int64_t{booth_digit(value, k) != 0} << k;
    same("digits of activation", i, mask, bits_of(LINE(segment), at + precision, digits));
  }
}

void PeLineBench::compare_macs(const View::Line& line) {
  const std::int64_t busy[] = {MAC(0, busy), MAC(1, busy), MAC(2, busy), MAC(3, busy)};
  const std::int64_t waiting[] = {MAC(0, waiting), MAC(1, waiting), MAC(2, waiting), MAC(3, waiting)};
  const std::int64_t left[] = {MAC(0, left), MAC(1, left), MAC(2, left), MAC(3, left)};
  const bool clustered = dut_.cfg_clustered != 0;
  for (std::size_t f = 0; f < static_cast<std::size_t>(dim_F); ++f) {
    const std::size_t each = static_cast<std::size_t>(dim_F) / clusters;
    const std::size_t own = clustered ? f % each : f, filter = clustered ? f / each : 0;
    const bool needed = !clustered || (line.active && filter < line.in_use_filled.size() && line.in_use_filled[filter]);
    const bool works = own < line.macs.size() && needed;
    same("busy MAC", f, works && line.macs[own].busy, busy[f]);
    if (instance.lead == 0) same("waiting MAC", f, works && line.macs[own].waiting, waiting[f]);
    if (!works || !line.macs[own].busy) continue;
    std::int64_t mask = 0;
    for (int k = line.macs[own].next_digit; k < booth_digits_unsigned; ++k)
      mask |= std::int64_t{booth_digit(line.macs[own].value, k) != 0} << k;
    same("digits left of MAC", f, mask, left[f] << 1);  // bits 4 to 1
  }
}

void PeLineBench::compare_rows(const View::Line& line) {
  constexpr auto latches = static_cast<std::size_t>(instance.latches);
  same("rows to fetch", line.pending, WEIGHTS(pending));
  same("rows held", line.held, WEIGHTS(held));
  same("row in use", line.in_use, WEIGHTS(in_use));
  if (line.rebuild_left > 0) {
    std::int64_t longest = 0;
    for (std::size_t c = 0; c < clusters; ++c) {
      const auto terms = static_cast<std::size_t>(bits_of(WEIGHTS(left), c * max_S, max_S));
      longest = std::max(longest, ceil_div<std::int64_t>(std::popcount(terms), instance.terms));
    }
    same("cycles left of a rebuild", line.rebuild_left, longest);
  }
  std::int64_t coded = 0, rebuilt = 0;
  for (std::size_t i = 0; i < line.rows.size(); ++i) {
    const std::size_t latch = (i + WEIGHTS(oldest)) % latches;
    coded |= std::int64_t{line.rows[i].coded} << latch;
    rebuilt |= std::int64_t{line.rows[i].rebuilt} << latch;
    if (!line.rows[i].rebuilt) continue;
    for (std::size_t c = 0; c < line.rows[i].weights->size(); ++c) {
      const auto& weights = (*line.rows[i].weights)[c];
      for (std::size_t s = 0; s < weights.size(); ++s) {
        const std::size_t at = ((latch * clusters + c) * static_cast<std::size_t>(max_S) + s) * instance.weight_bits;
        same("weight", s, weights[s], bits_of(WEIGHTS(latched), at, instance.weight_bits, true));
      }
    }
  }
  same("rows to rebuild", coded, WEIGHTS(coded));
  same("rows rebuilt", rebuilt, WEIGHTS(rebuilt));
}

void PeLineBench::compare_port(const View::Line& line) {
  std::int64_t row_left = 0, basis_left = 0;
  if (WEIGHTS(fetching) != 0)
    row_left = std::popcount(static_cast<unsigned>(WEIGHTS(fetch_filters))) * dut_.cfg_row_beats - WEIGHTS(row_beat);
  same("cycles left of the row fetch", line.row_left, row_left);
  if (WEIGHTS(basis_busy) != 0) {
    const std::int64_t matrices = (WEIGHTS(issued) - WEIGHTS(reading) + 1) * line.filters - WEIGHTS(basis_filter);
    basis_left = matrices * dut_.cfg_basis_beats - WEIGHTS(basis_beat);
  }
  same("cycles left of the basis fetch", line.basis_left, basis_left);
  same("basis fetched last", line.issued + 1, WEIGHTS(issued));
  same("basis complete last", line.loaded + 1, dut_.loaded_region);
  same("region entered", line.entered + 1, WEIGHTS(entered));
  same("region requested", line.requested + 1, WEIGHTS(requested));
  same("basis_idle", line.basis_idle, dut_.basis_idle);
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<PeLineBench>(); }

}  // namespace rebasis::rtl
