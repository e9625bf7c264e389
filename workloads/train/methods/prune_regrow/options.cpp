#include "workloads/train/methods/prune_regrow/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/error.h"

namespace rebasis::train {

const arch::ParameterSet<RegrowOptions>& regrow_parameters() {
  static const arch::ParameterSet<RegrowOptions> set = [] {
    arch::ParameterSet<RegrowOptions> p;
    p.real("initial_sparsity", &RegrowOptions::initial_sparsity, 0, 0, 0.999, "",
           "s_i: share of the weights that is zero from the start, the smallest; groups of N:M start dense.",
           "Yang, Table 10: 0 and 0.9");
    p.choice("growth", &RegrowOptions::growth, "cubic", {"cubic", "cosine"}, "How the sparsity rises to its target.",
             "GraNet, section 3.2: cubic; Yang, 3.1.1: cosine");
    p.real("growth_end", &RegrowOptions::growth_end, 0.7, 0, 1, "",
           "Share of the run after which the target is reached.", "GraNet: 110 of 160 epochs");
    p.integer("update_steps", &RegrowOptions::update_steps, 100, 1, 1'000'000'000, "steps",
              "Steps between two updates of a net's zeros.", "RigL: 100; Yang, 3.3.3: for example 1000");
    p.real("regrow", &RegrowOptions::regrow, 0.5, 0, 1, "",
           "Share of the remaining weights that an update exchanges; falls to zero as a cosine.", "Yang, 3.4.1: 0.5");
    p.choice("candidates", &RegrowOptions::candidates, "global", {"global", "layer"},
             "What competes: the weights of all layers, or each layer's own, which then has the whole sparsity.",
             "Yang, 3.4.1: global");
    p.boolean("keep_first", &RegrowOptions::keep_first, true, "Leave the first layer dense.", "Yang, 3.4.1");
    p.boolean("keep_last", &RegrowOptions::keep_last, false, "Leave the last layer dense.", "Yang, 3.4.1: pruned");
    p.boolean("keep_depthwise", &RegrowOptions::keep_depthwise, true, "Leave depthwise layers dense.", "decision");
    return p;
  }();
  return set;
}

double GrowthPlan::level(std::int64_t updates) const {
  const double t = std::min(1.0, static_cast<double>(updates) / static_cast<double>(rises));
  const double left = cosine ? (1 + std::cos(std::numbers::pi * t)) / 2 : std::pow(1 - t, 3);
  return target + (initial - target) * left;
}

double regrow_share(const RegrowOptions& options, double progress) {
  return options.regrow * (1 + std::cos(std::numbers::pi * std::min(1.0, progress))) / 2;
}

GrowthPlan plan_growth(const RegrowOptions& options, double initial, double target, std::int64_t offset,
                       std::int64_t period, std::int64_t steps, std::int64_t cycle) {
  GrowthPlan plan{initial, target, options.growth == "cosine", period, offset, 1};
  const auto end = static_cast<std::int64_t>(options.growth_end * static_cast<double>(steps));
  plan.rises = std::max<std::int64_t>(1, (end - offset) / period);
  const std::int64_t last = plan.rises * period + offset + cycle;
  if (last > steps) {
    fail_input(
        fmt::format("the run has {} steps, but a net reaches its sparsity at step {} at the earliest; lower "
                    "update_steps or adjustment_steps, or train longer",
                    steps, last));
  }
  return plan;
}

}  // namespace rebasis::train
