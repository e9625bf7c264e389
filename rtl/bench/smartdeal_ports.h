// Drives the ports that pe_line and pe_slice have in common.
#pragma once

#include <algorithm>
#include <numeric>

#include "common/units.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/smartdeal_case.h"
#include "sim/smartdeal/pass_weights.h"

namespace rebasis::rtl {

/// The layer's settings, constant while it runs.
template <class Dut>
void configure(Dut& dut, const SmartDealCase& random) {
  const sim::smartdeal::WeightLayout& layout = random.layer.layout;
  dut.cfg_n = static_cast<CData>(layout.n);
  dut.cfg_compressed = layout.compressed;
  dut.cfg_clustered = sim::smartdeal::mode_of(random.layer.shape(), random.spec).clusters > 1;
  dut.cfg_signed = random.is_signed;
  dut.cfg_exponent_bits = layout.compressed ? static_cast<CData>(layout.row_bits / layout.n - 2) : 0;
  dut.cfg_shifts = 0;
  const auto& exponents = random.layer.form.info.exponents;
  for (std::size_t e = 1; e < exponents.size(); ++e)
    put_bits(dut.cfg_shifts, 3 * (e - 1), 3, exponents[e] - exponents[0]);
  const std::int64_t port = random.spec.line_weight_bytes();
  dut.cfg_row_beats = static_cast<CData>(ceil_div(sim::smartdeal::row_bytes(layout, random.spec), port));
  dut.cfg_basis_beats =
      layout.compressed ? static_cast<CData>(sim::smartdeal::basis_fetch_cycles(layout, random.spec)) : 0;
  const LayerShape& shape = random.layer.shape();
  const std::int64_t common = std::gcd(shape.stride_w, shape.dilation_w);
  dut.cfg_column_step = static_cast<CData>(std::min<std::int64_t>(7, shape.stride_w / common));
  dut.cfg_place_step =
      static_cast<CData>(std::min<std::int64_t>(7, shape.dilation_w / common));  // more: one tap an item
}

inline constexpr std::size_t width_bits = 3, filter_bits = instance.clusters == 1 ? 1 : 2,
                             clusters = static_cast<std::size_t>(instance.clusters);

/// Inputs of several lines side by side.
struct LinePorts {
  std::uint64_t item_valid = 0, item_new_row = 0, item_taps = 0, item_column = 0, item_width = 0, item_filters = 0;
  std::uint64_t data_valid = 0, data_last = 0, request_valid = 0, request_new_weights = 0, request_filters = 0,
                enter_valid = 0;
  std::uint64_t item_tile = 0, item_region = 0, request_region = 0, request_last = 0, enter_region = 0;
  std::vector<std::uint8_t> data;

  void set(std::size_t line, const LineInputs& in, std::size_t lane_bytes) {
    constexpr std::size_t tile = instance.tile_bits, region = instance.region_bits;
    put_bits(item_valid, line, 1, in.item);
    put_bits(item_new_row, line, 1, in.new_row);
    put_bits(item_taps, 3 * line, 3, in.taps);
    put_bits(item_column, 3 * line, 3, in.column);
    put_bits(item_width, width_bits * line, width_bits, in.width);
    put_bits(item_filters, clusters * line, clusters, in.filters);
    put_bits(item_tile, tile * line, tile, in.tile);
    put_bits(item_region, region * line, region, in.region);
    put_bits(data_valid, line, 1, in.data);
    put_bits(data_last, line, 1, in.data_last);
    data.resize(lane_bytes * (line + 1));
    std::copy(in.bytes.begin(), in.bytes.end(), data.end() - static_cast<std::ptrdiff_t>(lane_bytes));
    if (in.request) {
      put_bits(request_valid, line, 1, 1);
      put_bits(request_new_weights, line, 1, in.request->new_weights);
      put_bits(request_region, region * line, region, in.request->region + 1);
      put_bits(request_last, region * line, region, in.request->last + 1);
      put_bits(request_filters, filter_bits * line, filter_bits, in.request->filters);
    }
    put_bits(enter_valid, line, 1, in.entering > 0);
    put_bits(enter_region, region * line, region, in.entering);
  }
};

template <class Dut>
void copy_ports(Dut& dut, const LinePorts& ports) {
  const auto copy = [](auto& port, std::uint64_t value) { port = static_cast<std::decay_t<decltype(port)>>(value); };
  copy(dut.item_valid, ports.item_valid);
  copy(dut.item_new_row, ports.item_new_row);
  copy(dut.item_taps, ports.item_taps);
  copy(dut.item_column, ports.item_column);
  copy(dut.item_width, ports.item_width);
  copy(dut.item_filters, ports.item_filters);
  copy(dut.item_tile, ports.item_tile);
  copy(dut.item_region, ports.item_region);
  copy(dut.data_valid, ports.data_valid);
  copy(dut.data_last, ports.data_last);
  for (std::size_t i = 0; i < ports.data.size(); ++i) put_bits(dut.data, 8 * i, 8, ports.data[i]);
  copy(dut.request_valid, ports.request_valid);
  copy(dut.request_new_weights, ports.request_new_weights);
  copy(dut.request_region, ports.request_region);
  copy(dut.request_last, ports.request_last);
  copy(dut.request_filters, ports.request_filters);
  copy(dut.enter_valid, ports.enter_valid);
  copy(dut.enter_region, ports.enter_region);
}

/// Low bits of a number of a tile, as the circuit has it.
inline std::int64_t tile_tag(std::size_t tile) {
  return static_cast<std::int64_t>(tile & ((std::size_t{1} << instance.tile_bits) - 1));
}
/// MAC of output column `f` of the slice's filter `filter`.
inline std::size_t mac_of(bool clustered, std::size_t filter, std::size_t f) {
  return clustered ? filter * (static_cast<std::size_t>(dim_F) / clusters) + f : f;
}

}  // namespace rebasis::rtl
