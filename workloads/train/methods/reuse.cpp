// "reuse": convolutions compute with the centroids of their inputs' buckets, and the hash vectors that sort inputs into
// buckets are trained with the weights (TREC, appendix A: F(W, H), each step moves W and H by the gradients of the same
// images). docs/trec.md, "Learned hash vectors".
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <vector>

#include "arch/parameter.h"
#include "workloads/compress/network/learned_vectors.h"
#include "workloads/compress/recipe.h"
#include "workloads/train/method.h"
#include "workloads/train/model_view.h"

namespace rebasis::train {
namespace {

struct Options {
  std::string recipe;
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.text("recipe", &Options::recipe, "trec-table3-cifarnet",
           "Compression recipe whose pass `reuse` gives L, H and the first hash vectors of each layer.",
           "TREC, Table 3");
  return set.resolve(config);
}

/// Sums and members of every bucket of every column, for sub-vectors [rows][columns][L].
struct Buckets {
  at::Tensor number;    ///< [rows * columns], column * 2^H + hash
  at::Tensor centroid;  ///< [columns * 2^H][L]
  at::Tensor used;      ///< [columns * 2^H], 1 where a bucket has members
};

Buckets sort_into_buckets(const at::Tensor& inputs, const at::Tensor& projections) {
  const std::int64_t rows = inputs.size(0), columns = inputs.size(1), hashes = projections.size(2);
  const at::Tensor bits = (projections > 0).to(at::kLong);
  const at::Tensor places = at::bitwise_left_shift(at::ones({hashes}, at::kLong), at::arange(hashes, at::kLong));
  const at::Tensor first = at::arange(columns, at::kLong) * (std::int64_t{1} << hashes);
  Buckets buckets;
  buckets.number = ((bits * places).sum(2) + first).reshape({rows * columns});
  const std::int64_t all = columns << hashes;
  const at::Tensor members =
      at::zeros({all}).index_add_(0, buckets.number, at::ones({rows * columns}, inputs.options()));
  buckets.centroid = at::zeros({all, inputs.size(2)})
                         .index_add_(0, buckets.number, inputs.reshape({rows * columns, -1}))
                         .div_(members.clamp_min(1).unsqueeze(1));
  buckets.used = members.gt(0).to(at::kFloat);
  return buckets;
}

/// Sub-vectors to centroids. Gradients pass to the inputs as they are; a hash bit's gradient is what flipping it would
/// change, the difference of the two buckets' centroids, times the slope of a sigmoid in the place of the step.
class ToCentroids : public torch::autograd::Function<ToCentroids> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& inputs,
                            const at::Tensor& vectors) {
    const at::Tensor projections = at::matmul(inputs, vectors.t());
    const Buckets buckets = sort_into_buckets(inputs, projections);
    context->save_for_backward(
        {inputs, vectors, projections, buckets.number, buckets.centroid, buckets.used.unsqueeze(1)});
    return buckets.centroid.index_select(0, buckets.number).reshape(inputs.sizes());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &inputs = saved[0], &projections = saved[2], &number = saved[3], &centroid = saved[4];
    const at::Tensor& used = saved[5];
    const at::Tensor gradient = gradients[0].reshape({number.size(0), -1});
    const at::Tensor slope = sigmoid_slope(projections).reshape({number.size(0), -1});
    std::vector<at::Tensor> of_bits;
    for (std::int64_t h = 0; h < projections.size(2); ++h) {
      const at::Tensor with = at::bitwise_or(number, std::int64_t{1} << h);
      const at::Tensor without = with - (std::int64_t{1} << h);
      const at::Tensor both = (used.index_select(0, with) * used.index_select(0, without)).squeeze(1);
      const at::Tensor change = centroid.index_select(0, with) - centroid.index_select(0, without);
      of_bits.push_back((gradient * change).sum(1) * both * slope.select(1, h));
    }
    const at::Tensor of_vectors = at::stack(of_bits, 0).matmul(inputs.reshape({number.size(0), -1}));  // [H][L]
    return {gradients[0], of_vectors};
  }

