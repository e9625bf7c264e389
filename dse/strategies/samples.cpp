// "random", "latin_hypercube" and "sobol": points spread over the space without looking at results.
#include <boost/random/sobol.hpp>
#include <numeric>
#include <set>

#include "arch/parameter.h"
#include "dse/strategy.h"

namespace rebasis::dse {
namespace {

struct Options {
  std::int64_t points = 0;
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.integer("points", &Options::points, 0, 0, 1'000'000'000, "", "Points to draw; 0: the budget's.", "decision");
  return set.resolve(config);
}

/// Draws positions in the unit cube until enough different points that meet the conditions are found.
class Samples : public Strategy {
 public:
  explicit Samples(const arch::RawConfig& config) : options_(resolve(config)) {}

  [[nodiscard]] std::uint64_t planned(const StrategyContext& context) const override {
    const std::int64_t wanted = options_.points > 0 ? options_.points : context.points;
    return std::min(static_cast<std::uint64_t>(wanted), context.space.size());
  }

  void run(const StrategyContext& context, const Evaluate& evaluate) const override {
    const std::uint64_t wanted = planned(context);
    if (wanted == 0)
      fail_input("a sampling strategy needs to know how many points; set points, or budget: {points: N}");
    std::set<Choice> seen;
    std::vector<Choice> choices;
    std::uint64_t misses = 0;
    constexpr std::uint64_t most_misses = 100'000;  // in a row: the conditions leave next to nothing, or all was seen
    Positions next = positions(context, wanted);
    while (choices.size() < wanted && misses < most_misses) {
      Choice choice = choice_at(context.space, next());
      const bool taken = seen.insert(choice).second && context.space.broken(context.space.point(choice)) == nullptr;
      misses = taken ? 0 : misses + 1;
      if (taken) choices.push_back(std::move(choice));
    }
    (void)evaluate(choices);
  }

 protected:
  using Positions = std::function<std::vector<double>()>;
  [[nodiscard]] virtual Positions positions(const StrategyContext& context, std::uint64_t wanted) const = 0;

 private:
  Options options_;
};

class Uniform : public Samples {
 public:
  using Samples::Samples;

 protected:
  [[nodiscard]] Positions positions(const StrategyContext& context, std::uint64_t) const override {
    return [random = Random(context.seed), count = context.space.dimensions.size()]() mutable {
      std::vector<double> position(count);
      for (double& x : position) x = random.unit();
      return position;
    };
  }
};

/// Each block of `wanted` positions has one in each of `wanted` equal parts of every axis (McKay et al., 1979).
class LatinHypercube : public Samples {
 public:
  using Samples::Samples;

 protected:
  [[nodiscard]] Positions positions(const StrategyContext& context, std::uint64_t wanted) const override {
    struct State {
      Random random;
      std::vector<std::vector<std::uint64_t>> columns;
      std::uint64_t next = 0;
    };
    State state{Random(context.seed), std::vector<std::vector<std::uint64_t>>(context.space.dimensions.size()), wanted};
    return [state, wanted]() mutable {
      if (state.next == wanted) {
        for (auto& column : state.columns) {
          column.resize(wanted);
          std::iota(column.begin(), column.end(), std::uint64_t{0});
          for (std::size_t i = column.size(); i > 1; --i) std::swap(column[i - 1], column[state.random.below(i)]);
        }
        state.next = 0;
      }
      std::vector<double> position;
      for (const auto& column : state.columns)
        position.push_back((static_cast<double>(column[state.next]) + state.random.unit()) /
                           static_cast<double>(wanted));
      ++state.next;
      return position;
    };
  }
};

/// Sobol's sequence with a random digital shift, so that seeds differ.
class Sobol : public Samples {
 public:
  using Samples::Samples;

 protected:
  [[nodiscard]] Positions positions(const StrategyContext& context, std::uint64_t) const override {
    const std::size_t count = context.space.dimensions.size();
    std::vector<std::uint64_t> shifts(count);
    Random random(context.seed);
    for (std::uint64_t& shift : shifts) shift = random.next();
    return [sequence = boost::random::sobol(count), shifts]() mutable {
      std::vector<double> position;
      for (const std::uint64_t shift : shifts)
        position.push_back(static_cast<double>((sequence() ^ shift) >> 11) * 0x1p-53);
      return position;
    };
  }
};

const StrategyRegistration uniform("random", "points drawn at random, each once",
                                   [](const arch::RawConfig& config) { return std::make_unique<Uniform>(config); });
const StrategyRegistration latin("latin_hypercube", "every value of every dimension equally often",
                                 [](const arch::RawConfig& config) {
                                   return std::make_unique<LatinHypercube>(config);
                                 });
const StrategyRegistration sobol("sobol", "Sobol's low-discrepancy sequence",
                                 [](const arch::RawConfig& config) { return std::make_unique<Sobol>(config); });

}  // namespace
}  // namespace rebasis::dse
