// Writes a store with N points of a made-up study, for measuring reports and for trying the page:
//   make_study_store FILE POINTS [SEED]
// The metrics follow a rough law of an accelerator (compute and traffic bound the time, buffers save traffic and cost
// area), so that fronts and dimensions look as they do in real studies; they are labelled synthetic.
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "dse/store.h"

using namespace rebasis;

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
strategy: random
)";

struct Design {
  double m = 0, c = 0, f = 0, input = 0, output = 0, weight = 0, clock = 0, bandwidth = 0;
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

std::string settings_of(const Design& d) {
  const auto text = [](double value, const char* unit) { return std::to_string(static_cast<int>(value)) + unit; };
  return nlohmann::json{{"dim_M", text(d.m, "")},
                        {"dim_C", text(d.c, "")},
                        {"dim_F", text(d.f, "")},
                        {"input_gb.capacity", text(d.input, " KiB")},
                        {"output_gb.capacity", text(d.output, " KiB")},
                        {"weight_buffer.capacity", text(d.weight, " KiB")},
                        {"frequency", text(d.clock, " MHz")},
                        {"dram.bandwidth", text(d.bandwidth, " GB/s")}}
      .dump();
}

dse::FinishedPoint result_of(const Design& d, std::size_t layers) {
  dse::FinishedPoint point;
  const double lanes = d.m * d.c * d.f, sram = 1024 * (d.input + d.output + d.m * d.weight);
  double time = 0, energy = 0, traffic = 0, cycles = 0;
  double dram_pj = 0, sram_pj = 0, mac_pj = 0;
  for (std::size_t l = 0; l < layers; ++l) {
    const double macs = 4.1e9 / static_cast<double>(layers) * (0.5 + static_cast<double>(l % 7) / 6);
    const double width = 64 * std::exp2(static_cast<double>(l * 5 / layers));
    const double filled = std::min(1.0, width / d.m) * std::min(1.0, 512 / width / d.f);
    const double bytes = 2e5 * (1 + 3e5 / (1024 * d.input)) * (1 + 2e4 / (1024 * d.output)) * (1 + 2 / d.weight);
    const double compute = macs / (lanes * filled), transfer = bytes / (d.bandwidth * 1e9) * d.clock * 1e6;
    const double spent = std::max(compute, transfer) + 2000;
    const double e_dram = bytes * 100, e_sram = macs * 0.02 * std::sqrt(sram / 3e5), e_mac = macs * 0.1;
    const double e_clock = spent * std::sqrt(lanes) * 2;
    dse::LayerRow layer;
    layer.workload = "resnet50";
    layer.position = static_cast<std::int64_t>(l);
    layer.name = "conv" + std::to_string(l + 1);
    layer.cycles = std::floor(spent);
    layer.dram_bytes = std::floor(bytes);
    layer.energy_pj = e_dram + e_sram + e_mac + e_clock;
    point.layers.push_back(layer);
    time += spent / (d.clock * 1e6);
    cycles += std::floor(spent);
    energy += e_dram + e_sram + e_mac + e_clock;
    traffic += std::floor(bytes);
    dram_pj += e_dram;
    sram_pj += e_sram;
    mac_pj += e_mac;
  }
  point.metrics = {{"energy_pj", energy},   {"time_s", time},     {"cycles", cycles},     {"edp", energy * time},
                   {"dram_bytes", traffic}, {"sram_bytes", sram}, {"multipliers", lanes}, {"synthetic", 1}};
  point.energy = {
      {"dram", dram_pj}, {"sram", sram_pj}, {"pe.mac", mac_pj}, {"control", energy - dram_pj - sram_pj - mac_pj}};
  return point;
}

void write_store(const std::string& path, std::size_t count, std::uint64_t seed) {
  dse::Store store(path, dse::Store::Mode::write);
  const std::int64_t number = store.add_study("random", "/studies/random.yaml", study);
  Draw draw(seed);
  std::vector<Design> designs;
  std::vector<dse::NewPoint> points;
  for (std::size_t i = 0; i < count; ++i) {
    designs.push_back(draw.design());
    const Design& d = designs.back();
    const bool large = d.m * d.weight + d.input > 4096;
    points.push_back({"point " + std::to_string(i), settings_of(d), large ? "the buffers hold more than 4 MiB" : ""});
  }
  const std::vector<std::int64_t> ids = store.add_points(number, points);
  for (std::size_t i = 0; i < count; ++i) {
    if (!points[i].infeasible.empty()) continue;
    (void)store.claim(ids[i], "bench", 3600);
    dse::FinishedPoint point = result_of(designs[i], 54);
    if (i >= 1000) point.layers.clear();  // a study of this size keeps them; here they would only take time to write
    point.seconds = 0.05 + 1e-3 * static_cast<double>(draw.below(100));
    (void)store.finish(ids[i], "bench", point);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: make_study_store FILE POINTS [SEED]\n";
    return 2;
  }
  try {
    write_store(argv[1], std::strtoull(argv[2], nullptr, 10), argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  } catch (const std::exception& error) {
    std::cerr << "make_study_store: " << error.what() << "\n";
    return 2;
  }
}
