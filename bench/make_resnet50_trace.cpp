// make_resnet50_trace OUTPUT.trace [RECIPE] [SHAPES.yaml] [SEED]: a trace of ResNet-50's layer set, or of another list
// of shapes, with synthetic weights and activations (workloads/compress/synthetic.h). Prints how long the compression
// took.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>

#include "common/data_dir.h"
#include "workloads/compress/synthetic.h"

namespace {

/// Peak resident memory of this process in megabytes (1e6 bytes).
double peak_memory_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) * 1024 / 1e6;
  }
  return 0;
}

int run(int argc, char* argv[]) {
  if (argc < 2 || argc > 5) {
    std::fputs("usage: make_resnet50_trace OUTPUT.trace [RECIPE] [SHAPES.yaml] [SEED]\n", stderr);
    return 2;
  }
  using namespace rebasis;
  const std::string recipe = argc > 2 ? argv[2] : "smartdeal";
  const std::string shapes = argc > 3 ? argv[3] : data_path("workloads/networks/resnet50_layers.yaml");
  compress::SyntheticOptions options;
  if (argc > 4) options.seed = std::strtoull(argv[4], nullptr, 10);
  const auto begin = std::chrono::steady_clock::now();
  double compressed = 0;
  compress::PassContext context;
  context.progress = [&](double fraction, std::string_view) {
    if (fraction >= 1) compressed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const compress::Model model = compress::write_synthetic_trace(
      compress::load_layer_shapes(shapes), compress::Recipe::load(recipe), options, argv[1], context);
  const double total = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  double weights = 0, macs = 0;
  for (const compress::Layer& layer : model.layers) {
    weights += static_cast<double>(layer.shape.weights());
    macs += static_cast<double>(layer.shape.macs());
  }
  std::printf(
      "%zu layers, %.2f M weights, %.2f GMAC: weights made and compressed in %.1f s, %.1f s in all, %.0f MB at most\n",
      model.layers.size(), weights / 1e6, macs / 1e9, compressed, total, peak_memory_mb());
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_resnet50_trace: %s\n", error.what());
    return 2;
  }
}
