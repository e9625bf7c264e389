// rebasis compress: a network, a recipe and real inputs become a trace.
#include <tbb/global_control.h>

#include <iostream>
#include <memory>
#include <optional>

#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/compress/family.h"
#include "cli/compress/report.h"
#include "cli/compress/stage_progress.h"
#include "cli/compress/synthetic_trace.h"
#include "common/file.h"
#include "workloads/compress/network/compress_network.h"
#include "workloads/compress/recipe.h"

namespace rebasis::cli {
namespace {

class Compress : public Command {
 public:
  std::string description() const override {
    return "Imports NETWORK.onnx, folds batch-norms, compresses the weights as the recipe says, runs the compressed "
           "network on the inputs with "
           "quantised activations and writes a trace: the compressed weights with their indexes and the activations of "
           "every layer. With labels, "
           "it measures the accuracy before and after; no re-training is done.\n\n"
           "A recipe is the name of a shipped one (rebasis list recipes) or a YAML file; docs/recipes.md describes its "
           "keys. Inputs and labels "
           "are those of 'rebasis run'. All images count for the accuracy, the first --calibration-images (of "
           "--calibration-inputs, when given) set the activations' scales, and the "
           "first --trace-images go into the trace.\n\n"
           "The table has the columns of Table III of the SmartDeal paper: compression rate (32-bit floating point "
           "over compressed), all "
           "parameters, basis B, Huffman-coded coefficients Ce, 1-bit indexes, code tables, layers left as 8-bit "
           "weights, biases, and the "
           "share of pruned parameters. They add up to the parameter bytes in the trace. With ternary weights there is "
           "a "
           "column of 2-bit codes, which leaves out the groups that are all zero, and the compression rate by the "
           "definition of the ternary paper. docs/compression.md explains the rest.\n\n"
           "Without --inputs, the inputs of the layers are synthetic: random with --seed, after the statistics of "
           "trained "
           "networks (docs/networks.md). NETWORK is then an ONNX file, or the name or YAML file of a network of the "
           "papers ('rebasis networks'), whose weights are synthetic, too. Whatever comes of it is labelled "
           "SYNTHETIC.\n\n"
           "Several networks, such as the sub-nets of one training run, go into the folder that -o names, each as "
           "NAME.trace, with the same inputs and options; all traces are written, or none. With --family they go into "
           "the one "
           "file that -o names, in which each is a sub-net (docs/trace-format.md, \"Families\").";
  }

  std::vector<Example> examples() const override {
    return {
        {"rebasis compress net.onnx --recipe smartdeal --inputs images.npy -o net.trace",
         "SmartDeal, one image in the trace."},
        {"rebasis compress fmnist_vggsmall.onnx --recipe smartdeal --inputs t10k-images-idx3-ubyte.gz --labels "
         "t10k-labels-idx1-ubyte.gz "
         "--mean 0.2860 --std 0.3530 -o vgg.trace",
         "Accuracy before and after on Fashion-MNIST."},
        {"rebasis compress net.s70.onnx net.s90.onnx net.s95.onnx --recipe dense-int8 --inputs images.npy -o traces",
         "The sub-nets of a training run: traces/net.s70.trace and so on, and a table."},
        {"rebasis compress net.s70.onnx net.s90.onnx --recipe dense-int8 --inputs images.npy --family -o net.trace",
         "The same sub-nets in one file: net.trace#net.s70 is one of them."},
        {"rebasis compress net.onnx --recipe mine.yaml --inputs images.npy --evolution evolution.svg -o net.trace",
         "A recipe of your own, with the course of the decomposition as a picture."}};
  }

