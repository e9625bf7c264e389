#include "workloads/training_step/memory.h"

#include <numeric>

namespace rebasis::training {

const char* name(Held held) {
  switch (held) {
    case Held::weights:
      return "weights";
    case Held::optimiser:
      return "optimiser";
    case Held::gradients:
      return "gradients";
    case Held::activations:
      return "activations";
    default:
      return "working";
  }
}

std::int64_t MemoryPoint::total() const { return std::accumulate(bytes.begin(), bytes.end(), std::int64_t{0}); }

namespace {

/// Elements of one layer; maps are of the whole batch.
struct Elements {
  std::int64_t input = 0, output = 0;
  std::int64_t behind = 0;               ///< that a batch norm and a ReLU behind the layer keep
  std::int64_t weights = 0, others = 0;  ///< parameters: weights; biases, or scales and shifts
  std::int64_t learning = 0;             ///< of these, learning
};

std::vector<Elements> elements_of(const std::vector<trace::LayerInfo>& layers, const std::vector<bool>& has_bias,
                                  const std::vector<LayerWork>& work, const MemoryOptions& options) {
  std::vector<Elements> list;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerShape& shape = layers[i].shape;
    const bool norm = options.separate_norms && layers[i].op != "fc";
    const bool relu = options.separate_norms && i + 1 < layers.size() && !layers[i + 1].activations.is_signed;
    Elements one;
    one.input = options.batch * shape.C * shape.H * shape.W;
    one.output = options.batch * shape.M * shape.E() * shape.F();
    one.behind = work[i].backward() ? (norm && work[i].learns_weights ? one.output : 0) + (relu ? one.output : 0) : 0;
    one.weights = shape.weights();
    one.others = norm ? 2 * shape.M : has_bias[i] ? shape.M : 0;
    one.learning = (work[i].learns_weights ? one.weights : 0) + (work[i].learns_bias ? one.others : 0);
    list.push_back(one);
  }
  return list;
}

class Timeline {
 public:
  Timeline(const std::vector<trace::LayerInfo>& layers, std::vector<Elements> elements,
           const std::vector<LayerWork>& work, const MemoryOptions& options)
      : layers_(layers), elements_(std::move(elements)), work_(work), options_(options), kept_(layers.size(), false) {}
  std::vector<MemoryPoint> points();

 private:
  [[nodiscard]] bool made_again(std::size_t layer) const { return layer > 0 && work_[layer - 1].recomputed; }
  void before(const PassOfLayer& pass);
  void after(const PassOfLayer& pass);
  [[nodiscard]] MemoryPoint point(const PassOfLayer& pass) const;
  std::int64_t& held(Held what) { return now_[static_cast<std::size_t>(what)]; }
  void keep(std::size_t layer, bool begin);

  const std::vector<trace::LayerInfo>& layers_;
  std::vector<Elements> elements_;
  const std::vector<LayerWork>& work_;
  const MemoryOptions& options_;
  std::vector<bool> kept_;  ///< the input of the layer
  std::array<std::int64_t, static_cast<std::size_t>(Held::count)> now_{};
};

void Timeline::keep(std::size_t layer, bool begin) {
  if (kept_[layer] == begin) return;
  kept_[layer] = begin;
  held(Held::activations) += (begin ? 1 : -1) * elements_[layer].input * options_.element_bytes;
}

void Timeline::before(const PassOfLayer& pass) {
  const std::size_t i = pass.layer;
  const bool restarts = work_[i].recomputed && !made_again(i);  // a segment begins with an input that was kept
  if (pass.pass == Pass::forward &&
      (pass.again ? work_[i].keeps_input : (work_[i].keeps_input && !made_again(i)) || restarts))
    keep(i, true);
  // What is made again for the next layer.
  if (pass.pass == Pass::backward_weight) held(Held::gradients) += elements_[i].learning * options_.element_bytes;
}

void Timeline::after(const PassOfLayer& pass) {
  const std::size_t i = pass.layer;
  if (pass.pass == Pass::forward) {
    const bool again_later = work_[i].recomputed && !pass.again;
    if (!again_later) held(Held::activations) += elements_[i].behind * options_.element_bytes;
    if (pass.again && i + 1 < layers_.size() && work_[i + 1].keeps_input) keep(i + 1, true);
    if (pass.again && !work_[i].keeps_input) keep(i, false);
    return;
  }
  const bool ends = pass.pass == Pass::backward_weight ? !work_[i].backward_data : pass.pass == Pass::backward_data;
  if (ends) held(Held::activations) -= elements_[i].behind * options_.element_bytes;
  if (pass.pass == Pass::backward_weight) keep(i, false);
  if (pass.pass == Pass::update) held(Held::gradients) -= elements_[i].learning * options_.element_bytes;
}

MemoryPoint Timeline::point(const PassOfLayer& pass) const {
  const std::size_t i = pass.layer;
  const std::int64_t size = options_.element_bytes, input = elements_[i].input * size,
                     output = elements_[i].output * size;
  MemoryPoint point{layers_[i].name, pass.pass, pass.again, now_};
  auto& working = point.bytes[static_cast<std::size_t>(Held::working)];
  if (pass.pass == Pass::forward) working = output + (kept_[i] ? 0 : input);
  if (pass.pass == Pass::backward_data) working = output + input;
  if (pass.pass == Pass::backward_weight) working = output;
  return point;
}

std::vector<MemoryPoint> Timeline::points() {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Elements& one = elements_[i];
    held(Held::weights) +=
        (options_.weight_bytes.empty() ? one.weights * options_.element_bytes : options_.weight_bytes[i]) +
        one.others * options_.element_bytes;
    held(Held::optimiser) +=
        options_.extra_bytes.empty() ? one.learning * options_.states * options_.state_bytes : options_.extra_bytes[i];
  }
  std::vector<MemoryPoint> points;
  for (const PassOfLayer& pass : passes_of(work_)) {
    before(pass);
    points.push_back(point(pass));
    after(pass);
  }
  return points;
}

}  // namespace

std::vector<MemoryPoint> memory_over_time(const std::vector<trace::LayerInfo>& layers,
                                          const std::vector<bool>& has_bias, const std::vector<LayerWork>& work,
                                          const MemoryOptions& options) {
  return Timeline(layers, elements_of(layers, has_bias, work, options), work, options).points();
}

Table16 table16(const std::vector<trace::LayerInfo>& layers, const std::vector<bool>& has_bias,
                const std::vector<LayerWork>& work, const MemoryOptions& options) {
  Table16 sum;
  const std::vector<Elements> elements = elements_of(layers, has_bias, work, options);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    sum.parameters += elements[i].learning;
    sum.activations += (work[i].keeps_input ? elements[i].input : 0) + elements[i].behind;
  }
  return sum;
}

}  // namespace rebasis::training
