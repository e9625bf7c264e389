#include "sim/diannao/clocked/nbout.h"

namespace rebasis::sim::diannao {

Nbout::Nbout(const LayerShape& shape, const arch::DianNaoSpec& spec, Counters& counters)
    : shape_(shape),
      spec_(spec),
      counters_(counters),
      sums_(static_cast<std::size_t>(shape.M * shape.E() * shape.F())),
      outputs_(sums_.size()) {}

std::size_t Nbout::index(std::int64_t m, const Operation& op) const {
  return static_cast<std::size_t>((m * shape_.E() + op.e) * shape_.F() + op.f);
}

void Nbout::write(const Stage<std::int64_t>& row, std::vector<std::int64_t>& memory, std::int64_t bytes) {
  const Operation& op = row.operation;
  for (std::int64_t i = 0; i < op.filters; ++i)
    memory[index(op.filter + i, op)] = row.values[static_cast<std::size_t>(i)];
  counters_.actions[nbout_write] += static_cast<std::uint64_t>(op.filters * bytes);
  if (op.ends_step) ended_.push_back(op.step);
}

void Nbout::evaluate(const Operation& upcoming, const Stage<std::int64_t>& partial,
                     const Stage<std::int64_t>& finished) {
  const Operation& sum = partial.operation;
  if (sum.valid && sum.ends_sum && !sum.last_chunk) write(partial, sums_, spec_.sum_bytes());
  if (finished.operation.valid) write(finished, outputs_, spec_.element_bytes());
  next_.operation = upcoming;
  next_.values.clear();
  if (!upcoming.valid || !upcoming.begins_sum || upcoming.first_chunk) return;
  for (std::int64_t i = 0; i < upcoming.filters; ++i)
    next_.values.push_back(sums_[index(upcoming.filter + i, upcoming)]);
  counters_.actions[nbout_read] += static_cast<std::uint64_t>(upcoming.filters * spec_.sum_bytes());
}

std::vector<std::size_t> Nbout::commit() {
  std::swap(shown_, next_);
  return std::exchange(ended_, {});
}

}  // namespace rebasis::sim::diannao