  void configure(CLI::App& app) override {
    io::InputOptions& inputs = request_.input_options;
    app.add_option("NETWORK", networks_,
                   "The network, an ONNX file; several: sub-nets or any others. Without --inputs also a name of "
                   "'rebasis networks list' or a YAML file")
        ->required();
    app.add_option("--recipe", recipe_, "Name of a shipped recipe, or a YAML file")->required();
    app.add_option("--inputs", request_.inputs,
                   "An .npy or IDX file, or a folder of images; without it, synthetic inputs of the layers");
    app.add_option("--seed", seed_, "Without --inputs: of the random weights and activations");
    app.add_option("--labels", request_.labels, "Class of each image: IDX, .npy or text");
    app.add_option("--mean", inputs.mean, "Subtracted from each channel; one value or one a channel, divided by commas")
        ->delimiter(',');
    app.add_option("--std", inputs.std, "What each channel is divided by; one value or one a channel")->delimiter(',');
    app.add_option("--scale", inputs.scale, "Factor of pixels before --mean [1/255; .npy: 1]");
    app.add_option("--limit,--limit-images", inputs.limit, "Use the first images only; 0: all")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--calibration-images", request_.calibration_images, "Images that set the scales of the activations")
        ->check(CLI::PositiveNumber);
    app.add_option("--calibration-inputs", request_.calibration_inputs,
                   "Images to calibrate on and to correct outputs with, for example training images [those of "
                   "--inputs]");
    app.add_option("--trace-images", request_.trace_images, "Images in the trace")->check(CLI::Range(1, 4096));
    app.add_option("--batch", request_.batch_size, "Images executed at a time")->check(CLI::Range(1, 65536));
    app.add_option("--threads", threads_, "Threads of the decomposition; 0: one a core. The result is the same")
        ->check(CLI::Range(0, 1024));
    app.add_option("--evolution", evolution_,
                   "Write error, sparsity and basis of each iteration as .csv, .json or .svg");
    app.add_flag("--family", family_, "Put the traces of several networks into one file, a family, with -o its name");
    app.add_option("-o,--output", request_.output, "The trace; of several networks the folder of their traces")
        ->required();
    app.add_flag("--json", json_, "Print JSON");
  }

  int run() override {
    const compress::Recipe recipe = compress::Recipe::load(recipe_);
    if (!evolution_.empty()) compress::smartdeal::check_evolution_path(evolution_);
    std::optional<tbb::global_control> limit;
    if (threads_ > 0) limit.emplace(tbb::global_control::max_allowed_parallelism, threads_);
    request_.with_evolution = !evolution_.empty();
    request_.tool_version = std::string(build_version);
    request_.command = command_line();
    if (request_.inputs.empty()) return run_synthetic(recipe);
    return networks_.size() == 1 && !family_ ? run_one(recipe) : run_several(recipe);
  }

 private:
  int run_one(const compress::Recipe& recipe) {
    { const AtomicFile can_be_written(request_.output); }  // found out now, not after the work
    request_.network = networks_.front();
    const compress::CompressReport report = compressed(request_, recipe);
    if (!evolution_.empty()) compress::smartdeal::write_evolution(evolution_, report.evolution);
    std::cout << (json_ ? compress_json(report, recipe.name()) : compress_text(report, recipe.name()));
    return 0;
  }

  int run_synthetic(const compress::Recipe& recipe) {
    const bool wants_images =
        family_ || !request_.labels.empty() || !request_.calibration_inputs.empty() || !evolution_.empty();
    if (wants_images || networks_.size() != 1)
      fail_input("without --inputs there are no images: one network, and no labels, calibration, family or evolution");
    { const AtomicFile can_be_written(request_.output); }  // found out now, not after the work
    const synthetic::TraceRequest request{.seed = seed_,
                                          .images = request_.trace_images,
                                          .output = request_.output,
                                          .tool_version = request_.tool_version,
                                          .command = request_.command};
    StageProgress progress;
    const compress::CompressReport report = synthetic_trace(
        networks_.front(), recipe, request,
        [&](std::string_view stage, double fraction, std::string_view step) { progress.show(stage, fraction, step); });
    std::cout << (json_ ? compress_json(report, recipe.name()) : compress_text(report, recipe.name()));
    return 0;
  }

  int run_several(const compress::Recipe& recipe) {
    if (!evolution_.empty()) fail_input("--evolution is of one network; compress it alone");
    const CompressOne one = [&](const compress::CompressRequest& request) { return compressed(request, recipe); };
    const std::vector<FamilyMember> members = family_ ? compress_into_family(networks_, request_, one)
                                                      : compress_family(networks_, request_.output, request_, one);
    std::cout << (json_ ? family_json(members, recipe.name()) : family_text(members, recipe.name()));
    return 0;
  }

  static compress::CompressReport compressed(const compress::CompressRequest& request, const compress::Recipe& recipe) {
    StageProgress progress;
    return compress::compress_network(
        request, recipe,
        [&](std::string_view stage, double fraction, std::string_view step) { progress.show(stage, fraction, step); });
  }

  compress::CompressRequest request_;
  std::vector<std::string> networks_;
  std::string recipe_, evolution_;
  std::size_t threads_ = 0;
  std::uint64_t seed_ = 1;
  bool json_ = false, family_ = false;
};

const RegisterCommand<Compress> registration("compress");

}  // namespace
}  // namespace rebasis::cli
