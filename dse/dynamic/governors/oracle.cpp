// Knows the whole script: of all sequences of sub-nets the one with the fewest frames that miss, then the greatest sum
// of accuracies of those that do not, then the least energy. Dynamic programming over frames; a state is the sub-net
// that is loaded and when the machine is free, and one that is free later and no better is dropped.
#include <algorithm>
#include <cmath>

#include "arch/parameter.h"
#include "common/error.h"
#include "dse/dynamic/timeline.h"

namespace rebasis::dynamic {
namespace {

struct Options {
  std::int64_t states = 0;
};

const arch::ParameterSet<Options>& options() {
  static const arch::ParameterSet<Options> set = [] {
    arch::ParameterSet<Options> p;
    p.integer("states", &Options::states, 256, 1, 100'000, "",
              "States kept for each sub-net; with more of them the best are kept and the result may not be optimal.",
              "decision: scripts here need fewer than 10");
    return p;
  }();
  return set;
}

/// A way to get here.
struct State {
  double free_s = 0;
  std::size_t missed = 0;
  double accuracy = 0, energy_j = 0;
  std::size_t subnet = 0;
  std::size_t from = 0;  ///< state of the frame before

  /// Missed, accuracy, energy in that order; sums of the same numbers in another order count as equal.
  [[nodiscard]] bool better_than(const State& other) const {
    constexpr double rounding = 1e-9;
    if (missed != other.missed) return missed < other.missed;
    if (std::abs(accuracy - other.accuracy) > rounding) return accuracy > other.accuracy;
    return energy_j < other.energy_j;
  }
};

/// Drops states of one sub-net that are free later and no better than another.
void prune(std::vector<State>& states, std::size_t most) {
  std::stable_sort(states.begin(), states.end(), [](const State& a, const State& b) {
    return a.free_s != b.free_s ? a.free_s < b.free_s : a.better_than(b);
  });
  std::vector<State> kept;
  for (const State& state : states) {
    if (kept.empty() || state.better_than(kept.back())) kept.push_back(state);
  }
  if (kept.size() > most) kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(most));
  states = std::move(kept);
}

class Oracle : public Governor {
 public:
  explicit Oracle(const arch::RawConfig& config) : most_(static_cast<std::size_t>(options().resolve(config).states)) {}

  void begin(const Family& family, const Scenario& scenario, std::size_t start) override {
    const std::vector<double> arrivals = scenario.arrivals();
    std::vector<std::vector<State>> history{{State{.subnet = start}}};
    for (std::size_t i = 0; i < arrivals.size(); ++i)
      history.push_back(next(family, scenario, arrivals, i, history.back()));
    plan_.assign(arrivals.size(), start);
    const auto& last = history.back();
    std::size_t state = 0;
    for (std::size_t i = 1; i < last.size(); ++i) {
      if (last[i].better_than(last[state])) state = i;
    }
    for (std::size_t i = arrivals.size(); i > 0; --i) {
      plan_[i - 1] = history[i][state].subnet;
      state = history[i][state].from;
    }
  }

  std::size_t choose(const Situation& situation) override { return plan_.at(situation.frame); }

 private:
  [[nodiscard]] std::vector<State> next(const Family& family, const Scenario& scenario,
                                        const std::vector<double>& arrivals, std::size_t frame,
                                        const std::vector<State>& before) const {
    std::vector<std::vector<State>> by_subnet(family.subnets.size());
    for (std::size_t from = 0; from < before.size(); ++from) {
      const State& state = before[from];
      const Situation situation = situation_of(scenario, arrivals, frame, state.free_s, state.subnet);
      if (situation.now_s >= situation.deadline_s) {  // it is dropped
        State dropped = state;
        ++dropped.missed;
        dropped.from = from;
        by_subnet[state.subnet].push_back(dropped);
        continue;
      }
      for (std::size_t choice = 0; choice < family.subnets.size(); ++choice) {
        const Frame done = served(family, situation, arrivals[frame], choice);
        by_subnet[choice].push_back({done.finish_s, state.missed + (done.missed() ? 1 : 0),
                                     state.accuracy + (done.missed() ? 0 : family.subnets[choice].accuracy),
                                     state.energy_j + done.energy_j, choice, from});
      }
    }
    std::vector<State> all;
    for (auto& states : by_subnet) {
      prune(states, most_);
      all.insert(all.end(), states.begin(), states.end());
    }
    return all;
  }

  std::size_t most_;
  std::vector<std::size_t> plan_;
};

const GovernorRegistration registration("oracle", "knows the whole script; the best that any governor could do",
                                        [](const arch::RawConfig& config) { return std::make_unique<Oracle>(config); });

}  // namespace
}  // namespace rebasis::dynamic
