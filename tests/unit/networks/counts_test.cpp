// Parameters, multiply-accumulates and shapes of the shipped networks: published values and independent closed forms.
#include <doctest/doctest.h>

#include <cmath>

#include "common/data_dir.h"
#include "workloads/compress/synthetic.h"
#include "workloads/network_spec/network.h"

using namespace rebasis;
using networks::load_network;
using networks::Network;

namespace {

std::vector<graph::WeightLayer> layers_of(const std::string& name) {
  return graph::weight_layers(load_network(name).graph);
}

/// A k x k convolution without bias and its batch norm.
std::int64_t conv_bn(std::int64_t in, std::int64_t out, std::int64_t k) { return in * out * k * k + 2 * out; }

/// He et al. 2016, section 4.2: 6n + 2 layers, widths w, 2w, 4w, shortcuts without parameters.
std::int64_t cifar_resnet(std::int64_t depth, std::int64_t w) {
  const std::int64_t n = (depth - 2) / 6;
  std::int64_t count = conv_bn(3, w, 3) + 4 * w * 10 + 10;
  count += 2 * n * conv_bn(w, w, 3);
  count += conv_bn(w, 2 * w, 3) + (2 * n - 1) * conv_bn(2 * w, 2 * w, 3);
  return count + conv_bn(2 * w, 4 * w, 3) + (2 * n - 1) * conv_bn(4 * w, 4 * w, 3);
}

std::int64_t fire(std::int64_t in, std::int64_t squeeze, std::int64_t expand) {
  return in * squeeze + squeeze + squeeze * expand * (1 + 9) + 2 * expand;
}

}  // namespace

TEST_CASE("counts agree with the published ones within the tolerance that the file states") {
  std::size_t compared = 0;
  for (const std::string& name : networks::network_names()) {
    const Network network = load_network(name);
    CAPTURE(name);
    CHECK(network.name == name);
    for (const networks::Published& entry : network.published) {
      CAPTURE(entry.source);
      const double off = std::abs(network.ours(entry) / entry.value - 1);
      if (entry.differs.empty()) {
        CHECK(off <= entry.tolerance + 1e-12);
        CHECK(entry.tolerance <= 0.04);
      } else {
        CHECK(off > 0.04);  // what is called a difference is one
      }
      ++compared;
    }
  }
  CHECK(compared >= 50);
}

TEST_CASE("the networks of the papers are all there") {
  const std::vector<std::string> names = networks::network_names();
  for (const char* wanted :
       {"alexnet",         "vgg11",         "vgg16",     "vgg19-cifar10", "vgg16-cifar10", "resnet18-cifar10",
        "resnet18",        "resnet20",      "resnet32",  "resnet44",      "resnet56",      "resnet34",
        "resnet50",        "resnet101",     "resnet164", "wide-resnet32", "mobilenetv2",   "mobilenetv2-cifar10",
        "efficientnet-b0", "deeplabv3plus", "mlp1",      "mlp2",          "squeezenet",    "squeezenet-bypass",
        "cifarnet",        "zfnet",         "deit-b"}) {
    CAPTURE(wanted);
    CHECK(std::find(names.begin(), names.end(), wanted) != names.end());
  }
}

