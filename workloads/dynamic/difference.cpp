#include "workloads/dynamic/difference.h"

#include <algorithm>
#include <array>

#include "workloads/trace/metadata_json.h"

namespace rebasis::dynamic {
namespace {

// Scales are not among them: they come with the table of layers, in any case.
constexpr std::array<const char*, 5> value_parts{"weights", "bias", "coefficients", "code_lengths", "codes"};
constexpr std::array<const char*, 2> basis_parts{"basis", "basis_shift"};
constexpr std::array<const char*, 4> index_parts{"row_index", "element_index", "group_index", "filter_bits"};

constexpr std::uint64_t bits_per_byte = 8;
std::uint64_t bytes_of_bits(std::uint64_t bits) { return (bits + bits_per_byte - 1) / bits_per_byte; }

/// One layer in both traces.
struct Pair {
  const trace::TraceReader& from;
  const trace::TraceReader& to;
  const std::string& layer;

  [[nodiscard]] bool equal(const char* part) const {
    const std::string name = layer + "/" + part;
    if (from.has(name) != to.has(name)) return false;
    if (!to.has(name)) return true;
    const trace::TensorView a = from.tensor(name), b = to.tensor(name);
    return a.dtype == b.dtype && a.shape == b.shape &&
           std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end());
  }
  template <std::size_t count>
  [[nodiscard]] bool all_equal(const std::array<const char*, count>& parts) const {
    return std::all_of(parts.begin(), parts.end(), [this](const char* part) { return equal(part); });
  }
};

std::uint64_t bias_patch(const Pair& pair, std::int64_t filters) {
  const std::string name = pair.layer + "/bias";
  if (!pair.to.has(name) || pair.equal("bias")) return 0;
  std::uint64_t bits = static_cast<std::uint64_t>(filters);
  const trace::TensorView next = pair.to.tensor(name);
  const auto b = next.as<std::int32_t>();
  const bool had = pair.from.has(name);
  for (std::size_t m = 0; m < b.size(); ++m) {
    const bool same = had && pair.from.tensor(name).as<std::int32_t>()[m] == b[m];
    if (!same) bits += 32;
  }
  return bytes_of_bits(bits);
}

void compare_dense(const Pair& pair, LayerDifference& out) {
  const trace::TensorView before = pair.from.tensor(pair.layer + "/weights");
  const trace::TensorView next = pair.to.tensor(pair.layer + "/weights");
  const auto a = before.as<std::int8_t>(), b = next.as<std::int8_t>();
  out.index = false;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (a[i] == b[i]) continue;
    ++out.changed;
    if (b[i] != 0) ++out.fresh;
    if ((a[i] == 0) != (b[i] == 0)) out.index = true;
  }
  const std::uint64_t biases = bias_patch(pair, out.filters);
  const std::uint64_t weights =
      out.changed == 0 ? 0 : bytes_of_bits(b.size() + out.changed + bits_per_byte * out.fresh);
  out.patch_bytes = weights + biases;
}

const trace::LayerInfo* layer_named(const trace::TraceReader& trace, const std::string& name) {
  const auto& layers = trace.metadata().layers;
  const auto found =
      std::find_if(layers.begin(), layers.end(), [&](const trace::LayerInfo& layer) { return layer.name == name; });
  return found == layers.end() ? nullptr : &*found;
}

}  // namespace

std::vector<LayerDifference> difference(const trace::TraceReader& from, const trace::TraceReader& to) {
  std::vector<LayerDifference> all;
  for (const trace::LayerInfo& layer : to.metadata().layers) {
    to.check_layer(layer);
    LayerDifference out;
    out.layer = layer.name;
    out.filters = layer.shape.M;
    out.weights = layer.shape.weights();
    const trace::LayerInfo* const before = layer_named(from, layer.name);
    if (before != nullptr && before->encoding == layer.encoding && before->shape == layer.shape) {
      from.check_layer(*before);
      const Pair pair{from, to, layer.name};
      out.values = !pair.all_equal(value_parts);
      out.basis = !pair.all_equal(basis_parts);
      out.index = !pair.all_equal(index_parts);
      if (layer.encoding == trace::dense_encoding) compare_dense(pair, out);
    }
    all.push_back(std::move(out));
  }
  return all;
}

}  // namespace rebasis::dynamic
