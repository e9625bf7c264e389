#include "sim/diannao/clocked/operands.h"

namespace rebasis::sim::diannao {

Nbin::Nbin(const LayerShape& shape, const arch::DianNaoSpec& spec, const Activations& image, Counters& counters)
    : shape_(shape), spec_(spec), image_(image), counters_(counters) {}

void Nbin::evaluate(const Operation& issued) {
  next_.operation = issued;
  next_.values.clear();
  if (!issued.valid) return;
  ++counters_.blocks[nbin][issued.inside ? Cause::busy : Cause::idle];  // zeros of the padding are not stored
  if (issued.inside)
    counters_.actions[nbin_read] += static_cast<std::uint64_t>(issued.channels * spec_.element_bytes());
  const std::int64_t h = issued.e * shape_.stride_h + issued.r * shape_.dilation_h - shape_.pad_top;
  const std::int64_t w = issued.f * shape_.stride_w + issued.s * shape_.dilation_w - shape_.pad_left;
  for (std::int64_t i = 0; i < issued.channels; ++i) next_.values.push_back(image_.at(issued.channel + i, h, w));
}

Sb::Sb(const DenseLayer& layer, const arch::DianNaoSpec& spec, Counters& counters)
    : layer_(layer), spec_(spec), counters_(counters) {}

std::int32_t Sb::synapse(std::int64_t m, std::int64_t c, const Operation& op) const {
  const LayerShape& shape = layer_.shape();
  const std::int64_t group = m / shape.filters_per_group();
  if (c / shape.channels_per_group() != group) return 0;
  return layer_.weight(m, c - group * shape.channels_per_group(), op.r, op.s);
}

void Sb::evaluate(const Operation& issued) {
  next_.operation = issued;
  next_.values.clear();
  if (!issued.valid) return;
  ++counters_.blocks[sb][Cause::busy];
  for (std::int64_t m = issued.filter; m < issued.filter + issued.filters; ++m) {
    for (std::int64_t c = issued.channel; c < issued.channel + issued.channels; ++c)
      next_.values.push_back(synapse(m, c, issued));
  }
  std::int64_t bytes = issued.filters * issued.channels * spec_.element_bytes();
  if (layer_.has_bias && issued.first_chunk && issued.begins_sum) bytes += issued.filters * 4;
  counters_.actions[sb_read] += static_cast<std::uint64_t>(bytes);
}

}  // namespace rebasis::sim::diannao
