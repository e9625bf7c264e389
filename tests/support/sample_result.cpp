#include "tests/support/sample_result.h"

#include <algorithm>
#include <string>

namespace rebasis::test {
namespace {

/// splitmix64: the standard library's distributions differ between implementations.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  /// Uniform in [low, high).
  double real(double low, double high) {
    return low + (high - low) * static_cast<double>(next() >> 11) / 9007199254740992.0;
  }

 private:
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

LayerShape shape_of(int i, int layers) {
  LayerShape shape;
  if (i + 1 == layers) {
    shape.C = 2048;
    shape.M = 1000;
    return shape;
  }
  const int stage = 4 * i / std::max(layers, 1);
  shape.H = shape.W = 56 >> stage;
  shape.C = 64 << stage;
  shape.M = i % 3 == 2 ? shape.C * 2 : shape.C;
  shape.R = shape.S = i % 3 == 1 ? 3 : 1;
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = i % 3 == 1 ? 1 : 0;
  return shape;
}

std::uint64_t count(double value) { return static_cast<std::uint64_t>(value); }

void add_traffic(sim::LayerResult& layer, Random& random, double scale) {
  const auto images = layer.images;
  const auto weights = static_cast<double>(layer.shape.weights());
  layer.dram.weights = images * count(scale * weights * random.real(0.08, 0.2));
  layer.dram.basis = images * count(scale * static_cast<double>(layer.shape.M) * 9);
  layer.dram.index = images * count(scale * weights / 24);
  layer.dram.inputs =
      images * count(scale * static_cast<double>(layer.shape.C * layer.shape.H * layer.shape.W) * random.real(1, 2));
  layer.dram.outputs = images * count(scale * static_cast<double>(layer.shape.M * layer.shape.E() * layer.shape.F()));
}

void add_cycles(sim::LayerResult& layer, Random& random, double scale) {
  const double compute = scale * static_cast<double>(layer.effective_macs) / 8192 * random.real(1.5, 2.5) +
                         200.0 * static_cast<double>(layer.images);
  const double dram = static_cast<double>(layer.dram.total()) / 12.8;
  layer.bounds = {{"compute", compute}, {"dram", dram}, {"input_gb", compute * 0.4}, {"weight_port", compute * 0.2}};
  layer.stalls["busy"] = count(compute);
  layer.stalls["dram"] = count(std::max(0.0, dram - compute) + 1);
  layer.stalls["imbalance"] = count(compute * random.real(0.05, 0.3));
  layer.stalls["weights"] = count(compute * random.real(0, 0.1));
  layer.stalls["inputs"] = count(compute * random.real(0, 0.05));
  layer.stalls["fill_drain"] = 64 * layer.images;
  for (const auto& [cause, cycles] : layer.stalls) layer.cycles += cycles;
  layer.blocks["dma"] = {1, {{"busy", count(dram)}, {"output", layer.cycles - std::min(layer.cycles, count(dram))}}};
  layer.pe_utilisation = static_cast<double>(layer.stalls["busy"]) / static_cast<double>(layer.cycles);
  layer.mac_utilisation = layer.pe_utilisation * random.real(0.5, 0.9);
}

void add_energy(sim::LayerResult& layer) {
  const auto add = [&](const std::string& component, const std::string& action, double actions, double price) {
    layer.actions[component + "." + action] += count(actions);
    layer.energy_by_component_pj[component] += static_cast<double>(count(actions)) * price;
  };
  const auto macs = static_cast<double>(layer.effective_macs);
  add("dram", "byte", static_cast<double>(layer.dram.total()), 100);
  add("mac", "digit", macs * 1.8, 0.036);
  add("input_gb", "read_byte", macs / 24, 2.45);
  add("output_gb", "write_byte", macs / 300, 1.36);
  add("weight_buffer", "read_byte", macs / 90, 1.36);
  add("rebuild_engine", "add", macs / 40, 0.019);
  for (const auto& [component, energy] : layer.energy_by_component_pj) layer.energy_pj += energy;
}

/// Splits cycles, energy and bytes into unequal shares that add up to the layer's.
void add_images(sim::LayerResult& layer, Random& random) {
  std::uint64_t cycles = layer.cycles;
  std::uint64_t bytes = layer.dram.total();
  double energy = layer.energy_pj;
  for (std::uint64_t left = layer.images; left > 0; --left) {
    const double share = left == 1 ? 1.0 : random.real(0.9, 1.0) / static_cast<double>(left);
    sim::ImageResult image{count(static_cast<double>(cycles) * share), energy * share,
                           count(static_cast<double>(bytes) * share)};
    if (left == 1) image = {cycles, energy, bytes};
    cycles -= image.cycles;
    bytes -= image.dram_bytes;
    energy -= image.energy_pj;
    layer.per_image.push_back(image);
  }
}

sim::LayerResult sample_layer(int i, const SampleOptions& options, Random& random) {
  sim::LayerResult layer;
  layer.name = i + 1 == options.layers ? "fc" : "stage" + std::to_string(i / 3) + ".conv" + std::to_string(i % 3 + 1);
  layer.op = i + 1 == options.layers ? "fc" : "conv";
  layer.encoding = "smartdeal";
  layer.shape = shape_of(i, options.layers);
  layer.synthetic = options.synthetic;
  layer.images = options.images;
  layer.macs = options.images * static_cast<std::uint64_t>(layer.shape.macs());
  layer.effective_macs = count(static_cast<double>(layer.macs) * random.real(0.3, 0.8));
  add_traffic(layer, random, options.scale);
  add_cycles(layer, random, options.scale);
  add_energy(layer);
  layer.mapping = {{"loop_order", "m c e f"},
                   {"tile", "M64 C16 E" + std::to_string(layer.shape.E()) + " F8"},
                   {"passes", std::to_string(1 + i % 4)}};
  layer.statistics = {{"row_sparsity", random.real(0.2, 0.7)}, {"booth_digit_sparsity", random.real(0.5, 0.8)}};
  add_images(layer, random);
  return layer;
}

}  // namespace

sim::Result sample_result(const SampleOptions& options) {
  Random random(options.seed);
  sim::Result result;
  result.accelerator = options.accelerator;
  result.fidelity = "fast";
  result.frequency_hz = 1e9;
  result.peak_macs_per_cycle = 8192;
  result.dram_bytes_per_cycle = 12.8;
  result.network = options.network;
  result.dram_model = "lpddr4-3200-x32";
  result.energy_table = "smartdeal-28nm (Table I of the SmartDeal paper)";
  result.parameters = {{"dim_m", "64"}, {"dim_c", "16"}, {"dim_f", "8"}, {"input_gb.capacity", "512 KiB"}};
  result.area.items = {{"input_gb", "sram", 32, 0, 0.9198}, {"bit-serial MACs", "booth_mac", 8192, 7.35e6, 3.2434}};
  result.area.sram_mm2 = 0.9198;
  result.area.logic_mm2 = 3.2434;
  result.area.notes = {"a note"};
  result.trace_path = "resnet50.trace";
  result.trace_provenance =
      R"({"network": {"file": "resnet50.onnx"}, "recipe": "smartdeal", "accuracy": {"before": 0.76, "after": 0.75}})";
  result.command = "rebasis simulate resnet50.trace --accelerator smartdeal -o result.json";
  for (int i = 0; i < options.layers; ++i) result.layers.push_back(sample_layer(i, options, random));
  if (options.synthetic) result.notes.push_back("SYNTHETIC: weights or activations of this trace are synthetic");
  return result;
}

}  // namespace rebasis::test
