#include "sim/smartdeal/counters.h"

namespace rebasis::sim::smartdeal {

const char* name(Action action) {
  static constexpr std::array<const char*, static_cast<std::size_t>(Action::count)> names{
      "input_gb.read_byte",   "input_gb.write_byte",     "output_gb.read_byte",
      "output_gb.write_byte", "weight_buffer.read_byte", "weight_buffer.write_byte",
      "index_gb.read_byte",   "index_gb.write_byte",     "line_fifo.write_byte",
      "line_fifo.read_byte",  "re.basis_write_byte",     "re.basis_read_byte",
      "re.shift_add",         "re.weight_latch_byte",    "booth_encoder.encode",
      "mac.digit_step",       "mac.zero_step",           "mac.mac",
      "adder_tree.add",       "output_fifo.write_byte",  "output_fifo.read_byte",
      "requantise.op",        "index_selector.pair",     "huffman_decoder.symbol",
      "dram.read_byte",       "dram.write_byte",         "controller.cycle"};
  return names.at(static_cast<std::size_t>(action));
}

std::map<std::string, std::int64_t> Counters::flat() const {
  std::map<std::string, std::int64_t> values{{"cycles", cycles},
                                             {"effective_macs", static_cast<std::int64_t>(effective_macs)},
                                             {"mapped_lines", mapped_lines}};
  const auto add_account = [&](const std::string& block, const Account& account) {
    for (std::size_t i = 0; i < account.cycles.size(); ++i) values[block + "." + name(Cause{i})] = account.cycles[i];
  };
  add_account("pe_lines", lines);
  add_account("index_selectors", selectors);
  add_account("input_gb_lanes", lanes);
  add_account("weight_ports", weight_ports);
  add_account("rebuild_engines", rebuild_engines);
  add_account("output_port", output_port);
  add_account("huffman_decoders", decoders);
  add_account("dma", dma);
  for (std::size_t i = 0; i < actions.size(); ++i) values[name(Action{i})] = static_cast<std::int64_t>(actions[i]);
  values["dram_bytes.weights"] = static_cast<std::int64_t>(dram.weights);
  values["dram_bytes.basis"] = static_cast<std::int64_t>(dram.basis);
  values["dram_bytes.index"] = static_cast<std::int64_t>(dram.index);
  values["dram_bytes.inputs"] = static_cast<std::int64_t>(dram.inputs);
  values["dram_bytes.outputs"] = static_cast<std::int64_t>(dram.outputs);
  return values;
}

std::string first_difference(const Counters& a, const Counters& b) {
  const auto left = a.flat();
  const auto right = b.flat();
  for (const auto& [key, value] : left) {
    if (right.at(key) != value) return key + ": " + std::to_string(value) + " != " + std::to_string(right.at(key));
  }
  return {};
}

}  // namespace rebasis::sim::smartdeal
