// Opening a trace: its header is parsed and checked before anything runs; tensors are mapped and read on use.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <filesystem>

#include "workloads/trace/trace.h"

namespace {

using rebasis::LayerShape;
using rebasis::trace::LayerInfo;
using rebasis::trace::Metadata;
using rebasis::trace::TraceReader;
using rebasis::trace::TraceWriter;

/// A trace of `layers` dense 3x3 layers with 64 channels on 56 x 56 maps, deleted with this object.
class TraceFile {
 public:
  explicit TraceFile(std::int64_t layers)
      : path_((std::filesystem::temp_directory_path() / ("rebasis-bench-" + std::to_string(layers) + ".trace"))
                  .string()) {
    TraceWriter writer;
    Metadata metadata;
    metadata.network = "bench";
    for (std::int64_t i = 0; i < layers; ++i) add_layer(writer, metadata, "layer" + std::to_string(i));
    writer.write(path_, metadata);
  }
  ~TraceFile() { std::remove(path_.c_str()); }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  static void add_layer(TraceWriter& writer, Metadata& metadata, const std::string& name) {
    LayerInfo layer;
    layer.name = name;
    layer.op = "conv";
    layer.encoding = "dense-int8";
    layer.shape = {.M = 64,
                   .C = 64,
                   .H = 56,
                   .W = 56,
                   .R = 3,
                   .S = 3,
                   .pad_top = 1,
                   .pad_left = 1,
                   .pad_bottom = 1,
                   .pad_right = 1};
    layer.weight_provenance = "synthetic";
    layer.activations.provenance = "synthetic";
    metadata.layers.push_back(layer);
    const std::vector<std::int8_t> weights(64 * 64 * 9, 1);
    const std::vector<float> scales(64, 0.5F);
    const std::vector<std::uint8_t> activations(64 * 56 * 56, 3);
    writer.add<std::int8_t>(name + "/weights", {64, 64, 3, 3}, weights);
    writer.add<float>(name + "/weight_scale", {64}, scales);
    writer.add<std::uint8_t>(name + "/activations", {1, 64, 56, 56}, activations);
  }
  std::string path_;
};

void open_trace(benchmark::State& state) {
  const TraceFile file(state.range(0));
  for (auto _ : state) {
    const TraceReader reader(file.path());
    benchmark::DoNotOptimize(reader.metadata().layers.size());
  }
}
BENCHMARK(open_trace)->Arg(1)->Arg(20)->Arg(200)->Unit(benchmark::kMicrosecond);

void verify_checksums(benchmark::State& state) {
  const TraceFile file(20);
  const TraceReader reader(file.path());
  for (auto _ : state) reader.verify_checksums();
  state.SetBytesProcessed(static_cast<std::int64_t>(static_cast<std::uint64_t>(state.iterations()) *
                                                    std::filesystem::file_size(file.path())));
}
BENCHMARK(verify_checksums)->Unit(benchmark::kMillisecond);

}  // namespace
