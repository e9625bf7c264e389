// Writes a trace with the layers of ResNet-50 and synthetic values, for measuring the simulator's speed:
//   bench_resnet50_trace OUT.trace [--resolution 224] [--width-divisor 1]
// Layers: He et al., "Deep Residual Learning", Table 1, with the stride in the 3x3 layers, 4.1 GMAC. Sparsity: 45 %
// zero coefficients as Table III of the SmartDeal paper states for ResNet50 (a third of the rows and 17.5 % of what is
// left); half of the activations are zero, as behind a ReLU. Provenance says synthetic.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <random>
#include <span>

#include "common/units.h"
#include "workloads/encode/smartdeal_form.h"
#include "workloads/trace/trace.h"

namespace {

using rebasis::LayerShape;
using rebasis::encode::Coefficient;
using rebasis::encode::SmartDealForm;
using rebasis::trace::LayerInfo;
using rebasis::trace::Metadata;
using rebasis::trace::TraceWriter;

constexpr std::int64_t kBasis = 3;        // columns of Ce
constexpr std::int64_t kSliceRows = 192;  // most rows that share a basis
constexpr std::uint32_t kPercent = 1000;

class Generator {
 public:
  /// One convolution; `size` is the extent of the square input.
  void add(const std::string& name, const LayerShape& shape) {
    LayerInfo layer;
    layer.name = name;
    layer.op = shape.H == 1 ? "fc" : "conv";
    layer.shape = shape;
    layer.weight_provenance = "synthetic";
    layer.activations.provenance = "synthetic";
    if (shape.S == 1 || shape.S == kBasis) {
      add_smartdeal(layer);
    } else {
      add_dense(layer);
    }
    add_activations(layer);
    macs_ += shape.macs();
    metadata_.layers.push_back(std::move(layer));
  }

  void write(const std::string& path) {
    metadata_.network = "resnet50-synthetic";
    metadata_.provenance = R"({"note": "synthetic values in the shapes of ResNet-50, for measuring speed"})";
    writer_.write(path, metadata_);
  }
  [[nodiscard]] std::int64_t macs() const { return macs_; }

 private:
  bool chance(std::uint32_t per_mille) { return random_() % kPercent < per_mille; }

  void add_dense(LayerInfo& layer) {
    layer.encoding = "dense-int8";
    const LayerShape& s = layer.shape;
    std::vector<std::int8_t> weights(static_cast<std::size_t>(s.weights()));
    for (auto& weight : weights) weight = static_cast<std::int8_t>(static_cast<int>(random_() % 255) - 127);
    const std::vector<float> scales(static_cast<std::size_t>(s.M), 0.01F);
    writer_.add<std::int8_t>(layer.name + "/weights", {s.M, s.C / s.groups, s.R, s.S}, weights);
    writer_.add<float>(layer.name + "/weight_scale", {s.M}, scales);
  }

  void add_smartdeal(LayerInfo& layer) {
    layer.encoding = "smartdeal";
    const LayerShape& s = layer.shape;
    auto& info = layer.smartdeal;
    info.n = kBasis;
    info.rows_are_kernel_rows = s.S == kBasis;
    const std::int64_t rows = info.rows_are_kernel_rows ? s.C * s.R : rebasis::ceil_div(s.C, kBasis);
    const std::int64_t slices = rebasis::ceil_div(rows, kSliceRows);
    info.slice_rows.assign(static_cast<std::size_t>(slices), rebasis::ceil_div(rows, slices));
    info.slice_rows.back() = rows - (slices - 1) * info.slice_rows.front();
    info.rows = rows;
    info.exponents = {-4, -3, -2, -1, 0, 1, 2};
    add_form(layer, random_form(layer));
  }

  SmartDealForm random_form(const LayerInfo& layer) {
    SmartDealForm form;
    form.info = layer.smartdeal;
    form.filters = layer.shape.M;
    const auto elements = static_cast<std::size_t>(form.filters * form.info.rows * kBasis);
    const auto exponents = static_cast<std::uint32_t>(form.info.exponents.size());
    form.coefficients.resize(elements);
    for (std::size_t row = 0; row < elements; row += kBasis) {
      if (chance(333)) continue;
      for (std::size_t column = 0; column < kBasis; ++column) {
        if (chance(175)) continue;
        const int magnitude = 1 + static_cast<int>(random_() % exponents);
        form.coefficients[row + column] = static_cast<Coefficient>(chance(500) ? magnitude : -magnitude);
      }
    }
    form.basis.resize(static_cast<std::size_t>(form.filters) * form.info.slice_rows.size() * kBasis * kBasis);
    for (auto& element : form.basis) element = static_cast<std::int8_t>(static_cast<int>(random_() % 255) - 127);
    form.basis_shift.assign(static_cast<std::size_t>(form.filters), 6);
    return form;
  }

