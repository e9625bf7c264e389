#include "tests/support/sample_study.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "dse/store.h"

namespace rebasis::test {

namespace {

constexpr const char* study =
    R"(description: Buffers and array of an accelerator, drawn at random; every figure is made up
workloads:
  - {name: resnet50, trace: resnet50.trace}
accelerator: smartdeal
space:
  dim_M: {from: 8, to: 128, times: 2}
  dim_C: {from: 4, to: 64, times: 2}
  dim_F: {from: 2, to: 16, times: 2}
  input_gb.capacity: {from: 16 KiB, to: 1024 KiB, by: 16 KiB}
  output_gb.capacity: {from: 2 KiB, to: 128 KiB, by: 2 KiB}
  weight_buffer.capacity: {from: 1 KiB, to: 32 KiB, by: 1 KiB}
  frequency: {from: 200 MHz, to: 1000 MHz, by: 50 MHz}
  dram.bandwidth: [1 GB/s, 2 GB/s, 4 GB/s, 8 GB/s, 16 GB/s, 32 GB/s]
objectives: [energy_pj, time_s, sram_bytes]
constraints: [time_s <= 0.5]
strategy: random
)";

struct Design {
  double m = 0, c = 0, f = 0, input = 0, output = 0, weight = 0, clock = 0, bandwidth = 0;
  [[nodiscard]] double lanes() const { return m * c * f; }
  [[nodiscard]] double sram() const { return 1024 * (input + output + m * weight); }  ///< bytes
};

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t n) { return random_() % n; }  // the same on every platform
  Design design() {
    Design d;
    d.m = std::exp2(static_cast<double>(3 + below(5)));
    d.c = std::exp2(static_cast<double>(2 + below(5)));
    d.f = std::exp2(static_cast<double>(1 + below(4)));
    d.input = 16.0 * static_cast<double>(1 + below(64));
    d.output = 2.0 * static_cast<double>(1 + below(64));
    d.weight = static_cast<double>(1 + below(32));
    d.clock = 200 + 50.0 * static_cast<double>(below(17));
    d.bandwidth = std::exp2(static_cast<double>(below(6)));
    return d;
  }

 private:
  std::mt19937_64 random_;
};

std::string settings_of(const Design& d, const std::string& attack) {
  const auto text = [](double value, const std::string& unit) {
    return std::to_string(static_cast<int>(value)) + unit;
  };
  return nlohmann::json{{"dim_M", text(d.m, "")},
                        {"dim_C", text(d.c, "")},
                        {"dim_F", text(d.f, "")},
                        {"input_gb.capacity", text(d.input, " KiB")},
                        {"output_gb.capacity", text(d.output, " KiB")},
                        {"weight_buffer.capacity", text(d.weight, " KiB")},
                        {"frequency", text(d.clock, " MHz")},
                        {"dram.bandwidth", text(d.bandwidth, " GB/s" + attack)}}
      .dump();
}

/// One of `layers` layers; adds its energy by component to `energy`.
dse::LayerRow layer_of(const Design& d, std::size_t number, std::size_t layers, std::map<std::string, double>& energy) {
  const double macs = 4.1e9 / static_cast<double>(layers) * (0.5 + static_cast<double>(number % 7) / 6);
  const double width = 64 * std::exp2(static_cast<double>(number * 5 / layers));
  const double filled = std::min(1.0, width / d.m) * std::min(1.0, 512 / width / d.f);
  const double bytes = 2e5 * (1 + 3e5 / (1024 * d.input)) * (1 + 2e4 / (1024 * d.output)) * (1 + 2 / d.weight);
  const double compute = macs / (d.lanes() * filled), transfer = bytes / (d.bandwidth * 1e9) * d.clock * 1e6;
  dse::LayerRow layer;
  layer.position = static_cast<std::int64_t>(number);
  layer.cycles = std::floor(std::max(compute, transfer) + 2000);
  layer.dram_bytes = std::floor(bytes);
  const std::map<std::string, double> parts{{"dram", bytes * 100},
                                            {"sram", macs * 0.02 * std::sqrt(d.sram() / 3e5)},
                                            {"pe.mac", macs * 0.1},
                                            {"control", layer.cycles * std::sqrt(d.lanes()) * 2}};
  for (const auto& [component, picojoules] : parts) {
    energy[component] += picojoules;
    layer.energy_pj += picojoules;
  }
  return layer;
}

dse::FinishedPoint result_of(const Design& d, bool keep_layers, const std::string& attack) {
  constexpr std::size_t layers = 54;
  dse::FinishedPoint point;
  double cycles = 0, energy = 0, traffic = 0;
  for (std::size_t l = 0; l < layers; ++l) {
    dse::LayerRow layer = layer_of(d, l, layers, point.energy);
    layer.workload = "resnet50" + attack;
    layer.name = "conv" + std::to_string(l + 1) + attack;
    cycles += layer.cycles;
    energy += layer.energy_pj;
    traffic += layer.dram_bytes;
    if (keep_layers) point.layers.push_back(layer);
  }
  const double time = cycles / (d.clock * 1e6);
  point.metrics = {{"energy_pj", energy},      {"time_s", time},        {"cycles", cycles},
                   {"edp", energy * time},     {"dram_bytes", traffic}, {"sram_bytes", d.sram()},
                   {"multipliers", d.lanes()}, {"synthetic", 1}};
  if (!attack.empty()) point.metrics["x" + attack] = cycles;
  return point;
}

}  // namespace

void write_sample_study(const std::string& path, std::size_t count, std::uint64_t seed, const std::string& attack) {
  dse::Store store(path, dse::Store::Mode::write);
  const std::int64_t number = store.add_study("random" + attack, "/studies/random" + attack + ".yaml", study);
  Draw draw(seed);
  std::vector<Design> designs;
  std::vector<dse::NewPoint> points;
  for (std::size_t i = 0; i < count; ++i) {
    designs.push_back(draw.design());
    const bool large = designs[i].sram() > 4 << 20;
    points.push_back({"point " + std::to_string(i), settings_of(designs[i], attack),
                      large ? "the buffers hold more than 4 MiB" + attack : ""});
  }
  const std::vector<std::int64_t> ids = store.add_points(number, points);
  for (std::size_t i = 0; i < count; ++i) {
    if (!points[i].infeasible.empty()) continue;
    (void)store.claim(ids[i], "sample", 3600);
    dse::FinishedPoint point = result_of(designs[i], i < 1000, attack);
    point.seconds = 0.05 + 1e-3 * static_cast<double>(draw.below(100));
    (void)store.finish(ids[i], "sample", point);
  }
}

}  // namespace rebasis::test
