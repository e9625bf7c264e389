// rebasis memory: the memory of a training step, pass by pass.
#include <fmt/format.h>

#include <iostream>

#include "cli/command.h"
#include "common/file.h"
#include "workloads/training_step/memory.h"

namespace rebasis::cli {
namespace {

constexpr double megabyte = 1e6;

std::string megabytes(std::int64_t bytes) { return fmt::format("{:.3f}", static_cast<double>(bytes) / megabyte); }

std::string parts_of(const training::MemoryPoint& point) {
  std::string text;
  for (std::size_t part = 0; part < point.bytes.size(); ++part)
    text += fmt::format("{}{} {}", part == 0 ? "" : ", ", name(static_cast<training::Held>(part)),
                        megabytes(point.bytes[part]));
  return text;
}

class Memory : public Command {
 public:
  std::string description() const override {
    return "What a training step on the layers of a trace keeps in memory during each of its passes: weights, what the "
           "optimiser keeps for them, gradients, activations that wait for their backward pass, and the maps that the "
           "pass works on. Prints the peak with its parts, beside what the formulas of Table 16 of Yang's "
           "dissertation give.\n\n"
           "Which layers learn is said as for the accelerator `transposable`: --method, --frozen, --trainable, "
           "--detached. --recompute N cuts the network into N segments whose inner activations are computed again "
           "instead of kept. --separate-norms counts a batch norm behind every convolution, as before folding, and a "
           "ReLU "
           "that keeps its input.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis memory T.trace --batch 64", "The peak, in 32-bit values, with momentum."},
            {"rebasis memory T.trace --batch 64 --method last-layer", "Only the last layer learns."},
            {"rebasis memory T.trace --batch 64 --recompute 4 --svg memory.svg", "A plot over the passes."},
            {"rebasis memory T.trace --frozen 'layer1*,conv1' --csv memory.csv", "A row a pass."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("TRACE", path_, "The trace")->required();
    app.add_option("--batch", memory_.batch, "Images of a step")->check(CLI::Range(1, 65536))->capture_default_str();
    app.add_option("--method", step_.method, "dense, sd-t, last-layer, bias-only or forward")
        ->check(CLI::IsMember({"dense", "sd-t", "last-layer", "bias-only", "forward"}))
        ->capture_default_str();
    app.add_option("--frozen", step_.frozen, "Layers that do not learn, divided by commas; * is any text");
    app.add_option("--trainable", step_.trainable, "Only these layers learn");
    app.add_option("--detached", step_.detached, "Layers through which no gradient flows");
    app.add_option("--recompute", step_.recompute, "Segments; 1 keeps all activations")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    app.add_option("--element-bytes", memory_.element_bytes, "Bytes of a value")
        ->check(CLI::Range(1, 8))
        ->capture_default_str();
    app.add_option("--states", memory_.states, "Values of 4 bytes that the optimiser keeps: 0 SGD, 1 momentum, 2 Adam")
        ->check(CLI::Range(0, 2))
        ->capture_default_str();
    app.add_flag("--separate-norms", norms_, "Batch norms are not folded");
    app.add_option("--csv", csv_, "Write a row a pass")->type_name("FILE");
    app.add_option("--svg", svg_, "Write a plot over the passes")->type_name("FILE");
  }

  int run() override {
    const trace::TraceReader trace(path_);
    const auto& layers = trace.metadata().layers;
    if (layers.empty()) fail_input(path_ + ": no layer");
    std::vector<bool> biases;
    for (const trace::LayerInfo& layer : layers) biases.push_back(trace.has(layer.name + "/bias"));
    const std::vector<training::LayerWork> work = training::work_of(layers, step_);
    const auto elements = training::elements_of(layers, biases, norms_);
    const std::vector<training::MemoryPoint> points = training::memory_over_time(elements, work, memory_);
    const training::Table16 formulas = training::table16(elements, work, memory_.batch);
    const double formula_bytes = static_cast<double>(formulas.activations * memory_.element_bytes);
    if (!csv_.empty()) write_file(csv_, csv_of(points));
    if (!svg_.empty()) {
      const std::string title =
          fmt::format("{}: a training step of {} images, {}{}", trace.metadata().network, memory_.batch, step_.method,
                      step_.recompute > 1 ? fmt::format(", {} segments", step_.recompute) : "");
      write_file(svg_, training::memory_chart(title, points, {{formula_bytes, "Table 16"}}));
    }
    const training::MemoryPoint& peak = training::peak_of(points);
    std::cout << fmt::format("peak {} MB in {} of {}: {} MB\n", megabytes(peak.total()), name(peak.pass), peak.layer,
                             parts_of(peak))
              << fmt::format("end of the forward pass {} MB\n", megabytes(points[layers.size() - 1].total()))
              << fmt::format("Table 16: {} parameters learn, {} activations are stored: {} and {} MB, {:.2f} times\n",
                             formulas.parameters, formulas.activations,
                             megabytes(formulas.parameters * memory_.element_bytes),
                             megabytes(formulas.activations * memory_.element_bytes),
                             static_cast<double>(formulas.activations) /
                                 static_cast<double>(std::max<std::int64_t>(1, formulas.parameters)));
    return 0;
  }

 private:
  static std::string csv_of(const std::vector<training::MemoryPoint>& points) {
    std::string text = "layer,pass";
    for (std::size_t part = 0; part < points.front().bytes.size(); ++part)
      text += fmt::format(",{}_bytes", name(static_cast<training::Held>(part)));
    text += ",total_bytes\n";
    for (const training::MemoryPoint& point : points) {
      text += fmt::format("{},{}{}", point.layer, name(point.pass), point.again ? "-again" : "");
      for (const std::int64_t bytes : point.bytes) text += fmt::format(",{}", bytes);
      text += fmt::format(",{}\n", point.total());
    }
    return text;
  }

  std::string path_, csv_, svg_;
  training::StepOptions step_;
  training::MemoryOptions memory_;
  bool norms_ = false;
};

const RegisterCommand<Memory> registration("memory");

}  // namespace
}  // namespace rebasis::cli
