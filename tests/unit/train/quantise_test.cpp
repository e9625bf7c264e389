// Quantisation-aware training: the same codes and scales as the pass of `rebasis compress`, and learned steps.
#include "tests/support/torch_doctest.h"

#include <cmath>

#include "tests/support/sparse_training.h"
#include "workloads/compress/quantise/quantiser.h"
#include "workloads/train/method_chain.h"
#include "workloads/train/model_view.h"

using namespace rebasis;

namespace {

constexpr std::size_t inner = 1;

/// Batch-norms of all kinds behind the layers: large, small, negative, dead.
void set_norms(train::TrainableNetwork& network) {
  const at::NoGradGuard no_gradients;
  for (const std::size_t layer : {std::size_t{0}, inner}) {
    const at::Tensor scale = network.norm(layer).scale;
    for (std::int64_t m = 0; m < scale.size(0); ++m)
      scale[m].fill_(m == 5 ? 0.0 : (m % 2 == 0 ? 1 : -1) * std::pow(3.0, m - 3));
  }
}

/// What `rebasis compress` sees of a layer.
compress::Layer seen(const train::TrainableNetwork& network, std::size_t layer, const at::Tensor& filters) {
  compress::Layer view = train::shapes_of(network).layers[layer];
  view.weights = train::values_of(train::folded(network, layer, filters));
  return view;
}

compress::QuantiserOptions pass_options(const std::string& codes, int bits, bool tensor, const std::string& range) {
  compress::QuantiserOptions options;
  if (codes == "asymmetric") options.asymmetric_bits = bits;
  if (codes == "symmetric") options.codebook = compress::Codebook::symmetric(bits);
  if (codes == "powers") options.codebook = compress::Codebook::sums_of_powers(2, 5);
  options.shared_scale = tensor;
  options.range = range == "mse"          ? compress::RangeMethod::mse
                  : range == "percentile" ? compress::RangeMethod::percentile
                                          : compress::RangeMethod::max;
  options.percentile = 95;
  return options;
}

}  // namespace

TEST_CASE("training computes with the codes times scales that the pass would choose, with batch-norms folded") {
  const test::TwoConvolutions file;
  for (const std::string codes : {"symmetric", "asymmetric", "powers"}) {
    for (const int bits : {1, 2, 3, 4, 5, 6, 7, 8}) {
      if (codes == "asymmetric" && (bits == 1 || bits == 8)) continue;
      if (codes == "powers" && bits != 8) continue;
      for (const std::string range : {"max", "percentile", "mse"}) {
        for (const bool tensor : {false, true}) {
          CAPTURE(codes);
          CAPTURE(bits);
          CAPTURE(range);
          CAPTURE(tensor);
          test::MethodRig rig(
              file.graph(), "quantise",
              "codes: " + codes + "\nbits: " + std::to_string(bits) + "\nrange: " + range +
                  "\nterms: 2\npowers: 5\npercentile: 95\ngranularity: " + (tensor ? "tensor" : "channel"));
          set_norms(rig.network);
          const at::Tensor filters = rig.network.filters(inner, rig.network.weights(inner));
          const compress::Int8Form form =
              compress::quantise(seen(rig.network, inner, filters), pass_options(codes, bits, tensor, range));
          const auto result = train::values_of(train::folded(rig.network, inner, rig.method->apply(inner, filters)));
          double worst = 0;
          for (std::size_t i = 0; i < result.size(); ++i) {
            const double scale = static_cast<double>(form.scales[i / 72]);
            worst = std::max(worst, std::abs(static_cast<double>(result[i]) - scale * form.weights[i]) / scale);
          }
          CHECK(worst < 1e-4);
        }
      }
    }
  }
}

