// rebasis run: executes a network, as a check of import and for its accuracy.
#include <filesystem>
#include <iostream>

#include "cli/command.h"
#include "cli/run/summary.h"
#include "common/error.h"
#include "common/progress.h"
#include "workloads/graph/names.h"
#include "workloads/io/npy.h"
#include "workloads/run/activations.h"
#include "workloads/run/executor.h"
#include "workloads/run/network_inputs.h"

namespace rebasis::cli {
namespace {

class Run : public Command {
 public:
  std::string description() const override {
    return "Imports NETWORK.onnx, executes it on real inputs in 32-bit floating point and prints its layers. With "
           "labels it measures "
           "the accuracy; with a reference it prints how far the outputs are from another program's.\n\n"
           "Inputs are an .npy file [N][C][H][W], an IDX file as of the MNIST family (.gz too), a binary file of CIFAR "
           "(test_batch.bin), or a folder of PNG and JPEG images, which are resized to the network's input. Images "
           "become (pixel * scale - mean) / std with pixels "
           "from 0 "
           "to 255 and scale 1/255 unless given; .npy values are taken as they are unless --scale, --mean or --std is "
           "given.\n\n"
           "Labels are an IDX or .npy file, or text: a class number a line, or lines FILE,CLASS. A folder with one "
           "sub-folder a class needs none.\n\n"
           "--sparsity also quantises the inputs of every layer to 8 bits, as an accelerator would read them: one "
           "scale a "
           "tensor, unsigned codes where no value is negative. It prints which parts of the codes are zero, and the "
           "accuracy "
           "that remains.\n\n"
           "docs/inputs.md describes the input files, docs/operators.md the operators of ONNX that run.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis run net.onnx --inputs images.npy -o outputs.npy", "Outputs for a batch."},
            {"rebasis run fmnist_vggsmall.onnx --inputs t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz "
             "--mean 0.2860 --std 0.3530",
             "Accuracy on Fashion-MNIST."},
            {"rebasis run net.onnx --inputs photos/ --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --limit 100 "
             "--sparsity",
             "Activation sparsity on the first 100 images of a folder."},
            {"rebasis run net.onnx --inputs x.npy --reference y.npy --tolerance 1e-4",
             "Does Rebasis compute what the training framework does?"}};
  }

  void configure(CLI::App& app) override {
    app.add_option("NETWORK", network_, "The network, an ONNX file")->required();
    app.add_option("--inputs", inputs_, "An .npy, IDX or CIFAR file, or a folder of images")->required();
    app.add_option("--labels", labels_, "Class of each image: IDX, .npy or text");
    app.add_flag("--coarse-labels", options_.coarse_labels, "CIFAR-100: the 20 coarse classes");
    app.add_option("--mean", options_.mean,
                   "Subtracted from each channel; one value or one a channel, divided by commas")
        ->delimiter(',');
    app.add_option("--std", options_.std, "What each channel is divided by; one value or one a channel")
        ->delimiter(',');
    app.add_option("--scale", options_.scale, "Factor of pixels before --mean [1/255; .npy: 1]");
    app.add_option("--limit", options_.limit, "Use the first images only; 0: all")->check(CLI::NonNegativeNumber);
    app.add_option("--batch", activations_.batch_size, "Images executed at a time")->check(CLI::Range(1, 65536));
    app.add_option("-o,--output", output_, "Write the outputs as .npy");
    auto* reference = app.add_option("--reference", reference_, "Outputs to compare with, .npy");
    app.add_option("--tolerance", tolerance_,
                   "Fail when the outputs differ by more than this part of the reference's largest value")
        ->needs(reference);
    app.add_flag("--sparsity", sparsity_, "Quantise the activations and print their sparsity, layer by layer");
    app.add_option("--unsigned-bits", activations_.unsigned_bits,
                   "With --sparsity: bits of activations that are never negative, 8 or 7")
        ->check(CLI::Range(7, 8));
    app.add_option("--percentile", activations_.percentile,
                   "With --sparsity: calibrate to this percentile of the magnitudes");
    app.add_flag("--json", json_, "Print JSON");
  }

  int run() override {
    const run::NetworkInputs loaded = run::load_network_and_inputs(network_, inputs_, labels_, options_);
    const run::Executor executor(loaded.graph);
    RunSummary summary;
    summary.network = network_;
    summary.sha256 = loaded.graph.sha256;
    summary.inputs = inputs_;
    summary.images = loaded.inputs.images.shape[0];
    summary.layers = executor.layers();
    const std::vector<Tensor<float>> outputs = executor.run_all(loaded.inputs.images, {}, activations_.batch_size);
    if (!loaded.inputs.labels.empty()) summary.accuracy = run::accuracy(outputs, loaded.inputs.labels);
    if (!reference_.empty()) summary.against_reference = difference(outputs[0], io::read_npy_float(reference_));
    if (sparsity_) measure_sparsity(executor, loaded.inputs, outputs, summary);
    write_outputs(loaded.graph, outputs);
    std::cout << (json_ ? summary_json(summary) : summary_text(summary));
    if (tolerance_ && summary.against_reference->of_range > *tolerance_) {
      fail_input({reference_},
                 "the outputs differ by more than the tolerance; check that network and inputs are the same");
    }
    return 0;
  }

 private:
  void measure_sparsity(const run::Executor& executor, const io::Inputs& inputs,
                        const std::vector<Tensor<float>>& outputs, RunSummary& summary) const {
    summary.activations = run::calibrate(executor, inputs.images, activations_);
    summary.sparsity =
        run::activation_sparsity(executor, inputs.images, summary.activations, {}, activations_.batch_size);
    run::RunHooks quantised;
    quantised.quantisation = run::quantisations(summary.activations);
    const std::vector<Tensor<float>> coarse = executor.run_all(inputs.images, quantised, activations_.batch_size);
    summary.against_float = difference(coarse[0], outputs[0]);
    if (!inputs.labels.empty()) summary.quantised_accuracy = run::accuracy(coarse, inputs.labels);
  }

  /// The first output to the file asked for, others beside it under their names.
  void write_outputs(const graph::Graph& graph, const std::vector<Tensor<float>>& outputs) const {
    if (output_.empty()) return;
    for (std::size_t index = 0; index < outputs.size(); ++index) {
      std::filesystem::path path = output_;
      if (index > 0)
        path.replace_filename(path.stem().string() + "." + graph::clean_name(graph.outputs[index].name) + ".npy");
      io::write_npy(path.string(), outputs[index]);
    }
  }

  std::string network_, inputs_, labels_, output_, reference_;
  io::InputOptions options_;
  run::ActivationOptions activations_;
  std::optional<double> tolerance_;
  bool sparsity_ = false, json_ = false;
};

const RegisterCommand<Run> registration("run");

}  // namespace
}  // namespace rebasis::cli
