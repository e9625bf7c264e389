// Reading a configuration: a sweep resolves one for every point.
#include <benchmark/benchmark.h>

#include "arch/config.h"
#include "arch/smartdeal/spec.h"
#include "common/file.h"

namespace {

using rebasis::arch::RawConfig;
using rebasis::arch::smartdeal_parameters;

/// Every parameter of the model, as a result would print it.
std::string full_file() {
  return rebasis::arch::to_yaml(smartdeal_parameters().print(smartdeal_parameters().resolve(RawConfig())));
}

void parse(benchmark::State& state) {
  const std::string text = full_file();
  for (auto _ : state) benchmark::DoNotOptimize(RawConfig::parse(text, "bench"));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(parse)->Unit(benchmark::kMicrosecond);

void resolve(benchmark::State& state) {
  const RawConfig config = RawConfig::parse(full_file(), "bench");
  for (auto _ : state) benchmark::DoNotOptimize(smartdeal_parameters().resolve(config));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * config.entries().size()));
}
BENCHMARK(resolve)->Unit(benchmark::kMicrosecond);

}  // namespace
