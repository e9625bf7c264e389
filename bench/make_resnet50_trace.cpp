// A trace of ResNet-50's layer set, or of another list of shapes, with synthetic weights and activations
// (workloads/compress/synthetic.h), compressed by a recipe. Prints how long that took.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>

#include "common/data_dir.h"
#include "workloads/compress/synthetic.h"

namespace {

using namespace rebasis;

/// Peak resident memory of this process in megabytes (1e6 bytes).
double peak_memory_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) * 1024 / 1e6;
  }
  return 0;
}

struct Options {
  std::string output, recipe = "smartdeal", shapes = data_path("workloads/networks/resnet50_layers.yaml");
  compress::SyntheticOptions synthetic;
  std::int64_t resolution = 224, width_divisor = 1;
};

/// The same network for smaller images and with fewer channels.
void shrink(compress::LayerShapes& shapes, const Options& options) {
  constexpr std::int64_t full_resolution = 224;
  for (auto& layer : shapes.layers) {
    LayerShape& shape = layer.shape;
    const bool image = &layer == &shapes.layers.front(), classes = &layer == &shapes.layers.back();
    if (!image) shape.C = std::max<std::int64_t>(1, shape.C / options.width_divisor);
    if (!classes) shape.M = std::max<std::int64_t>(1, shape.M / options.width_divisor);
    shape.H = std::max<std::int64_t>(1, shape.H * options.resolution / full_resolution);
    shape.W = std::max<std::int64_t>(1, shape.W * options.resolution / full_resolution);
  }
}

void write(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  double compressed = 0;
  compress::PassContext context;
  context.progress = [&](double fraction, std::string_view) {
    if (fraction >= 1) compressed = elapsed();
  };
  compress::LayerShapes shapes = compress::load_layer_shapes(options.shapes);
  shrink(shapes, options);
  const compress::Model model = compress::write_synthetic_trace(shapes, compress::Recipe::load(options.recipe),
                                                                options.synthetic, options.output, context);
  double weights = 0, macs = 0;
  for (const compress::Layer& layer : model.layers) {
    weights += static_cast<double>(layer.shape.weights());
    macs += static_cast<double>(layer.shape.macs());
  }
  std::printf(
      "%zu layers, %.2f M weights, %.2f GMAC: weights made and compressed in %.1f s, %.1f s in all, %.0f MB at most\n",
      model.layers.size(), weights / 1e6, macs / 1e9, compressed, elapsed(), peak_memory_mb());
}

}  // namespace

int main(int argc, char* argv[]) {
  Options options;
  CLI::App app("A synthetic trace of ResNet-50's layer set");
  app.add_option("OUTPUT", options.output, "the trace to write")->required();
  app.add_option("--recipe", options.recipe, "recipe or its file")->capture_default_str();
  app.add_option("--shapes", options.shapes, "list of shapes")->capture_default_str();
  app.add_option("--seed", options.synthetic.seed, "of the values")->capture_default_str();
  app.add_option("--resolution", options.resolution, "of the image")
      ->capture_default_str()
      ->check(CLI::Range(32, 1024));
  app.add_option("--width-divisor", options.width_divisor, "divides the channels")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  CLI11_PARSE(app, argc, argv);
  try {
    write(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_resnet50_trace: %s\n", error.what());
    return 2;
  }
  return 0;
}
