// The passes "quantise", "power_of_two" and "int8": integer weights of up to 8 bits times a scale.
#include "workloads/compress/left_alone.h"
#include "workloads/compress/pass.h"
#include "workloads/compress/quantise/quantiser.h"

namespace rebasis::compress {
namespace {

/// What a recipe can say, of all three passes.
struct Keys {
  std::int64_t bits = 8;
  std::int64_t terms = 1, powers = 7;
  std::string codes = "symmetric", granularity = "channel", rounding = "nearest", range = "max";
  double percentile = 0;
  std::string keep_first_last = "false", leave_depthwise = "false";
  bool leave = false;
};

struct LayerQuantiser : LeftAlone {
  QuantiserOptions quantiser;
};

void declare_range(arch::ParameterSet<Keys>& set, const std::string& usual) {
  set.choice("granularity", &Keys::granularity, "channel", {"channel", "tensor"},
             "One scale for each filter, or one for the layer.", "decision");
  set.choice("range", &Keys::range, usual, {"max", "percentile", "mse"},
             "The largest code stands for the largest weight, for a percentile of the weights that are not zero, or "
             "for what leaves the least squared error.",
             "decision");
  set.real("percentile", &Keys::percentile, 99.9, 50, 100, "", "Of range: percentile.", "decision");
}

void declare_left_layers(arch::ParameterSet<Keys>& set) {
  constexpr const char* few_bits = "auto: yes with at most 4 bits.";
  set.choice("keep_first_last", &Keys::keep_first_last, "auto", {"auto", "true", "false"},
             std::string("Leave the network's first and last layer alone (8-bit weights); ") + few_bits,
             "Yang, 2.3.1.1: full precision");
  set.choice("leave_depthwise", &Keys::leave_depthwise, "auto", {"auto", "true", "false"},
             std::string("Leave depthwise layers alone (8-bit weights); ") + few_bits, "decision");
  set.boolean("leave", &Keys::leave, false, "Leave the layer to later passes.", "decision");
}

LayerQuantiser layer_quantiser(const Keys& keys, const QuantiserOptions& start, int bits) {
  constexpr int few = 4;
  const auto holds = [&](const std::string& choice) { return choice == "auto" ? bits <= few : choice == "true"; };
  LayerQuantiser options{{holds(keys.keep_first_last), holds(keys.leave_depthwise), keys.leave}, start};
  options.quantiser.shared_scale = keys.granularity == "tensor";
  options.quantiser.range = keys.range == "mse"          ? RangeMethod::mse
                            : keys.range == "percentile" ? RangeMethod::percentile
                                                         : RangeMethod::max;
  options.quantiser.percentile = keys.percentile;
  options.quantiser.rounding = keys.rounding == "truncate" ? Rounding::truncate : Rounding::nearest;
  return options;
}

LayerQuantiser resolve_uniform(const arch::RawConfig& config) {
  arch::ParameterSet<Keys> set;
  set.integer("bits", &Keys::bits, 8, 1, 8, "", "Bits of a weight's code.", "the baselines of the paper, Table IX");
  set.choice("codes", &Keys::codes, "symmetric", {"symmetric", "asymmetric"},
             "Codes on both sides of zero alike, or with a zero point in the range of the weights.", "decision");
  set.require({"codes", "bits"},
              "asymmetric codes of 8 bits less their zero point take 9 bits, and the machines multiply by 8; write "
              "bits: 7, or codes: symmetric",
              [](const Keys& keys) { return keys.codes == "symmetric" || keys.bits < 8; });
  set.require({"codes", "bits"},
              "asymmetric codes of 1 bit are zero or one side of the weights; write codes: symmetric for -1 and +1",
              [](const Keys& keys) { return keys.codes == "symmetric" || keys.bits > 1; });
  set.choice("rounding", &Keys::rounding, "nearest", {"nearest", "truncate"},
             "To the nearest code, or towards zero, as hardware that drops bits.", "decision");
  declare_range(set, "max");
  declare_left_layers(set);
  const Keys keys = set.resolve(config);
  const int bits = static_cast<int>(keys.bits);
  QuantiserOptions start{.codebook = Codebook::symmetric(bits)};
  if (keys.codes == "asymmetric") start.asymmetric_bits = bits;
  return layer_quantiser(keys, start, bits);
}

LayerQuantiser resolve_powers(const arch::RawConfig& config) {
  arch::ParameterSet<Keys> set;
  set.integer("terms", &Keys::terms, 1, 1, 4, "", "Most signed powers of two that a weight is the sum of.",
              "Li et al., Additive powers-of-two quantization, ICLR 2020");
  set.integer("powers", &Keys::powers, 7, 1, 7, "", "Neighbouring powers to choose from, 2^0 to 2^(powers - 1).",
              "7: all that fit 8 bits");
  declare_range(set, "mse");
  declare_left_layers(set);
  const Keys keys = set.resolve(config);
  const auto codebook = Codebook::sums_of_powers(static_cast<int>(keys.terms), static_cast<int>(keys.powers));
  return layer_quantiser(keys, {.codebook = codebook}, codebook.bits());
}

LayerQuantiser resolve_int8(const arch::RawConfig& config) {
  arch::ParameterSet<Keys> set;
  set.integer("bits", &Keys::bits, 8, 2, 8, "", "Bits of a weight.", "the baselines of the paper, Table IX");
  set.boolean("leave", &Keys::leave, false, "Leave the layer to later passes.", "decision");
  const Keys keys = set.resolve(config);
  const int bits = static_cast<int>(keys.bits);
  return layer_quantiser(keys, {.codebook = Codebook::symmetric(bits)}, bits);
}

class QuantisePass : public Pass {
 public:
  QuantisePass(const PassConfig& config, const LayerOptions<LayerQuantiser>::Resolve& resolve)
      : options_(config, resolve) {}

  std::vector<bool> encodes(const Model& model) const override { return not_left_alone(model, options_.of(model)); }

  void apply(Model& model, const PassContext& context) const override {
    const std::vector<LayerQuantiser> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      if (layer.encoded()) continue;
      const std::string reason = options[i].reason(model, i);
      if (reason.empty()) {
        layer.int8 = quantise(layer, options[i].quantiser);
        layer.note.clear();
      } else if (!options[i].leave) {
        layer.note = reason;
      }
      if (context.progress)
        context.progress(static_cast<double>(i + 1) / static_cast<double>(model.layers.size()), layer.name);
    }
  }

 private:
  LayerOptions<LayerQuantiser> options_;
};

PassRegistry::Factory factory(LayerQuantiser (*resolve)(const arch::RawConfig&)) {
  return [resolve](const PassConfig& config) { return std::make_unique<QuantisePass>(config, resolve); };
}

const PassRegistration uniform("quantise", "integer weights of 1 to 8 bits, symmetric or with a zero point",
                               factory(resolve_uniform));
const PassRegistration powers("power_of_two", "weights that are sums of a few signed powers of two",
                              factory(resolve_powers));
const PassRegistration int8("int8", "symmetric integer weights, a scale a filter", factory(resolve_int8));

}  // namespace
}  // namespace rebasis::compress
