// A network and data small enough to train in a test: stripes of three directions.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/onnx_model.h"
#include "workloads/graph/graph.h"
#include "workloads/io/inputs.h"
#include "workloads/train/trainer.h"

namespace rebasis::test::tiny {

inline constexpr std::int64_t size = 6, classes = 3, images = 60;

/// Conv 3x3 (4 filters), batch-norm, ReLU, mean over the map, Gemm.
inline void write_network(const std::string& path) {
  OnnxModel model;
  model.input("x", {1, 1, size, size});
  model.initialiser("w", noise({4, 1, 3, 3}, 1));
  model.initialiser("gamma", Tensor<float>({4}, {1, 1, 1, 1}));
  model.initialiser("beta", Tensor<float>({4}, {0, 0, 0, 0}));
  model.initialiser("mean", Tensor<float>({4}, {0, 0, 0, 0}));
  model.initialiser("var", Tensor<float>({4}, {1, 1, 1, 1}));
  model.initialiser("v", noise({classes, 4}, 2));
  model.initialiser("b", Tensor<float>({classes}, {0, 0, 0}));
  set(model.node("Conv", {"x", "w"}, {"c"}), "pads", std::vector<std::int64_t>{1, 1, 1, 1});
  model.node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"n"});
  model.node("Relu", {"n"}, {"r"});
  model.node("GlobalAveragePool", {"r"}, {"p"});
  model.node("Flatten", {"p"}, {"f"});
  set(model.node("Gemm", {"f", "v", "b"}, {"y"}), "transB", std::int64_t{1});
  model.output("y");
  model.write(path);
}

/// Horizontal, vertical and diagonal stripes with noise: a linear classifier of pixels cannot tell them, a convolution
/// can.
inline io::Inputs stripes() {
  io::Inputs data;
  data.images = noise({images, 1, size, size}, 3);
  for (std::int64_t i = 0; i < images; ++i) {
    const std::int64_t label = i % classes;
    data.labels.push_back(label);
    for (std::int64_t h = 0; h < size; ++h) {
      for (std::int64_t w = 0; w < size; ++w) {
        const std::int64_t phase = label == 0 ? h : label == 1 ? w : h + w;
        float& pixel = data.images.values[static_cast<std::size_t>((i * size + h) * size + w)];
        pixel = 0.3F * pixel + ((phase + i / classes) % 2 == 0 ? 1.0F : -1.0F);
      }
    }
  }
  return data;
}

/// The network's file, of this process alone: tests run side by side in one folder.
struct Fixture {
  std::string path = "tiny." + std::to_string(getpid()) + ".onnx";
  Fixture() { write_network(path); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() { std::filesystem::remove(path); }
  [[nodiscard]] graph::Graph graph() const {
    graph::ImportOptions options;
    options.fold_batch_norms = false;
    return graph::import_onnx(path, options);
  }
};

/// Another file of this process alone, with a text or yet to be written.
struct File {
  std::string path;
  explicit File(const std::string& name, const std::string& text = "") : path(std::to_string(getpid()) + "." + name) {
    if (!text.empty()) std::ofstream(path) << text;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { std::filesystem::remove(path); }
};

inline train::Recipe recipe(const std::string& text) { return train::Recipe::parse(text, "t.yaml"); }

inline constexpr const char* plain = "epochs: 6\nbatch_size: 10\nlearning_rate: 0.05\n";

inline train::TrainResult trained(const Fixture& network, const std::string& text, const std::string& checkpoint = {}) {
  return train::train(network.graph(), recipe(text), stripes(), checkpoint);
}

inline bool same(const train::TrainResult& a, const train::TrainResult& b) {
  if (a.networks.size() != b.networks.size()) return false;
  for (std::size_t i = 0; i < a.networks.size(); ++i) {
    for (const auto& [name, value] : a.networks[i].constants) {
      if (b.networks[i].constants.at(name).values != value.values) return false;
    }
  }
  return true;
}

}  // namespace rebasis::test::tiny
