#include "workloads/succinct/measure.h"

#include <fnmatch.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime is POSIX

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "common/error.h"
#include "workloads/encode/coders/layer_matrix.h"
#include "workloads/succinct/convolution.h"
#include "workloads/succinct/forms.h"

namespace rebasis::succinct {
namespace {

/// CPU time of this thread: what else runs on the machine takes caches, but no time.
double thread_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The shortest of some repetitions, each of as many runs as take long enough to be timed.
template <class Action>
double shortest_seconds(int repeats, const Action& action) {
  constexpr double long_enough = 2e-4;
  double shortest = std::numeric_limits<double>::infinity();
  std::int64_t runs = 1;
  for (int repeat = 0; repeat < repeats;) {
    const double start = thread_seconds();
    for (std::int64_t run = 0; run < runs; ++run) action();
    const double elapsed = thread_seconds() - start;
    if (elapsed < long_enough) {
      runs *= 2;
      continue;
    }
    shortest = std::min(shortest, elapsed / static_cast<double>(runs));
    ++repeat;
  }
  return shortest;
}

struct Layer {
  const trace::LayerInfo* info;
  encode::WeightMatrix matrix;
};

std::vector<Layer> load_layers(const trace::TraceReader& trace, const MeasureOptions& options) {
  std::vector<Layer> layers;
  for (const trace::LayerInfo& info : trace.metadata().layers) {
    if (::fnmatch(options.layers.c_str(), info.name.c_str(), 0) != 0) continue;
    const std::string where = trace.path() + ": layer '" + info.name + "'";
    if (info.encoding == "smartdeal") {
      fail_input(where +
                 " is in SmartDeal's form and has no weights to store; give a trace of the recipe dense-int8, "
                 "pruned-int8 or ternary");
    }
    if (options.image < 0 || options.image >= info.images) {
      fail_input(where + " has " + std::to_string(info.images) + " images; --image " + std::to_string(options.image) +
                 " is none of them");
    }
    trace.check_layer(info);
    layers.push_back({&info, encode::layer_matrix(trace, info)});
  }
  if (layers.empty()) fail_input(trace.path() + ": no layer is named like '" + options.layers + "'");
  return layers;
}

template <class T>
void copy_image(const trace::TensorView& view, std::size_t first, std::vector<std::int32_t>& out) {
  const auto values = view.as<T>().subspan(first, out.size());
  std::ranges::copy(values, out.begin());
}

/// Inputs of one image, [C][H][W].
std::vector<std::int32_t> image_of(const trace::TraceReader& trace, const trace::LayerInfo& info, std::int64_t image) {
  const LayerShape& shape = info.shape;
  std::vector<std::int32_t> values(static_cast<std::size_t>(shape.C * shape.H * shape.W));
  const trace::TensorView view = trace.tensor(info.name + "/activations");
  const std::size_t first = static_cast<std::size_t>(image) * values.size();
  switch (view.dtype) {
    case trace::DType::i8:
      copy_image<std::int8_t>(view, first, values);
      break;
    case trace::DType::u8:
      copy_image<std::uint8_t>(view, first, values);
      break;
    case trace::DType::i16:
      copy_image<std::int16_t>(view, first, values);
      break;
    case trace::DType::u16:
      copy_image<std::uint16_t>(view, first, values);
      break;
    default:
      fail_internal("activations of another type");
  }
  return values;
}

std::int64_t macs_of(const LayerShape& shape) {
  return shape.M * shape.E() * shape.F() * shape.channels_per_group() * shape.R * shape.S;
}

/// Order-0 entropy of a string, bits.
double entropy_bits(const std::vector<Symbol>& string) {
  std::map<Symbol, std::uint64_t> counts;
  for (const Symbol symbol : string) ++counts[symbol];
  double bits = 0;
  for (const auto& item : counts) {
    const auto count = static_cast<double>(item.second);
    bits += count * std::log2(static_cast<double>(string.size()) / count);
  }
  // A byte of table for each symbol, so that few weights do not choose a large alphabet.
  return bits + 8.0 * static_cast<double>(counts.size());
}

double entropy_bits(const encode::WeightMatrix& matrix, RasType type) {
  Strings strings;
  append_union(matrix, type, strings);
  return entropy_bits(strings.main) + entropy_bits(strings.values);
}

/// Times the forms of one layer.
class LayerTimer {
 public:
  LayerTimer(const trace::TraceReader& trace, const Layer& layer, const MeasureOptions& options)
      : options_(options), plan_(layer.info->shape), filters_(layer.info->shape.M) {
    std::int64_t largest = 0;
    for (const std::int32_t value : layer.matrix.values) largest = std::max(largest, std::abs(std::int64_t{value}));
    inputs_ = place_inputs(plan_, image_of(trace, *layer.info, options.image), largest);
    outputs_.resize(static_cast<std::size_t>(filters_ * layer.info->shape.E() * layer.info->shape.F()));
  }