TEST_CASE("gradients go straight through, pruned weights stay zero, the ends have 8 bits where others have few") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "quantise", "bits: 2\nrange: mse\n");
  set_norms(rig.network);
  {
    const at::NoGradGuard no_gradients;
    rig.network.weights(inner)[3].fill_(0);
  }
  const at::Tensor effective = rig.method->apply(inner, rig.network.filters(inner, rig.network.weights(inner)));
  CHECK(effective[3].eq(0).all().item<bool>());
  const at::Tensor factors = at::arange(effective.numel(), at::kFloat).view(effective.sizes());
  (effective * factors).sum().backward();
  CHECK(rig.network.weights(inner).grad().equal(factors));
  const auto levels = [&](const test::MethodRig& of, std::size_t layer) {
    const at::Tensor filter = of.method->apply(layer, of.network.filters(layer, of.network.weights(layer)))[0];
    return std::get<0>(at::_unique(filter.detach())).numel();
  };
  CHECK(levels(rig, inner) <= 3);
  CHECK(levels(rig, 2) > 3);  // fully connected, the last
  const test::MethodRig all(file.graph(), "quantise", "bits: 2\nfirst_last_bits: 2\n");
  CHECK(levels(all, 2) <= 3);
  const test::MethodRig kept(file.graph(), "quantise", "bits: 2\nkeep_first_last: true\n");
  CHECK(kept.method->apply(2, kept.network.weights(2)).equal(kept.network.weights(2)));
}

TEST_CASE("the slope of a learned step is that of Esser et al., equation 3") {
  const test::TwoConvolutions file;
  for (const std::string granularity : {"channel", "tensor"}) {
    CAPTURE(granularity);
    test::MethodRig rig(file.graph(), "quantise", "bits: 3\nrange: learned\ngranularity: " + granularity + "\n");
    const std::int64_t parts = granularity == "channel" ? 8 : 1;
    const at::Tensor step = rig.method->parameters().at(1);  // of conv2; all batch-norms are the identity
    REQUIRE(step.numel() == parts);
    {
      const at::NoGradGuard no_gradients;
      step.mul_(0.6);  // so that some weights are clipped
    }
    const at::Tensor filters = rig.network.filters(inner, rig.network.weights(inner));
    const at::Tensor factors = at::arange(filters.numel(), at::kFloat).view(filters.sizes()) / 100;
    (rig.method->apply(inner, filters) * factors).sum().backward();
    std::vector<double> expected(static_cast<std::size_t>(parts), 0);
    const double scale = 1 / std::sqrt(576.0 / static_cast<double>(parts) * 3);
    for (std::int64_t i = 0; i < 576; ++i) {
      const std::int64_t part = parts == 1 ? 0 : i / 72;
      const double v = filters.flatten()[i].item<double>() / step.flatten()[part].item<double>();
      const double slope = v <= -3 ? -3 : v >= 3 ? 3 : std::nearbyint(v) - v;
      expected[static_cast<std::size_t>(part)] += slope * scale * static_cast<double>(i) / 100;
      const double through = std::abs(v) < 3 ? static_cast<double>(i) / 100 : 0;
      CHECK(rig.network.weights(inner).grad().flatten()[i].item<double>() == doctest::Approx(through).epsilon(1e-4));
    }
    for (std::int64_t part = 0; part < parts; ++part) {
      CHECK(step.grad().flatten()[part].item<double>() ==
            doctest::Approx(expected[static_cast<std::size_t>(part)]).epsilon(1e-3));
    }
  }
}

TEST_CASE("compress finds the codes of a network with learned steps again, and training lowers its loss") {
  const test::TwoConvolutions file;
  const std::string text =
      "epochs: 8\nbatch_size: 10\nlearning_rate: 0.02\nmethods:\n  - quantise: {bits: 3, range: learned}\n";
  const train::TrainResult result =
      train::train(file.graph(), train::Recipe::parse(text, "t.yaml"), test::tiny::stripes());
  CHECK(result.epochs.back().loss < result.epochs.front().loss);
  train::TrainableNetwork network(file.graph());
  {
    const at::NoGradGuard no_gradients;
    const auto& constants = result.networks[0].constants;
    for (std::size_t i = 0; i < network.parameters().size(); ++i) {
      const auto& values = constants.at(network.parameter_names()[i]).values;
      std::copy(values.begin(), values.end(), at::Tensor(network.parameters()[i]).data_ptr<float>());
    }
    for (const auto& [name, tensor] : network.statistics())
      std::copy(constants.at(name).values.begin(), constants.at(name).values.end(), tensor.data_ptr<float>());
  }
  const compress::Layer view = seen(network, inner, network.filters(inner, network.weights(inner)));
  const compress::Int8Form form = compress::quantise(view, {.codebook = compress::Codebook::symmetric(3)});
  for (std::size_t i = 0; i < view.weights.size(); ++i)
    CHECK(view.weights[i] == doctest::Approx(form.scales[i / 72] * static_cast<float>(form.weights[i])).epsilon(1e-4));
}
