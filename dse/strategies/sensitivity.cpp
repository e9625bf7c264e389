// "one_at_a_time": each dimension varied alone around a base point. "saltelli": the design behind Sobol indices.
#include "dse/strategies/sensitivity.h"

#include <algorithm>
#include <boost/random/sobol.hpp>

#include "arch/parameter.h"
#include "common/text/suggest.h"
#include "dse/strategy.h"

namespace rebasis::dse {

SaltelliDesign SaltelliDesign::draw(const Space& space, std::uint64_t rows, std::uint64_t seed) {
  const std::size_t count = space.dimensions.size();
  boost::random::sobol sequence(2 * count);
  Random random(seed);
  std::vector<std::uint64_t> shifts(2 * count);
  for (std::uint64_t& shift : shifts) shift = random.next();
  SaltelliDesign design;
  design.ab.resize(count);
  for (std::uint64_t row = 0; row < rows; ++row) {
    std::vector<double> position;
    for (const std::uint64_t shift : shifts)
      position.push_back(static_cast<double>((sequence() ^ shift) >> 11) * 0x1p-53);
    const auto half = position.begin() + static_cast<std::ptrdiff_t>(count);
    design.a.push_back(choice_at(space, {position.begin(), half}));
    design.b.push_back(choice_at(space, {half, position.end()}));
    for (std::size_t i = 0; i < count; ++i) {
      design.ab[i].push_back(design.a.back());
      design.ab[i].back()[i] = design.b.back()[i];
    }
  }
  return design;
}

std::uint64_t saltelli_rows(const Space& space, std::int64_t points) {
  return static_cast<std::uint64_t>(points) / (space.dimensions.size() + 2);
}

namespace {

/// Options `base.DIMENSION: VALUE`; other dimensions start at the middle of their values.
class OneAtATime : public Strategy {
 public:
  explicit OneAtATime(const arch::RawConfig& config) : base_(config) {}

  [[nodiscard]] std::uint64_t planned(const StrategyContext& context) const override {
    std::uint64_t points = 1;
    for (const Dimension& dimension : context.space.dimensions) points += dimension.values.size() - 1;
    return points;
  }

  void run(const StrategyContext& context, const Evaluate& evaluate) const override {
    const Choice base = base_choice(context.space);
    std::vector<Choice> choices{base};
    for (std::size_t i = 0; i < base.size(); ++i) {
      for (std::size_t value = 0; value < context.space.dimensions[i].values.size(); ++value) {
        if (value == base[i]) continue;
        choices.push_back(base);
        choices.back()[i] = value;
      }
    }
    (void)evaluate(choices);
  }

 private:
  [[nodiscard]] Choice base_choice(const Space& space) const {
    Choice base;
    std::vector<std::string> known;
    for (const Dimension& dimension : space.dimensions) {
      base.push_back((dimension.values.size() - 1) / 2);
      known.push_back("base." + dimension.name);
    }
    for (const arch::ConfigEntry& entry : base_.entries()) {
      const auto found = std::find(known.begin(), known.end(), entry.key);
      if (found == known.end()) fail_unknown_name(entry.where, "option of one_at_a_time", entry.key, known);
      const auto i = static_cast<std::size_t>(found - known.begin());
      const std::vector<Value>& values = space.dimensions[i].values;
      const auto value =
          std::find_if(values.begin(), values.end(), [&](const Value& v) { return v.text == entry.value; });
      if (value == values.end())
        fail_input(entry.where, entry.value + " is no value of " + space.dimensions[i].name + "; list it there");
      base[i] = static_cast<std::size_t>(value - values.begin());
    }
    return base;
  }

  arch::RawConfig base_;
};

class Saltelli : public Strategy {
 public:
  explicit Saltelli(const arch::RawConfig& config) {
    arch::ParameterSet<Options> set;
    set.integer("rows", &Options::rows, 0, 0, 100'000'000, "",
                "Rows of A and of B; each costs a point for every dimension and two more. 0: what the budget pays for.",
                "decision");
    options_ = set.resolve(config);
  }

  [[nodiscard]] std::uint64_t planned(const StrategyContext& context) const override {
    return rows(context) * (context.space.dimensions.size() + 2);
  }

  void run(const StrategyContext& context, const Evaluate& evaluate) const override {
    if (rows(context) == 0)
      fail_input("saltelli needs rows, or budget: {points: N} with N of at least the number of dimensions + 2");
    const SaltelliDesign design = SaltelliDesign::draw(context.space, rows(context), context.seed);
    std::vector<Choice> choices = design.a;
    choices.insert(choices.end(), design.b.begin(), design.b.end());
    for (const auto& ab : design.ab) choices.insert(choices.end(), ab.begin(), ab.end());
    (void)evaluate(choices);
  }

 private:
  struct Options {
    std::int64_t rows = 0;
  };
  [[nodiscard]] std::uint64_t rows(const StrategyContext& context) const {
    return options_.rows > 0 ? static_cast<std::uint64_t>(options_.rows) : saltelli_rows(context.space, context.points);
  }
  Options options_;
};

const StrategyRegistration one_at_a_time("one_at_a_time", "each dimension alone, around a base point",
                                         [](const arch::RawConfig& config) {
                                           return std::make_unique<OneAtATime>(config);
                                         });
const StrategyRegistration saltelli("saltelli", "the design behind first-order and total Sobol indices",
                                    [](const arch::RawConfig& config) { return std::make_unique<Saltelli>(config); });

}  // namespace
}  // namespace rebasis::dse
