// The pass "int8": symmetric integer weights of up to 8 bits with a scale a filter.
#include "workloads/compress/pass.h"

namespace rebasis::compress {
namespace {

struct Int8Options {
  std::int64_t bits = 8;
  bool leave = false;
};

Int8Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Int8Options> set;
  set.integer("bits", &Int8Options::bits, 8, 2, 8, "", "Bits of a weight.", "the baselines of the paper, Table IX");
  set.boolean("leave", &Int8Options::leave, false, "Leave the layer to later passes.", "decision");
  return set.resolve(config);
}

class Int8Pass : public Pass {
 public:
  explicit Int8Pass(const PassConfig& config) : options_(config, resolve) {}

  void apply(Model& model, const PassContext&) const override {
    const std::vector<Int8Options> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      if (!layer.encoded() && !options[i].leave) layer.int8 = quantise_int8(layer, static_cast<int>(options[i].bits));
    }
  }

 private:
  LayerOptions<Int8Options> options_;
};

const PassRegistration registration("int8", "symmetric integer weights, a scale a filter",
                                    [](const PassConfig& config) { return std::make_unique<Int8Pass>(config); });

}  // namespace
}  // namespace rebasis::compress