  FormResult time(const std::string& name, WeightForm& form) {
    Convolution convolution(plan_, inputs_);
    FilterOperands operands;
    FormResult result;
    result.name = name;
    std::ranges::fill(outputs_, 0);
    result.run_s = shortest_seconds(options_.repeats, [&] { form.run(convolution, filters_, outputs_); });
    result.read_s = shortest_seconds(options_.repeats, [&] {
      form.start();
      for (std::int64_t m = 0; m < filters_; ++m) form.next(operands);
    });
    result.bytes = form.bytes();
    result.scratch = form.scratch_bytes();
    if (!expected_) expected_ = outputs_;
    if (outputs_ != *expected_) fail_internal("the outputs from the form '" + name + "' differ from the dense ones");
    return result;
  }

 private:
  const MeasureOptions& options_;
  ConvolutionPlan plan_;
  PlacedInputs inputs_;
  std::int64_t filters_;
  Outputs outputs_;
  std::optional<Outputs> expected_;
};

/// The network's structures: element-wise or block-wise by layer, all element-wise, all block-wise.
struct Structures {
  std::vector<RasType> types;
  SuccinctNetwork chosen, element, block;
};

RasType with_tuples(RasType type, bool tuples) {
  if (is_block(type)) return tuples ? RasType::block_sparse : RasType::block_dense;
  return tuples ? RasType::element_sparse : RasType::element_dense;
}

/// Types and structure of the network: tuples in the layers where they have less entropy, in all or in none, whichever
/// structure is smallest. Dense and sparse layers in one tree share the code of different symbols, so the choice by
/// layer is not always the best.
std::pair<std::vector<RasType>, SuccinctNetwork> smallest(const std::vector<Layer>& layers,
                                                          const std::vector<encode::WeightMatrix>& matrices,
                                                          double threshold) {
  std::vector<RasType> types, dense, sparse;
  for (const Layer& layer : layers) {
    const double ratio = static_cast<double>(macs_of(layer.info->shape)) /
                         static_cast<double>(std::max<std::size_t>(1, layer.matrix.values.size()));
    types.push_back(choose_type(layer.matrix, ratio, threshold));
    dense.push_back(with_tuples(types.back(), false));
    sparse.push_back(with_tuples(types.back(), true));
  }
  std::pair<std::vector<RasType>, SuccinctNetwork> best(types, SuccinctNetwork(matrices, types));
  for (const auto& other : {dense, sparse}) {
    SuccinctNetwork network(matrices, other);
    if (network.bytes().total() < best.second.bytes().total()) best = {other, std::move(network)};
  }
  return best;
}

Structures build(const std::vector<Layer>& layers, double threshold) {
  std::vector<encode::WeightMatrix> matrices;
  matrices.reserve(layers.size());
  for (const Layer& layer : layers) matrices.push_back(layer.matrix);
  auto [types, chosen] = smallest(layers, matrices, threshold);
  return {std::move(types), std::move(chosen),
          smallest(layers, matrices, std::numeric_limits<double>::infinity()).second,
          smallest(layers, matrices, 0).second};
}

LayerResult measure_layer(const trace::TraceReader& trace, const std::vector<Layer>& layers, std::size_t i,
                          const Structures& structures, const MeasureOptions& options) {
  const Layer& layer = layers[i];
  LayerResult result;
  result.name = layer.info->name;
  result.parameters = static_cast<std::int64_t>(layer.matrix.values.size());
  result.nonzeros = result.parameters - std::ranges::count(layer.matrix.values, 0);
  result.macs = macs_of(layer.info->shape);
  result.bits = layer.matrix.bits;
  result.type = structures.types[i];
  LayerTimer timer(trace, layer, options);
  const auto add = [&](const std::string& name, const std::unique_ptr<WeightForm>& form) {
    result.forms.push_back(timer.time(name, *form));
  };
  add(dense_name, dense_form(layer.matrix));
  add("dense, zeros skipped", zero_skipping_form(layer.matrix));
  add("packed", packed_form(layer.matrix));
  add("direct-index", direct_index_form(layer.matrix));
  add("relative index", relative_index_form(layer.matrix));
  add("CSR", csr_form(layer.matrix));
  add("Huffman by filter", huffman_form(layer.matrix));
  for (const std::string& coder : options.coders) add("coder " + coder, coder_form(coder, layer.matrix));
  add(succinct_name, succinct_form(structures.chosen, i));
  add("succinct, all element-wise", succinct_form(structures.element, i));
  add("succinct, all block-wise", succinct_form(structures.block, i));
  return result;
}

}  // namespace

double LayerResult::macs_per_parameter() const {
  return static_cast<double>(macs) / static_cast<double>(std::max<std::int64_t>(1, parameters));
}

const std::vector<std::string>& ordinary_forms() {
  static const std::vector<std::string> names = {"packed", "direct-index", "relative index", "CSR"};
  return names;
}

RasType choose_type(const encode::WeightMatrix& matrix, double macs_per_parameter, double threshold) {
  const bool block = macs_per_parameter >= threshold;
  const RasType dense = block ? RasType::block_dense : RasType::element_dense;
  const RasType sparse = block ? RasType::block_sparse : RasType::element_sparse;
  return entropy_bits(matrix, sparse) < entropy_bits(matrix, dense) ? sparse : dense;
}

NetworkResult measure(const trace::TraceReader& trace, const MeasureOptions& options,
                      const std::function<void(const std::string&)>& progress) {
  for (const std::string& coder : options.coders) (void)encode::CoderRegistry::global().at(coder);
  const std::vector<Layer> layers = load_layers(trace, options);
  const Structures structures = build(layers, options.threshold);
  NetworkResult result;
  result.trace = trace.path();
  result.network = trace.metadata().network;
  result.options = options;
  const SuccinctNetwork& chosen = structures.chosen;
  result.succinct = chosen.bytes();
  result.main_symbols = chosen.main().size();
  result.main_alphabet = chosen.main().alphabet();
  result.value_symbols = chosen.values().size();
  result.value_alphabet = chosen.values().alphabet();
  result.main_levels = static_cast<double>(chosen.main().node_bits()) / static_cast<double>(chosen.main().size());
  result.value_levels = static_cast<double>(chosen.values().node_bits()) / static_cast<double>(chosen.values().size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    result.layers.push_back(measure_layer(trace, layers, i, structures, options));
    progress(layers[i].info->name);
  }
  return result;
}

FormResult total(const NetworkResult& result, const std::string& form) {
  FormResult sum;
  sum.name = form;
  for (const LayerResult& layer : result.layers) {
    const auto found = std::ranges::find(layer.forms, form, &FormResult::name);
    if (found == layer.forms.end()) fail_internal("there is no form '" + form + "'");
    sum.bytes += found->bytes;
    sum.scratch = std::max(sum.scratch, found->scratch);
    sum.read_s += found->read_s;
    sum.run_s += found->run_s;
  }
  return sum;
}

std::string best_ordinary(const NetworkResult& result) {
  return *std::ranges::min_element(ordinary_forms(), {},
                                   [&](const std::string& form) { return total(result, form).bytes; });
}

}  // namespace rebasis::succinct
