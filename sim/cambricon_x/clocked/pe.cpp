#include "sim/cambricon_x/clocked/pe.h"

namespace rebasis::sim::cambricon_x {

void Pe::multiply(const Selection& operands, const std::vector<LaneFilter>& synapses, Cycle now) {
  if (operands.step != step_) {
    step_ = operands.step;
    filter_ = synapse_ = 0;
  }
  std::int64_t sum = 0;
  for (const int neuron : operands.neurons) {
    const std::int64_t synapse = synapses[filter_].synapses[synapse_++];
    sum += synapse * neuron;
    effective_ += synapse != 0 ? 1U : 0U;
    ++products_;
  }
  in_tree_.push_back({now + tree_ + 1, sum, {operands.last, operands.step, operands.filter, operands.position, 0}});
  if (operands.last) {
    synapse_ = 0;
    filter_ = (filter_ + 1) % synapses.size();
  }
}

PeResult Pe::work(const Selection& operands, const std::vector<LaneFilter>* synapses, Cycle now) {
  effective_ = products_ = 0;
  PeResult result;
  if (!in_tree_.empty() && in_tree_.front().due == now) {
    accumulator_ += in_tree_.front().sum;
    if (in_tree_.front().of.valid) {
      result = in_tree_.front().of;
      result.sum = accumulator_;
      accumulator_ = 0;
    }
    in_tree_.pop_front();
  }
  if (operands.valid) multiply(operands, *synapses, now);
  return result;
}

}  // namespace rebasis::sim::cambricon_x
