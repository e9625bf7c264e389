#include "sim/sparse_tensor_core/clocked/multipliers.h"

namespace rebasis::sim::sparse_tensor_core {

Selectors::Selectors(const LayerShape& shape, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
                     Counters& counters)
    : shape_(shape),
      spec_(spec),
      pattern_(pattern),
      counters_(counters),
      stages_(static_cast<std::size_t>(spec.select_stages)) {}

void Selectors::evaluate(const RowOperation& row, const Nbin& nbin, const Sb& sb, const IndexBuffer& index) {
  next_.operation = row.operation;
  next_.values.clear();
  if (!row.operation.valid) return;
  auto weight = sb.shown().values.begin(), position = index.shown().values.begin();
  for (std::int64_t m = row.operation.filter; m < row.operation.filter + row.operation.filters; ++m) {
    auto neurons = nbin.shown().values.begin();
    for (const ChannelGroup& group : row.groups) {
      const std::int64_t of_layer = own_channels(shape_, m, group.channels).size();
      for (std::int64_t place = 0; place < pattern_.kept; ++place, ++weight, ++position) {
        next_.values.push_back({*weight, *(neurons + *position), place < of_layer});
        if (place < of_layer)
          counters_.actions[select_level] += static_cast<std::uint64_t>(spec_.select_levels() * spec_.element_bytes());
      }
      neurons += pattern_.of;
    }
  }
}

Multipliers::Multipliers(const arch::SparseTensorCoreSpec& spec, Counters& counters)
    : spec_(spec), counters_(counters), stages_(static_cast<std::size_t>(spec.nfu1_stages)) {}

void Multipliers::evaluate(const Selectors& selectors) {
  const diannao::Stage<Operands>& operands = selectors.result();
  next_.operation = operands.operation;
  next_.values.clear();
  if (!operands.operation.valid) return;
  for (const Operands& pair : operands.values) {
    next_.values.push_back(static_cast<std::int64_t>(pair.weight) * pair.neuron);
    if (!pair.of_layer) continue;
    ++counters_.effective_macs;
    counters_.actions[diannao::mac] += static_cast<std::uint64_t>(spec_.byte_products());
  }
}

}  // namespace rebasis::sim::sparse_tensor_core
