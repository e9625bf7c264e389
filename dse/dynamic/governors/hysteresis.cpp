// The most accurate sub-net that fits the budget: down at once, up after the better one has fitted for a while.
#include <optional>

#include "arch/parameter.h"
#include "dse/dynamic/governor.h"

namespace rebasis::dynamic {
namespace {

struct Options {
  double margin = 0;
  std::int64_t hold = 0;
};

const arch::ParameterSet<Options>& options() {
  static const arch::ParameterSet<Options> set = [] {
    arch::ParameterSet<Options> p;
    p.real("margin", &Options::margin, 0.1, 0, 10, "",
           "Share of time and power that a more accurate sub-net must leave unused.", "decision");
    p.integer("hold", &Options::hold, 3, 1, 1'000'000, "",
              "Frames in a row that a more accurate sub-net must fit before it is taken.", "decision");
    return p;
  }();
  return set;
}

class Hysteresis : public Governor {
 public:
  explicit Hysteresis(const arch::RawConfig& config) : options_(options().resolve(config)) {}

  void begin(const Family& family, const Scenario&, std::size_t) override { family_ = &family; }

  std::size_t choose(const Situation& situation) override {
    const std::optional<std::size_t> best = best_that_fits(situation);
    const bool stays_possible = prospect(*family_, situation, situation.current).fits();
    if (!best) {
      waited_ = 0;
      return least_bad(situation);
    }
    if (!stays_possible || accuracy(*best) <= accuracy(situation.current)) {
      waited_ = 0;
      return stays_possible ? situation.current : *best;
    }
    if (++waited_ < options_.hold) return situation.current;
    waited_ = 0;
    return *best;
  }

 private:
  [[nodiscard]] double accuracy(std::size_t subnet) const { return family_->subnets[subnet].accuracy; }

  [[nodiscard]] std::optional<std::size_t> best_that_fits(const Situation& situation) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < family_->subnets.size(); ++i) {
      const double margin = accuracy(i) > accuracy(situation.current) ? options_.margin : 0;
      if (!prospect(*family_, situation, i, margin).fits()) continue;
      const bool better =
          !best || accuracy(i) > accuracy(*best) ||
          (accuracy(i) == accuracy(*best) && family_->subnets[i].energy_j < family_->subnets[*best].energy_j);
      if (better) best = i;
    }
    return best;
  }

  /// When nothing fits: of those in time the one of least energy, otherwise the one that ends first.
  [[nodiscard]] std::size_t least_bad(const Situation& situation) const {
    std::size_t chosen = 0;
    for (std::size_t i = 1; i < family_->subnets.size(); ++i) {
      const Prospect a = prospect(*family_, situation, i), b = prospect(*family_, situation, chosen);
      if (a.in_time != b.in_time ? a.in_time : a.in_time ? a.energy_j < b.energy_j : a.time_s < b.time_s) chosen = i;
    }
    return chosen;
  }

  Options options_;
  const Family* family_ = nullptr;
  std::int64_t waited_ = 0;
};

const GovernorRegistration registration("hysteresis", "the most accurate that fits; up again after a while",
                                        [](const arch::RawConfig& config) {
                                          return std::make_unique<Hysteresis>(config);
                                        });

}  // namespace
}  // namespace rebasis::dynamic
