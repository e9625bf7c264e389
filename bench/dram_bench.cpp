// Host time of a burst in each memory model, and the share of peak bandwidth that the requests reach.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "sim/core/dram.h"

namespace {

using rebasis::Cycles;
using namespace rebasis::sim;

enum class Pattern { sequential, interleaved, random };

std::vector<DramRequest> requests(Pattern pattern) {
  std::vector<DramRequest> all;
  std::mt19937_64 random(1);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    switch (pattern) {
      case Pattern::sequential:
        all.push_back({64 * i, 64, false});
        break;
      case Pattern::interleaved:
        all.push_back({(i % 3) * (100ull << 20) + 512 * (i / 3), 512, false});
        break;
      case Pattern::random:
        all.push_back({random() % (1 << 24) * 64, 64, false});
        break;
    }
  }
  return all;
}

void serve(benchmark::State& state, const std::string& model, Pattern pattern) {
  const auto list = requests(pattern);
  const auto dram = make_dram({.model = model});
  double share = 0;
  for (auto _ : state) {
    dram->reset();
    std::uint64_t bytes = 0;
    Cycles done{};
    for (const DramRequest& request : list) {
      done = dram->access(request, Cycles(0));
      bytes += request.bytes;
    }
    share = dram->min_cycles(bytes) / static_cast<double>(done.count());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(list.size()) * list.front().bytes / 64);
  state.counters["of_peak"] = share;
}

const bool registered = [] {
  for (const auto& [model, description] : dram_models()) {
    if (model == "unlimited") continue;
    for (const auto& [name, pattern] :
         {std::pair{"sequential_64B", Pattern::sequential}, std::pair{"three_streams_512B", Pattern::interleaved},
          std::pair{"random_64B", Pattern::random}}) {
      benchmark::RegisterBenchmark(
          (model + "/" + name).c_str(),
          [model = model, pattern = pattern](benchmark::State& s) { serve(s, model, pattern); });
    }
  }
  return true;
}();

}  // namespace