  void add_form(const LayerInfo& layer, const SmartDealForm& form) {
    const auto encoded = rebasis::encode::encode(form);
    const auto add_bytes = [&](const char* part, const std::vector<std::uint8_t>& bytes) {
      writer_.add<std::uint8_t>(layer.name + "/" + part, {static_cast<std::int64_t>(bytes.size())}, bytes);
    };
    add_bytes("row_index", encoded.row_index);
    add_bytes("element_index", encoded.element_index);
    add_bytes("coefficients", encoded.coefficients);
    add_bytes("code_lengths", encoded.code_lengths);
    const std::int64_t slices = static_cast<std::int64_t>(form.info.slice_rows.size());
    writer_.add<std::uint32_t>(layer.name + "/filter_bits", {form.filters}, encoded.filter_bits);
    writer_.add<std::int8_t>(layer.name + "/basis", {form.filters, slices, kBasis, kBasis}, form.basis);
    writer_.add<std::int8_t>(layer.name + "/basis_shift", {form.filters}, form.basis_shift);
  }

  void add_activations(const LayerInfo& layer) {
    const LayerShape& s = layer.shape;
    std::vector<std::uint8_t> values(static_cast<std::size_t>(s.C * s.H * s.W));
    // An exponential tail, as behind a ReLU: large values are rare.
    std::exponential_distribution<double> magnitude(1.0 / 24);
    for (auto& value : values) {
      if (!chance(500)) value = static_cast<std::uint8_t>(std::min(255.0, 1 + magnitude(random_)));
    }
    writer_.add<std::uint8_t>(layer.name + "/activations", {1, s.C, s.H, s.W}, values);
  }

  std::mt19937 random_{1};
  TraceWriter writer_;
  Metadata metadata_;
  std::int64_t macs_ = 0;
};

LayerShape square(std::int64_t filters, std::int64_t channels, std::int64_t size, std::int64_t kernel,
                  std::int64_t stride) {
  const std::int64_t pad = kernel / 2;
  LayerShape shape{.M = filters, .C = channels, .H = size, .W = size, .R = kernel, .S = kernel};
  shape.stride_h = shape.stride_w = stride;
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = pad;
  return shape;
}

void add_resnet50(Generator& out, std::int64_t resolution, std::int64_t divisor) {
  std::int64_t channels = 64 / divisor;
  out.add("conv1", square(channels, 3, resolution, 7, 2));
  std::int64_t size = resolution / 4;
  const std::int64_t blocks[] = {3, 4, 6, 3};
  for (std::int64_t stage = 0; stage < 4; ++stage) {
    const std::int64_t width = (std::int64_t{64} << stage) / divisor;
    for (std::int64_t block = 0; block < blocks[stage]; ++block) {
      const std::string name = fmt::format("layer{}.{}.", stage + 1, block);
      const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      out.add(name + "conv1", square(width, channels, size, 1, 1));
      out.add(name + "conv2", square(width, width, size, 3, stride));
      out.add(name + "conv3", square(4 * width, width, size / stride, 1, 1));
      if (block == 0) out.add(name + "downsample", square(4 * width, channels, size, 1, stride));
      channels = 4 * width;
      size /= stride;
    }
  }
  out.add("fc", square(1000, channels, 1, 1, 1));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Writes a synthetic trace in the shapes of ResNet-50.");
  std::string path;
  std::int64_t resolution = 224;
  std::int64_t divisor = 1;
  app.add_option("OUT", path, "The trace to write")->required();
  app.add_option("--resolution", resolution, "Extent of the image; a multiple of 32")->check(CLI::Range(32, 1024));
  app.add_option("--width-divisor", divisor, "Divides every number of channels")->check(CLI::Range(1, 16));
  CLI11_PARSE(app, argc, argv);
  try {
    Generator generator;
    add_resnet50(generator, resolution, divisor);
    generator.write(path);
    fmt::print("{}\n", generator.macs());
  } catch (const rebasis::Error& error) {
    fmt::print(stderr, "bench_resnet50_trace: {}\n", error.what());
    return static_cast<int>(error.status());
  }
  return 0;
}