 private:
  /// Of a sigmoid as wide as the projections are spread.
  static at::Tensor sigmoid_slope(const at::Tensor& projections) {
    const at::Tensor width = projections.std().clamp_min(1e-6);
    const at::Tensor sigmoid = at::sigmoid(projections / width);
    return sigmoid * (1 - sigmoid) / width;
  }
};

class Reuse : public Method {
 public:
  explicit Reuse(const arch::RawConfig& config) : recipe_(compress::Recipe::load(resolve(config).recipe)) {}

  void begin(TrainableNetwork& network) override {
    compress::Model model = shapes_of(network);
    for (std::size_t i = 0; i < model.layers.size(); ++i)
      model.layers[i].weights = values_of(network.filters(i, network.weights(i)).detach());
    recipe_.apply(model);
    vectors_.resize(model.layers.size());
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      const auto& reuse = model.layers[i].reuse;
      if (!reuse || model.layers[i].shape.groups > 1) continue;  // a layer of groups is trained in full
      std::vector<float> values(reuse->vectors.values.begin(), reuse->vectors.values.end());
      vectors_[i] = at::tensor(values).reshape({reuse->vectors.hashes, reuse->vectors.length}).div_(127.0F);
      vectors_[i].set_requires_grad(true);
    }
    network.set_convolution([this, &network](std::size_t layer, const at::Tensor& input, const at::Tensor& weights) {
      return vectors_[layer].defined() ? convolution(network.layers()[layer], vectors_[layer], input, weights)
                                       : at::Tensor();
    });
  }

  [[nodiscard]] std::vector<at::Tensor> parameters() const override {
    std::vector<at::Tensor> all;
    for (const at::Tensor& vectors : vectors_) {
      if (vectors.defined()) all.push_back(vectors);
    }
    return all;
  }

  void finish(TrainableNetwork& network) override {
    compress::LearnedVectors learned;
    for (std::size_t i = 0; i < vectors_.size(); ++i) {
      if (!vectors_[i].defined()) continue;
      const at::Tensor values = vectors_[i].detach().to(at::kDouble).contiguous();
      learned.emplace(network.layers()[i].layer.name,
                      reuse::quantised_vectors(values.size(1), values.size(0),
                                               {values.data_ptr<double>(), static_cast<std::size_t>(values.numel())}));
    }
    network.set_property(compress::reuse_property, compress::to_property(learned));
  }

 private:
  /// Without bias, [N][M][E][F].
  static at::Tensor convolution(const TrainedLayer& trained, const at::Tensor& vectors, const at::Tensor& input,
                                const at::Tensor& weights) {
    const LayerShape& s = trained.layer.shape;
    const at::Tensor padded = at::constant_pad_nd(input, {s.pad_left, s.pad_right, s.pad_top, s.pad_bottom});
    const at::Tensor patches =
        at::im2col(padded, {s.R, s.S}, {s.dilation_h, s.dilation_w}, {0, 0}, {s.stride_h, s.stride_w});  // [N][D][E F]
    const std::int64_t images = input.size(0), depth = patches.size(1), length = vectors.size(1);
    const std::int64_t columns = (depth + length - 1) / length;
    const at::Tensor rows = patches.transpose(1, 2).reshape({-1, depth});
    const at::Tensor cut = at::constant_pad_nd(rows, {0, columns * length - depth}).reshape({-1, columns, length});
    const at::Tensor centroids = ToCentroids::apply(cut, vectors).reshape({-1, columns * length});
    const at::Tensor products = at::matmul(centroids.slice(1, 0, depth), weights.reshape({s.M, depth}).t());
    return products.reshape({images, s.E(), s.F(), s.M}).permute({0, 3, 1, 2});
  }

  compress::Recipe recipe_;
  std::vector<at::Tensor> vectors_;  ///< [H][L] of each layer, undefined where nothing is reused
};

const MethodRegistration registration("reuse", "convolutions with centroids of hashed inputs; hash vectors are trained",
                                      [](const arch::RawConfig& config) { return std::make_unique<Reuse>(config); });

}  // namespace
}  // namespace rebasis::train
