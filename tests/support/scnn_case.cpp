#include "tests/support/scnn_case.h"

#include <algorithm>

namespace rebasis::test {

arch::ScnnSpec random_scnn_spec(Dice& dice) {
  arch::ScnnSpec spec = arch::scnn_parameters().resolve({});
  randomise_system(spec, dice);
  randomise_decoder(spec.decoder, dice);
  spec.precision_bits = dice.pick<std::int64_t>({8, 8, 16});
  spec.pe_rows = dice.between(1, 4);
  spec.pe_columns = dice.between(1, 4);
  const bool published = dice.chance(0.5);  // the shape that `fast` has masks for
  spec.weights_F = published ? 4 : dice.between(1, 8);
  spec.activations_I = published ? 4 : dice.between(1, 8);
  spec.banks = published ? 32 : dice.pick<std::int64_t>({1, 3, 8, 32, 33, 128});
  spec.pe_stages = dice.between(1, 5);
  spec.bank_entries = dice.pick<std::int64_t>({4, 16, 32, 128});
  spec.accumulator_bits = dice.pick<std::int64_t>({32, 40});
  spec.accumulator_buffers = dice.between(1, 2);
  spec.bank_queue = dice.pick<std::int64_t>({1, 1, 2, 4});
  spec.accumulator_layout = dice.pick<std::string>({"best", "plane", "filters"});
  spec.fifo_vectors = dice.pick<std::int64_t>({1, 2, 5, 50});
  spec.broadcast_vectors = dice.between(1, 3);
  spec.weight_latency = dice.between(0, 2);
  spec.weight_buffer_bytes = dice.pick<std::int64_t>({256, 1024, 32768});
  spec.weight_order = dice.pick<std::string>({"filters", "kernel"});
  spec.iaram_bytes = dice.pick<std::int64_t>({48, 128, 512, 4096});
  spec.oaram_bytes = dice.pick<std::int64_t>({64, 256, 2048});
  spec.run_bits = dice.between(1, 5);
  spec.halo_sums = dice.between(1, 5);
  spec.ppu_outputs = dice.between(1, 5);
  spec.output_density = dice.pick<double>({0, 0.4, 1});
  spec.input_chunks = dice.between(1, 6);
  spec.fully_connected = dice.chance(0.5);
  return spec;
}

arch::ScnnSpec plain_scnn_spec(std::int64_t rows, std::int64_t columns, std::int64_t F, std::int64_t I) {
  arch::ScnnSpec spec = arch::scnn_parameters().resolve({});
  spec.dram_model = "unlimited";
  spec.pe_rows = rows;
  spec.pe_columns = columns;
  spec.weights_F = F;
  spec.activations_I = I;
  return spec;
}

std::string describe(const arch::ScnnSpec& spec) {
  std::string line;
  for (const auto& [key, value] : arch::scnn_parameters().print(spec)) line += key + "=" + value + " ";
  return line;
}

ScnnCase::ScnnCase(const RandomDenseLayer& layer, const arch::ScnnSpec& spec)
    : spec_(spec),
      names_(sim::scnn::counter_names(spec)),
      image_(layer.image()),
      plan_(sim::scnn::make_plan(layer.layer, {image_}, std::nullopt, spec_, names_)) {}

sim::LayerRun ScnnCase::run() {
  return check_plan(*plan_, names_, image_, spec_, sim::scnn::shell_names(spec_).size());
}

std::uint64_t ScnnCase::action(const sim::LayerRun& run, const std::string& name) const {
  const auto found = std::find(names_.actions.begin(), names_.actions.end(), name);
  return run.counters.actions.at(static_cast<std::size_t>(found - names_.actions.begin()));
}

}  // namespace rebasis::test
