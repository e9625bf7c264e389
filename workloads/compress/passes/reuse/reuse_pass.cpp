// The pass "reuse": convolutions share the products of similar inputs (TREC). The weights stay those of the dense
// layer; the layer gets hash vectors, and the network is run with reuse switched on. docs/trec.md.
#include <algorithm>
#include <string>

#include "common/error.h"
#include "common/text/yaml.h"
#include "workloads/compress/pass.h"
#include "workloads/compress/quantise/quantiser.h"

namespace rebasis::compress {
namespace {

constexpr std::int64_t default_pointwise_length = 8;

struct ReuseOptions {
  std::int64_t length = 0, hashes = 5, batch = 1, seed = 1;
  std::string vectors = "auto";
  bool leave_depthwise = true, leave = false;
};

ReuseOptions resolve(const arch::RawConfig& config) {
  arch::ParameterSet<ReuseOptions> set;
  set.integer("length", &ReuseOptions::length, 0, 0, std::int64_t{1} << 20, "",
              "L: inputs of a sub-vector, at most channels of a group x kernel. 0: the kernel of one channel, or 8 "
              "channels of a 1 x 1 layer.",
              "decision; TREC, Table 3, has 4 to 432");
  set.integer("hashes", &ReuseOptions::hashes, 5, 1, 20, "", "H: hash vectors; a sub-vector has one of 2^H buckets.",
              "TREC, Table 3: 5 in most layers");
  set.choice("vectors", &ReuseOptions::vectors, "auto", {"auto", "random", "learned"},
             "Hash vectors that training with the method `reuse` left in the network's file, with their L and H; "
             "random Gaussian ones; or learned where there are some.",
             "TREC learns them; deep reuse has random ones");
  set.integer("seed", &ReuseOptions::seed, 1, 0, std::int64_t{1} << 62, "", "Of random vectors.", "decision");
  set.integer("batch", &ReuseOptions::batch, 1, 1, 1024, "images", "Images that share buckets.",
              "TREC on microcontrollers: 1; Figure 8 varies it");
  set.boolean("leave_depthwise", &ReuseOptions::leave_depthwise, true,
              "Depthwise layers are computed in full: a sub-vector is hashed for a single filter.", "decision");
  set.boolean("leave", &ReuseOptions::leave, false, "Compute the layer in full.", "decision");
  return set.resolve(config);
}

/// Why a layer is computed in full; empty when it is not.
std::string reason(const Layer& layer, const ReuseOptions& options) {
  if (options.leave) return "leave";
  if (layer.op != "conv") return "no convolution";
  if (options.leave_depthwise && layer.shape.depthwise()) return "depthwise (leave_depthwise)";
  if (layer.smartdeal || layer.ternary) return "encoded by another pass";
  return "";
}

bool learned(const Layer& layer, const ReuseOptions& options) {
  return options.vectors == "learned" || (options.vectors == "auto" && layer.learned_vectors.length > 0);
}

std::int64_t depth_of(const Layer& layer) { return layer.shape.channels_per_group() * layer.shape.R * layer.shape.S; }

std::int64_t length_of(const Layer& layer, const ReuseOptions& options) {
  if (options.length > 0) return options.length;
  const std::int64_t kernel = layer.shape.R * layer.shape.S;
  return kernel > 1 ? kernel : std::min(default_pointwise_length, layer.shape.channels_per_group());
}

class ReusePass : public Pass {
 public:
  explicit ReusePass(const PassConfig& config) : where_(config.where), options_(config, resolve) {
    refuse_in_rules(config, {"batch"});  // images run through all layers together
  }
  Role role() const override { return Role::annotates; }

  void check(const Model& model) const override {
    const std::vector<ReuseOptions> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      const Layer& layer = model.layers[i];
      if (!reason(layer, options[i]).empty()) continue;
      if (learned(layer, options[i])) {
        check_learned(layer, options[i]);
      } else if (length_of(layer, options[i]) > depth_of(layer)) {
        fail_input(where_, "layer " + in_quotes(layer.name) + " has " + std::to_string(depth_of(layer)) +
                               " inputs a filter, fewer than length: " + std::to_string(options[i].length) +
                               "; give it a length of its own under layers");
      }
    }
  }

  void apply(Model& model, const PassContext&) const override {
    const std::vector<ReuseOptions> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      const std::string why = reason(layer, options[i]);
      if (!why.empty()) {
        if (layer.note.empty() && !options[i].leave) layer.note = "no reuse: " + why;
        continue;
      }
      if (!layer.int8) layer.int8 = quantise_int8(layer);
      const std::uint64_t seed = static_cast<std::uint64_t>(options[i].seed) + (std::uint64_t{i} << 32);
      layer.reuse = SharedProducts{learned(layer, options[i])
                                       ? layer.learned_vectors
                                       : reuse::random_vectors(length_of(layer, options[i]), options[i].hashes, seed),
                                   options[i].batch};
    }
  }

 private:
  void check_learned(const Layer& layer, const ReuseOptions& options) const {
    const reuse::HashVectors& vectors = layer.learned_vectors;
    const std::string which = "layer " + in_quotes(layer.name);
    if (vectors.length == 0)
      fail_input(where_, which + " has no learned hash vectors; train the network with the method reuse, or write " +
                             "vectors: random");
    if (vectors.length > depth_of(layer))
      fail_input(where_, which + " has learned hash vectors that are longer than its rows; the file is damaged");
    if (options.length > 0 && options.length != vectors.length)
      fail_input(where_, which + " has learned hash vectors of length " + std::to_string(vectors.length) + ", not " +
                             std::to_string(options.length) + "; leave length out, or write vectors: random");
  }

  SourceLocation where_;
  LayerOptions<ReuseOptions> options_;
};

const PassRegistration registration("reuse", "convolutions share the products of similar inputs, found by hashing",
                                    [](const PassConfig& config) { return std::make_unique<ReusePass>(config); });

}  // namespace
}  // namespace rebasis::compress
