#include "sim/core/compare_runs.h"

#include <algorithm>

namespace rebasis::sim {

std::string compare_runs(const LayerPlan& plan, const CounterNames& names, const LayerRun& fast,
                         const LayerRun& clocked) {
  const auto times = [](const char* what, Cycle left, Cycle right) {
    return std::string(what) + " at cycle " + std::to_string(left) + " (fast), " + std::to_string(right) + " (clocked)";
  };
  for (std::size_t i = 0; i < std::min(fast.steps.size(), clocked.steps.size()); ++i) {
    const StepTimes &a = fast.steps[i], &b = clocked.steps[i];
    if (a == b) continue;
    const std::string where = plan.step_name(a) + ": ";
    if (a.ready != b.ready) return where + times("data ready", a.ready, b.ready);
    if (a.done != b.done) return where + times("partial sums done", a.done, b.done);
    return where + times("outputs drained", a.drained, b.drained);
  }
  if (fast.steps.size() != clocked.steps.size()) {
    return std::to_string(fast.steps.size()) + " steps (fast), " + std::to_string(clocked.steps.size()) + " (clocked)";
  }
  const std::string counter = first_difference(names, fast.counters, clocked.counters);
  return counter.empty() ? "" : "counter " + counter + " (fast != clocked)";
}

std::string compare_outputs(const LayerPlan& plan, const Activations& image, const std::vector<std::int64_t>& outputs) {
  const LayerShape& shape = plan.info().shape;
  const std::vector<std::int64_t> expected = plan.expected_outputs(image);
  if (outputs.size() != expected.size())
    return std::to_string(outputs.size()) + " outputs instead of " + std::to_string(expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (outputs[i] == expected[i]) continue;
    const auto index = static_cast<std::int64_t>(i);
    return "output m=" + std::to_string(index / (shape.E() * shape.F())) +
           " e=" + std::to_string(index / shape.F() % shape.E()) + " f=" + std::to_string(index % shape.F()) + ": " +
           std::to_string(outputs[i]) + " (clocked), " + std::to_string(expected[i]) + " (integer reference)";
  }
  return {};
}

}  // namespace rebasis::sim
