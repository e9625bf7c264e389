#include "sim/smartdeal/settle.h"

#include <numeric>

#include "common/error.h"

namespace rebasis::sim::smartdeal {

namespace {

void fill_idle(Account& account, std::int64_t copies, std::int64_t cycles, const char* block) {
  const std::int64_t rest = copies * cycles - account.total();
  if (rest < 0) fail_internal(std::string(block) + " accounts for more cycles than it had");
  account[Cause::idle] += rest;
}

std::uint64_t sum(const std::array<std::uint64_t, tensor_classes>& bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
}

}  // namespace

void settle_static_counters(Counters& counters, const LayerJob& job, const Dma& dma) {
  const auto& read = dma.read_bytes();
  const auto& written = dma.written_bytes();
  const auto both = [&](TensorClass tensor) {
    const auto i = static_cast<std::size_t>(tensor);
    return read[i] + written[i];
  };
  counters.dram = {both(TensorClass::weights), both(TensorClass::basis), both(TensorClass::index),
                   both(TensorClass::inputs), both(TensorClass::outputs)};
  counters[Action::dram_read] = sum(read);
  counters[Action::dram_write] = sum(written);
  counters[Action::input_gb_write] = read[static_cast<std::size_t>(TensorClass::inputs)];
  for (const Block& block : job.mapping.blocks) {
    counters[Action::weight_buffer_write] += block.weight_buffer_bytes;
    counters[Action::index_gb_write] += block.index_buffer_bytes;
    counters[Action::huffman_symbol] += block.coefficient_symbols;
    // Codes wait in the bank of the weight buffer that their rows will fill.
    counters[Action::weight_buffer_write] += block.coded_bytes;
    counters[Action::weight_buffer_read] += block.coded_bytes;
  }
  const std::int64_t cycles = counters.cycles;
  counters[Action::controller_cycle] = static_cast<std::uint64_t>(cycles);
  const std::int64_t lines = job.spec.dim_M * job.spec.dim_C;
  counters.dma[Cause::busy] = dma.busy_cycles();
  fill_idle(counters.dma, 1, cycles, "DMA");
  fill_idle(counters.selectors, job.spec.dim_C, cycles, "index selectors");
  fill_idle(counters.lanes, job.spec.dim_C, cycles, "input lanes");
  fill_idle(counters.weight_ports, lines, cycles, "weight ports");
  fill_idle(counters.rebuild_engines, lines * job.spec.rebuild_engines, cycles, "rebuild engines");
  fill_idle(counters.output_port, 1, cycles, "output port");
  fill_idle(counters.decoders, job.spec.huffman_decoders, cycles, "Huffman decoders");
  if (counters.lines.total() != lines * cycles) {
    fail_internal("PE lines account for " + std::to_string(counters.lines.total()) + " cycles of " +
                  std::to_string(lines * cycles));
  }
}

}  // namespace rebasis::sim::smartdeal
