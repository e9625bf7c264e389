#include "workloads/compress/network/compress_network.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "common/json.h"
#include "common/sha256.h"
#include "workloads/compress/network/correct_outputs.h"
#include "workloads/compress/network/network_model.h"
#include "workloads/compress/trace_layer.h"
#include "workloads/run/activations.h"
#include "workloads/run/network_inputs.h"

namespace rebasis::compress {
namespace {

using Calibration = std::map<std::string, trace::ActivationInfo>;

Tensor<float> first_images(const Tensor<float>& images, std::int64_t count) {
  const std::int64_t all = images.shape.at(0);
  const std::int64_t kept = std::min(all, count);
  Shape shape = images.shape;
  shape[0] = kept;
  const auto size = static_cast<std::ptrdiff_t>(all == 0 ? 0 : images.size() / all * kept);
  return {shape, {images.values.begin(), images.values.begin() + size}};
}

/// One compression from start to end; the members are what the steps hand on.
class Job {
 public:
  Job(const CompressRequest& request, const Recipe& recipe, const CompressProgress& progress)
      : request_(request),
        recipe_(recipe),
        progress_(progress),
        loaded_(run::load_network_and_inputs(request.network, request.inputs, request.labels, request.input_options)),
        executor_(loaded_.graph),
        network_(executor_.graph()) {
    recipe.check(network_.model());
    if (images().shape.at(0) == 0) fail_input(request.inputs + ": there are no images");
    traced_ = first_images(images(), request.trace_images);
    if (!request.calibration_inputs.empty()) load_calibration_images();
  }

  CompressReport run() {
    measure_original();
    compress();
    correct();
    calibrate();
    measure_compressed();
    write_trace();
    report_.model = std::move(network_.model());
    return std::move(report_);
  }

 private:
  [[nodiscard]] const Tensor<float>& images() const { return loaded_.inputs.images; }
  [[nodiscard]] const Tensor<float>& calibration_images() const {
    return request_.calibration_inputs.empty() ? images() : other_images_;
  }
  [[nodiscard]] bool labelled() const { return !loaded_.inputs.labels.empty(); }
  void tell(std::string_view stage, double fraction = 0, std::string_view step = {}) const {
    if (progress_) progress_(stage, fraction, step);
  }

  void load_calibration_images() {
    io::InputOptions options = request_.input_options;
    options.limit = std::max(request_.calibration_images, recipe_.correction().images);
    run::NetworkInputs loaded =
        run::load_network_and_inputs(request_.network, request_.calibration_inputs, "", options);
    other_images_ = std::move(loaded.inputs.images);
    if (other_images_.shape.at(0) == 0) fail_input(request_.calibration_inputs + ": there are no images");
    run::check_input(executor_.graph(), other_images_.shape);
  }

  void measure_original() {
    tell("run the original network");
    const Tensor<float>& inputs = labelled() ? images() : traced_;
    const std::vector<Tensor<float>> outputs = executor_.run_all(inputs, {}, request_.batch_size);
    report_.images = inputs.shape[0];
    report_.activation_bits = recipe_.activations().bits;
    if (labelled()) {
      report_.accuracy_before = run::accuracy(outputs, loaded_.inputs.labels);
    } else {
      original_output_ = outputs.at(0);
    }
  }

  void compress() {
    PassContext context;
    context.progress = [&](double fraction, std::string_view step) { tell("compress", fraction, step); };
    if (request_.with_evolution) context.evolution = &report_.evolution;
    recipe_.apply(network_.model(), context);
  }

  void correct() {
    const CorrectionRecipe& correction = recipe_.correction();
    if (correction.match == "none") return;
    constexpr std::string_view stage = "correct the outputs of the layers";
    tell(stage);
    correct_outputs(executor_, network_, first_images(calibration_images(), correction.images), correction,
                    request_.batch_size, [&](double fraction) { tell(stage, fraction); });
  }

  void calibrate() {
    tell("calibrate activations");
    const ActivationRecipe& activations = recipe_.activations();
    const run::ActivationOptions options{.signed_bits = activations.bits_of(true),
                                         .unsigned_bits = activations.bits_of(false),
                                         .percentile = activations.percentile,
                                         .batch_size = request_.batch_size};
    calibration_ = run::calibrate(executor_, first_images(calibration_images(), request_.calibration_images), options,
                                  network_.hooks());
    hooks_ = network_.hooks(&calibration_);
    for (const auto& [layer, reuse] : hooks_.reuse)  // chunks of whole batches
      batch_size_ = std::max(batch_size_ / reuse.batch, std::int64_t{1}) * reuse.batch;
  }

