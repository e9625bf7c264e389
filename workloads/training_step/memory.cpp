#include "workloads/training_step/memory.h"

#include <algorithm>
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

/// What a step does of a layer, in elements; maps are of the whole batch.
struct Elements {
  std::int64_t input = 0, output = 0;
  std::int64_t behind = 0;  ///< that a batch norm and a ReLU behind the layer keep
  std::int64_t weights = 0, others = 0;
  std::int64_t learning = 0;  ///< parameters
};

Elements of_step(const LayerElements& layer, const LayerWork& work, std::int64_t batch) {
  Elements one;
  one.input = batch * layer.input;
  one.output = batch * layer.output;
  // A norm whose parameters learn keeps its input; a ReLU hands a gradient on only where there is one.
  one.behind = batch * ((work.learns_weights ? layer.norm : 0) + (work.backward() ? layer.relu : 0));
  one.weights = layer.weights;
  one.others = layer.biases + layer.scales;
  one.learning = (work.learns_weights ? layer.weights + layer.scales : 0) + (work.learns_bias ? layer.biases : 0);
  return one;
}

class Timeline {
 public:
  Timeline(const std::vector<LayerElements>& layers, const std::vector<LayerWork>& work, const MemoryOptions& options)
      : layers_(layers), work_(work), options_(options), kept_(layers.size(), false) {
    for (std::size_t i = 0; i < layers.size(); ++i) elements_.push_back(of_step(layers[i], work[i], options.batch));
  }
  std::vector<MemoryPoint> points();

 private:
  [[nodiscard]] bool made_again(std::size_t layer) const { return layer > 0 && work_[layer - 1].recomputed; }
  void before(const PassOfLayer& pass);
  void after(const PassOfLayer& pass);
  [[nodiscard]] MemoryPoint point(const PassOfLayer& pass) const;
  std::int64_t& held(Held what) { return now_[static_cast<std::size_t>(what)]; }
  void keep(std::size_t layer, bool begin);

  const std::vector<LayerElements>& layers_;
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
  for (const Elements& one : elements_) {
    held(Held::weights) += (one.weights + one.others) * options_.element_bytes;
    held(Held::optimiser) += one.learning * options_.states * options_.state_bytes;
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

std::vector<LayerElements> elements_of(const std::vector<trace::LayerInfo>& layers, const std::vector<bool>& has_bias,
                                       bool separate_norms) {
  std::vector<LayerElements> list;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerShape& shape = layers[i].shape;
    const bool norm = separate_norms && layers[i].op != "fc";
    const bool relu = separate_norms && i + 1 < layers.size() && !layers[i + 1].activations.is_signed;
    LayerElements one;
    one.name = layers[i].name;
    one.input = shape.C * shape.H * shape.W;
    one.output = shape.M * shape.E() * shape.F();
    one.weights = shape.weights();
    one.biases = !norm && has_bias[i] ? shape.M : 0;
    one.scales = norm ? 2 * shape.M : 0;
    one.norm = norm ? one.output : 0;
    one.relu = relu ? one.output : 0;
    list.push_back(one);
  }
  return list;
}

std::vector<MemoryPoint> memory_over_time(const std::vector<LayerElements>& layers, const std::vector<LayerWork>& work,
                                          const MemoryOptions& options) {
  return Timeline(layers, work, options).points();
}

const MemoryPoint& peak_of(const std::vector<MemoryPoint>& points) {
  return *std::max_element(points.begin(), points.end(),
                           [](const MemoryPoint& a, const MemoryPoint& b) { return a.total() < b.total(); });
}

Table16 table16(const std::vector<LayerElements>& layers, const std::vector<LayerWork>& work, std::int64_t batch) {
  Table16 sum;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Elements one = of_step(layers[i], work[i], batch);
    sum.parameters += one.learning;
    sum.activations += (work[i].learns_weights ? one.input : 0) + one.behind;
  }
  return sum;
}

}  // namespace rebasis::training
