// Does training on an imported graph cost more than libtorch code written by hand? ResNet-20 on images of
// Fashion-MNIST's shape, once by workloads/train from the shipped ONNX file and once as torch::nn modules: the same
// batch size, optimiser and number of threads (one), no augmentation. The two take turns, so that other work on the
// machine slows both; CPU time of the process counts.
#include <fmt/format.h>
#include <torch/nn.h>
#include <torch/optim/sgd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <random>

#include "workloads/graph/graph.h"
#include "workloads/train/trainer.h"

namespace {

using namespace rebasis;

struct Settings {
  std::string network = REBASIS_SOURCE_DIR "/workloads/networks/fmnist_resnet20.onnx";
  std::int64_t batch = 128, steps = 20, rounds = 3, micro_batches = 1;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

io::Inputs random_images(std::int64_t count) {
  io::Inputs data;
  data.images = Tensor<float>({count, 1, 28, 28});
  std::mt19937 random(1);
  std::normal_distribution<float> pixel;
  for (float& value : data.images.values) value = pixel(random);
  for (std::int64_t i = 0; i < count; ++i) data.labels.push_back(i % 10);
  return data;
}

/// Seconds a step by the project's trainer; the first step, in which libtorch prepares itself, is left out.
double by_trainer(const graph::Graph& graph, const io::Inputs& data, const Settings& settings) {
  const train::Recipe recipe =
      train::Recipe::parse(fmt::format("epochs: 1\nbatch_size: {}\nschedule: constant\nmicro_batches: {}\n",
                                       settings.batch, settings.micro_batches),
                           "bench.yaml");
  std::vector<double> ends;
  train::TrainObserver observer;
  observer.step = [&](std::int64_t, double, double, double) { ends.push_back(cpu_seconds()); };
  (void)train::train(graph, recipe, data, {}, observer);
  return (ends.back() - ends.front()) / static_cast<double>(ends.size() - 1);
}

torch::nn::Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

struct Block : torch::nn::Module {
  Block(std::int64_t in, std::int64_t out, std::int64_t stride)
      : first(register_module("first", conv(in, out, 3, stride))),
        first_norm(register_module("first_norm", torch::nn::BatchNorm2d(out))),
        second(register_module("second", conv(out, out, 3, 1))),
        second_norm(register_module("second_norm", torch::nn::BatchNorm2d(out))) {
    if (stride == 1) return;
    shortcut =
        register_module("shortcut", torch::nn::Sequential(conv(in, out, 1, stride), torch::nn::BatchNorm2d(out)));
  }
  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor y = second_norm(second(torch::relu(first_norm(first(x)))));
    return torch::relu(y + (shortcut ? shortcut->forward(x) : x));
  }
  torch::nn::Conv2d first;
  torch::nn::BatchNorm2d first_norm;
  torch::nn::Conv2d second;
  torch::nn::BatchNorm2d second_norm;
  torch::nn::Sequential shortcut{nullptr};
};

struct ResNet20 : torch::nn::Module {
  ResNet20() : classifier(register_module("classifier", torch::nn::Linear(64, 10))) {
    body->push_back(conv(1, 16, 3, 1));
    body->push_back(torch::nn::BatchNorm2d(16));
    body->push_back(torch::nn::ReLU());
    std::int64_t channels = 16;
    for (const std::int64_t out : {16, 32, 64}) {
      for (int block = 0; block < 3; ++block) {
        body->push_back(std::make_shared<Block>(channels, out, out != channels ? 2 : 1));
        channels = out;
      }
    }
    register_module("body", body);
  }
  at::Tensor forward(const at::Tensor& x) { return classifier(body->forward(x).mean({2, 3})); }
  torch::nn::Sequential body;
  torch::nn::Linear classifier;
};

/// Seconds a step of the loop that one would write by hand.
double by_hand(const io::Inputs& data, const Settings& settings) {
  ResNet20 network;
  torch::optim::SGD optimiser(network.parameters(), torch::optim::SGDOptions(0.1).momentum(0.9).weight_decay(1e-4));
  at::Tensor images = at::empty(data.images.shape);
  std::copy(data.images.values.begin(), data.images.values.end(), images.data_ptr<float>());
  const at::Tensor labels = at::tensor(data.labels, at::kLong), order = at::randperm(images.size(0), at::kLong);
  double start = 0, loss_sum = 0;
  for (std::int64_t step = 0; step < settings.steps; ++step) {
    const at::Tensor chosen = order.slice(0, step * settings.batch, (step + 1) * settings.batch);
    optimiser.zero_grad();
    const at::Tensor loss = torch::nn::functional::cross_entropy(network.forward(images.index_select(0, chosen)),
                                                                 labels.index_select(0, chosen));
    loss.backward();
    optimiser.step();
    loss_sum += loss.item<double>();
    if (step == 0) start = cpu_seconds();
  }
  if (!std::isfinite(loss_sum)) fmt::print("the loss by hand is not finite\n");
  return (cpu_seconds() - start) / static_cast<double>(settings.steps - 1);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure(const Settings& settings) {
  graph::ImportOptions options;
  options.fold_batch_norms = false;
  const graph::Graph graph = graph::import_onnx(settings.network, options);
  const io::Inputs data = random_images(settings.batch * settings.steps);
  std::vector<double> trainer, hand, ratios;
  for (std::int64_t round = 0; round < settings.rounds; ++round) {
    trainer.push_back(by_trainer(graph, data, settings));
    hand.push_back(by_hand(data, settings));
    ratios.push_back(trainer.back() / hand.back());
  }
  const auto speed = [&](const std::vector<double>& seconds) {
    return static_cast<double>(settings.batch) / median(seconds);
  };
  fmt::print("rebasis train: {:.0f} images a CPU second\nlibtorch by hand: {:.0f} images a CPU second\n",
             speed(trainer), speed(hand));
  fmt::print("time of rebasis train / by hand: {:.3f} (median of {}; {:.3f} to {:.3f})\n", median(ratios),
             settings.rounds, *std::min_element(ratios.begin(), ratios.end()),
             *std::max_element(ratios.begin(), ratios.end()));
}

}  // namespace

int main(int argc, char* argv[]) {
  Settings settings;
  CLI::App app{"Training speed beside libtorch code written by hand"};
  app.add_option("--batch", settings.batch, "Images a step");
  app.add_option("--steps", settings.steps, "Steps a round and side")->check(CLI::Range(2, 100000));
  app.add_option("--rounds", settings.rounds, "Rounds")->check(CLI::Range(1, 1000));
  app.add_option("--micro-batches", settings.micro_batches, "Of the trainer");
  CLI11_PARSE(app, argc, argv);
  measure(settings);
  return 0;
}