  void measure_reuse(std::int64_t images_run) {
    for (std::size_t i = 0; i < network_.model().layers.size(); ++i) {
      Layer& layer = network_.model().layers[i];
      if (layer.reuse) layer.statistics.merge(reuse_statistics(layer, shared_[network_.source_of(i)], images_run));
    }
  }

  void measure_compressed() {
    tell("run the compressed network");
    const Tensor<float>& inputs = labelled() ? images() : traced_;
    run::RunHooks counting = hooks_;
    std::mutex access;
    counting.on_reuse = [&](const graph::WeightLayer& layer, const reuse::Counts& counts) {
      const std::lock_guard lock(access);
      shared_[layer.name] += counts;
    };
    const std::vector<Tensor<float>> outputs = executor_.run_all(inputs, counting, batch_size_);
    measure_reuse(inputs.shape[0]);
    if (labelled()) {
      report_.accuracy_after = run::accuracy(outputs, loaded_.inputs.labels);
      return;
    }
    double error = 0, norm = 0;
    for (std::size_t i = 0; i < original_output_.values.size(); ++i) {
      const double expected = static_cast<double>(original_output_.values[i]);
      const double difference = static_cast<double>(outputs.at(0).values.at(i)) - expected;
      error += difference * difference;
      norm += expected * expected;
    }
    report_.output_error = norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
  }

  void write_trace() {
    tell("write the trace");
    const auto quantised = run::quantised_activations(executor_, traced_, calibration_, hooks_, batch_size_);
    trace::TraceWriter writer;
    trace::Metadata metadata;
    metadata.network = std::filesystem::path(request_.network).stem().string();  // exporters name every graph alike
    std::vector<Layer>& layers = network_.model().layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const run::QuantisedActivations& inputs = quantised.at(network_.source_of(i));
      layers[i].statistics.merge(run::sparsity(inputs.codes, inputs.info));
      metadata.layers.push_back(add_layer(writer, layers[i], {inputs.info, traced_.shape[0], inputs.codes.values}));
    }
    metadata.auxiliary = network_.auxiliary();
    metadata.provenance = to_line(provenance());
    writer.write(request_.output, metadata);
    const trace::TraceReader written(request_.output);
    for (const trace::LayerInfo& layer : written.metadata().layers)
      report_.sizes.push_back(encode::layer_sizes(written, layer));
  }

  [[nodiscard]] nlohmann::json provenance() const {
    nlohmann::json files = nlohmann::json::array();
    for (const std::string& file : loaded_.inputs.files) files.push_back(file);
    nlohmann::json json{
        {"tool", "rebasis"},
        {"version", request_.tool_version},
        {"command", request_.command},
        {"network_file", request_.network},
        {"network_sha256", loaded_.graph.sha256},
        {"inputs", request_.inputs},
        {"calibration_inputs", request_.calibration_inputs.empty() ? request_.inputs : request_.calibration_inputs},
        {"input_files", loaded_.inputs.files.size() <= 100 ? files : nlohmann::json(loaded_.inputs.files.size())},
        {"input_sha256",
         loaded_.inputs.files.size() == 1 ? nlohmann::json(sha256_of_file(loaded_.inputs.files[0])) : nlohmann::json()},
        {"images", images().shape[0]},
        {"traced_images", traced_.shape[0]},
        {"recipe", recipe_.name()},
        {"recipe_text", recipe_.text()},
        {"weights", loaded_.graph.synthetic_weights ? "synthetic" : "trained"},
        {"activations", "real"}};
    if (report_.accuracy_before) {
      json["labels"] = request_.labels;
      json["accuracy_before"] = *report_.accuracy_before;
      json["accuracy_after"] = *report_.accuracy_after;
    } else {
      json["output_error"] = *report_.output_error;
    }
    return json;
  }

  const CompressRequest& request_;
  const Recipe& recipe_;
  const CompressProgress& progress_;
  run::NetworkInputs loaded_;
  run::Executor executor_;
  NetworkModel network_;
  Tensor<float> traced_, other_images_, original_output_;
  Calibration calibration_;
  run::RunHooks hooks_;
  std::map<std::string, reuse::Counts> shared_;  ///< by layer
  std::int64_t batch_size_ = request_.batch_size;
  CompressReport report_;
};

}  // namespace

CompressReport compress_network(const CompressRequest& request, const Recipe& recipe,
                                const CompressProgress& progress) {
  return Job(request, recipe, progress).run();
}

}  // namespace rebasis::compress
