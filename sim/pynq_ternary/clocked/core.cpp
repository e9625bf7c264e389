#include "sim/pynq_ternary/clocked/core.h"

#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

Core::Core(const Job& job, const Activations& image)
    : job_(job),
      spec_(job.spec),
      image_(image),
      counters_(job.names),
      output_path_(job, counters_),
      outputs_(static_cast<std::size_t>(job.shape().M * job.shape().E() * job.shape().F())) {}

std::size_t Core::shells() const { return first_pe_shell + static_cast<std::size_t>(spec_.pes); }

void Core::evaluate(std::size_t shell, Cycle) {
  if (shell == output_shell)
    output_path_.evaluate();
  else
    evaluate_block(shell);
}

StepCore::Progress Core::advance(Cycle now) {
  Progress progress;
  if (active()) {
    for (const Block block : {Block::output_path, Block::axi_channels}) {  // charged by complete_run()
      counters_.blocks[block][Cause::idle] += static_cast<Cycle>(job_.names.blocks[block].instances);
    }
    const std::size_t current = step();
    progress.consumed = finish_cycle();
    if (progress.consumed) output_path_.announce(current, now + 1);
  }
  progress.completed = output_path_.advance(now);
  return progress;
}

}  // namespace rebasis::sim::pynq_ternary
