#include "sim/diannao/clocked/nfu.h"

#include "common/error.h"

namespace rebasis::sim::diannao {

namespace {

std::uint64_t count(std::int64_t value) { return static_cast<std::uint64_t>(value); }

}  // namespace

void check_sum(std::int64_t sum, const arch::DianNaoSpec& spec, const std::string& layer) {
  // A quarter of the range, so that 64 bits do not overflow.
  const std::int64_t half = std::int64_t{1} << (spec.sum_bits - 2);
  if (sum / 2 >= half || sum / 2 < -half) {
    fail_infeasible("layer " + layer + ": the partial sum " + std::to_string(sum) + " does not fit nfu2.sum of " +
                    std::to_string(spec.sum_bits) + " bits; use wider sums");
  }
}

Nfu1::Nfu1(const LayerShape& shape, const arch::DianNaoSpec& spec, Counters& counters)
    : shape_(shape), spec_(spec), counters_(counters), stages_(static_cast<std::size_t>(spec.nfu1_stages)) {}

void Nfu1::evaluate(const Stage<std::int32_t>& neurons, const Stage<std::int32_t>& synapses) {
  const Operation& op = synapses.operation;
  next_.operation = op;
  next_.values.clear();
  if (!op.valid) return;
  auto synapse = synapses.values.begin();
  for (std::int64_t m = op.filter; m < op.filter + op.filters; ++m) {
    const std::int64_t group = m / shape_.filters_per_group();
    for (std::size_t i = 0; i < neurons.values.size(); ++i, ++synapse) {
      next_.values.push_back(static_cast<std::int64_t>(*synapse) * neurons.values[i]);
      // Between groups the synapse is zero for the whole pack: the multiplier does not switch.
      if ((op.channel + static_cast<std::int64_t>(i)) / shape_.channels_per_group() != group) continue;
      ++counters_.effective_macs;
      counters_.actions[mac] += count(spec_.byte_products());
    }
  }
}

Nfu2::Nfu2(const arch::DianNaoSpec& spec, std::string layer, Counters& counters)
    : spec_(spec),
      layer_(std::move(layer)),
      counters_(counters),
      trees_(static_cast<std::size_t>(spec.nfu2_stages - 1)) {}

Stage<std::int64_t> Nfu2::add_up(const Stage<std::int64_t>& products) const {
  Stage<std::int64_t> tree{products.operation, {}};
  if (!tree.operation.valid) return tree;
  auto product = products.values.begin();
  for (std::int64_t m = 0; m < tree.operation.filters; ++m) {
    std::int64_t sum = 0;
    for (std::int64_t c = 0; c < tree.operation.channels; ++c) sum += *product++;
    tree.values.push_back(sum);
  }
  return tree;
}

void Nfu2::evaluate(const Stage<std::int64_t>& products, const Stage<std::int64_t>& held) {
  next_tree_ = add_up(products);
  accumulate(trees_.empty() ? next_tree_ : trees_.back(), held);
}

void Nfu2::accumulate(const Stage<std::int64_t>& tree, const Stage<std::int64_t>& held) {
  const Operation& op = tree.operation;
  next_sums_.operation = op;
  next_sums_.values = sums_.values;  // registers keep their sums
  if (!op.valid) {
    next_sums_.operation = sums_.operation;
    next_sums_.operation.valid = false;
    return;
  }
  if (op.begins_sum) {
    // Sums of the same block are still in the registers: NBout's copy may be on its way.
    const bool kept = !op.first_chunk && sums_.operation.block() == op.block();
    if (op.first_chunk)
      next_sums_.values.assign(tree.values.size(), 0);
    else if (!kept)
      next_sums_.values = held.values;
  } else {
    counters_.actions[register_read] += count(op.filters * spec_.sum_bytes());
  }
  for (std::size_t i = 0; i < tree.values.size(); ++i) {
    next_sums_.values[i] += tree.values[i];
    check_sum(next_sums_.values[i], spec_, layer_);
  }
  counters_.actions[Action::accumulate] += count(op.filters);
  counters_.actions[register_write] += count(op.filters * spec_.sum_bytes());
}

void Nfu2::commit() {
  if (!trees_.empty()) shift(trees_, next_tree_);
  std::swap(sums_, next_sums_);
}

Nfu3::Nfu3(const arch::DianNaoSpec& spec, Counters& counters)
    : counters_(counters), stages_(static_cast<std::size_t>(spec.nfu3_stages)) {}

void Nfu3::evaluate(const Stage<std::int64_t>& sums) {
  const Operation& op = sums.operation;
  next_.operation = op;
  next_.operation.valid = op.valid && op.ends_sum && op.last_chunk;
  next_.values.clear();
  if (!next_.operation.valid) return;
  next_.values = sums.values;
  counters_.actions[requantise] += count(op.filters);
}

}  // namespace rebasis::sim::diannao