TEST_CASE("parameters by closed forms") {
  for (const std::int64_t depth : {20, 32, 44, 56})
    CHECK(load_network("resnet" + std::to_string(depth)).parameter_count == cifar_resnet(depth, 16));
  CHECK(load_network("wide-resnet32").parameter_count == cifar_resnet(32, 32));
  CHECK(load_network("mlp1").parameter_count == 784 * 2048 + 2048 + 2048 * 1024 + 1024 + 1024 * 10 + 10);
  CHECK(load_network("cifarnet").parameter_count == 64 * 76 + 64 * 1601 + 4097 * 384 + 385 * 192 + 193 * 10);
  CHECK(load_network("zfnet").parameter_count ==
        96 * 148 + 256 * 2401 + 384 * 2305 + 384 * 3457 + 256 * 3457 + 9217 * 4096 + 4097 * 4096 + 4097 * 1000);
  std::int64_t squeeze = 96 * 148 + 513 * 1000, bypass = 0;
  const std::int64_t in[] = {96, 128, 128, 256, 256, 384, 384, 512}, s[] = {16, 16, 32, 32, 48, 48, 64, 64};
  for (int i = 0; i < 8; ++i) {
    squeeze += fire(in[i], s[i], 4 * s[i]);
    if (i % 2 == 0) bypass += (in[i] + 1) * 8 * s[i];
  }
  CHECK(load_network("squeezenet").parameter_count == squeeze);
  CHECK(load_network("squeezenet-bypass").parameter_count == squeeze + bypass);
}

TEST_CASE("ResNet-164 and DeepLabV3+ by closed forms") {
  // Blocks of 1x1, 3x3, 1x1 with a batch norm before each; the first of a stage projects its input without one.
  std::int64_t count = 3 * 16 * 9 + 2 * 256 + 256 * 10 + 10, in = 16;
  for (const std::int64_t w : {16, 32, 64}) {
    count += in * 4 * w;
    for (int block = 0; block < 18; ++block) {
      count += 2 * in + in * w + 2 * w + 9 * w * w + 2 * w + 4 * w * w;
      in = 4 * w;
    }
  }
  CHECK(load_network("resnet164").parameter_count == count);
  const std::int64_t backbone = load_network("resnet50").parameter_count - 2049 * 1000;
  const std::int64_t pyramid = 2 * conv_bn(2048, 256, 1) + 3 * conv_bn(2048, 256, 3) + conv_bn(1280, 256, 1);
  const std::int64_t decoder = conv_bn(256, 48, 1) + conv_bn(304, 256, 3) + conv_bn(256, 256, 3) + 257 * 11;
  CHECK(load_network("deeplabv3plus").parameter_count == backbone + pyramid + decoder);
}

TEST_CASE("the layers of ResNet-50 are those of its list of shapes") {
  const compress::LayerShapes list = compress::load_layer_shapes(data_path("workloads/networks/resnet50_layers.yaml"));
  const std::vector<graph::WeightLayer> layers = layers_of("resnet50");
  REQUIRE(layers.size() == list.layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    CAPTURE(layers[i].name);
    CHECK(layers[i].name == list.layers[i].name);
    CHECK(layers[i].op == list.layers[i].op);
    CHECK(layers[i].shape == list.layers[i].shape);
  }
}

TEST_CASE("maps of ZfNet are those of figure 3 of its paper, those of DeepLabV3+ have output stride 16") {
  const std::vector<std::vector<std::int64_t>> wanted{{96, 110}, {256, 26}, {384, 13}, {384, 13}, {256, 13}};
  const std::vector<graph::WeightLayer> layers = layers_of("zfnet");
  for (std::size_t i = 0; i < wanted.size(); ++i)
    CHECK(std::vector<std::int64_t>{layers[i].shape.M, layers[i].output_rows} == wanted[i]);
  CHECK(layers[5].shape.C == 256 * 6 * 6);
  for (const graph::WeightLayer& layer : layers_of("deeplabv3plus")) {
    if (layer.name == "layer4.2.conv2") CHECK(layer.output_rows == 23);  // 360 / 16, rounded up
    if (layer.name == "classifier") CHECK(layer.output_columns == 120);
  }
}

TEST_CASE("matrix products of two activations count as multiply-accumulates") {
  const Network network = load_network("deit-b");
  CHECK(network.product_macs == 12 * 2 * 197 * 197 * 768);
  const std::int64_t block = 197 * (768 * 3 * 768 + 768 * 768 + 2 * 768 * 3072);
  CHECK(network.macs == network.product_macs + 12 * block + 196 * 768 * 768 + 768 * 1000);
}
