// Decomposition of single layers (workloads/compress/smartdeal): weights per second. make_resnet50_trace measures a
// network.
#include <benchmark/benchmark.h>

#include <random>

#include "workloads/compress/smartdeal/decompose.h"

namespace {

using namespace rebasis;

void decompose(benchmark::State& state) {
  const LayerShape shape{.M = 64, .C = state.range(0), .H = 14, .W = 14, .R = state.range(1), .S = state.range(1)};
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 0.05F);
  std::vector<float> weights(static_cast<std::size_t>(shape.weights()));
  for (float& weight : weights) weight = normal(random);
  arch::RawConfig config;
  config.set("threshold=0.02");
  const compress::smartdeal::Options options = compress::smartdeal::resolve(config);
  for (auto _ : state) benchmark::DoNotOptimize(compress::smartdeal::decompose("bench", shape, weights, options));
  state.SetItemsProcessed(state.iterations() * shape.weights());
}
BENCHMARK(decompose)
    ->ArgNames({"channels", "kernel"})
    ->Args({256, 3})
    ->Args({1024, 1})
    ->Args({64, 5})
    ->Args({32, 7})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
