// "nsga2", "moead" and "nspso": multi-objective search through pagmo2.
#include <cmath>
#include <optional>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/moead.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/algorithms/nspso.hpp>
#include <pagmo/batch_evaluators/default_bfe.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

#include "arch/parameter.h"
#include "dse/strategy.h"

namespace rebasis::dse {
namespace {

struct Options {
  std::int64_t population = 0, generations = 0;
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.integer("population", &Options::population, 40, 8, 100'000, "", "Individuals; nsga2 wants a multiple of four.",
              "decision");
  set.integer("generations", &Options::generations, 0, 0, 1'000'000, "",
              "After the first; 0: as many as the budget holds.", "decision");
  set.require({"population"}, "population is not a multiple of four; take the next one",
              [](const Options& o) { return o.population % 4 == 0; });
  return set.resolve(config);
}

/// Worse than any design; finite, because pagmo refuses infinities.
constexpr double infeasible_loss = 1e300;

/// A decision vector holds an index a dimension, as a real within [0, values); its integer part counts.
Choice choice_of(const Space& space, const double* vector) {
  Choice choice;
  for (std::size_t i = 0; i < space.dimensions.size(); ++i) {
    const auto last = static_cast<double>(space.dimensions[i].values.size() - 1);
    choice.push_back(static_cast<std::size_t>(std::clamp(std::floor(vector[i]), 0.0, last)));
  }
  return choice;
}

/// The study as pagmo sees it. pagmo copies problems and evaluators, so they refer to the study.
struct Problem {
  const StrategyContext* context = nullptr;
  const Evaluate* evaluate = nullptr;

  [[nodiscard]] pagmo::vector_double fitness(const pagmo::vector_double& x) const { return fitness_of(x.data(), 1); }
  /// Of `count` vectors behind each other.
  [[nodiscard]] pagmo::vector_double fitness_of(const double* vectors, std::size_t count) const {
    std::vector<Choice> choices;
    for (std::size_t i = 0; i < count; ++i)
      choices.push_back(choice_of(context->space, vectors + i * context->space.dimensions.size()));
    pagmo::vector_double losses;
    for (const Evaluation& evaluation : (*evaluate)(choices)) {
      for (std::size_t k = 0; k < context->objectives; ++k)
        losses.push_back(evaluation.feasible ? evaluation.losses[k] : infeasible_loss);
    }
    return losses;
  }
  [[nodiscard]] pagmo::vector_double batch_fitness(const pagmo::vector_double& vectors) const {
    return fitness_of(vectors.data(), vectors.size() / context->space.dimensions.size());
  }
  [[nodiscard]] std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
    pagmo::vector_double low, high;
    for (const Dimension& dimension : context->space.dimensions) {
      low.push_back(0);
      high.push_back(static_cast<double>(dimension.values.size()) - 1e-6);
    }
    return {low, high};
  }
  [[nodiscard]] pagmo::vector_double::size_type get_nobj() const { return context->objectives; }
  template <class Archive>
  void serialize(Archive&, unsigned) {}  // pagmo asks for it; problems stay in this process
};

/// The first generation meets the conditions as far as it can be found by drawing.
pagmo::population first_generation(const pagmo::problem& problem, const StrategyContext& context, std::int64_t size) {
  Random random(context.seed);
  constexpr int tries = 1000;
  pagmo::vector_double all;
  for (std::int64_t i = 0; i < size; ++i) {
    pagmo::vector_double x;
    for (int attempt = 0; attempt < tries; ++attempt) {
      x.clear();
      for (const Dimension& d : context.space.dimensions)
        x.push_back(random.unit() * (static_cast<double>(d.values.size()) - 1e-6));
      if (context.space.broken(context.space.point(choice_of(context.space, x.data()))) == nullptr) break;
    }
    all.insert(all.end(), x.begin(), x.end());
  }
  const pagmo::vector_double losses = problem.batch_fitness(all);
  pagmo::population population(problem, 0U, static_cast<unsigned>(context.seed));
  const std::size_t width = context.space.dimensions.size();
  for (std::size_t i = 0; i * width < all.size(); ++i) {
    const auto x = all.begin() + static_cast<std::ptrdiff_t>(i * width);
    const auto f = losses.begin() + static_cast<std::ptrdiff_t>(i * context.objectives);
    population.push_back({x, x + static_cast<std::ptrdiff_t>(width)},
                         {f, f + static_cast<std::ptrdiff_t>(context.objectives)});
  }
  return population;
}

template <class Algorithm>
Algorithm make(unsigned generations, std::int64_t /*population*/) {
  return Algorithm(generations);
}
/// pagmo's defaults, but for any number of individuals and objectives: neighbourhoods within the population, weights
/// that need no grid.
template <>
pagmo::moead make(unsigned generations, std::int64_t population) {
  const auto neighbours = static_cast<pagmo::population::size_type>(std::min<std::int64_t>(20, population - 1));
  return {generations, "low discrepancy", "tchebycheff", neighbours};
}

template <class Algorithm>
class Evolution : public Strategy {
 public:
  explicit Evolution(const arch::RawConfig& config) : options_(resolve(config)) {}

  [[nodiscard]] bool adaptive() const override { return true; }
  [[nodiscard]] std::uint64_t planned(const StrategyContext& context) const override {
    if (options_.generations == 0) return static_cast<std::uint64_t>(context.points);
    return static_cast<std::uint64_t>(options_.population * (options_.generations + 1));
  }

  void run(const StrategyContext& context, const Evaluate& evaluate) const override {
    if (options_.generations == 0 && context.points == 0)
      fail_input("an evolutionary strategy needs an end; set generations, or budget: {points: N}");
    if (context.objectives < 2)
      fail_input("an evolutionary strategy is for two objectives or more; name another, or use a sampling strategy");
    const pagmo::problem problem(Problem{&context, &evaluate});
    constexpr std::int64_t endless = 1'000'000'000;  // the budget ends it
    Algorithm algorithm = make<Algorithm>(
        static_cast<unsigned>(options_.generations == 0 ? endless : options_.generations), options_.population);
    algorithm.set_seed(static_cast<unsigned>(context.seed));
    if constexpr (requires { algorithm.set_bfe(pagmo::bfe{}); }) algorithm.set_bfe(pagmo::bfe(pagmo::default_bfe{}));
    (void)pagmo::algorithm(algorithm).evolve(first_generation(problem, context, options_.population));
  }

 private:
  Options options_;
};

template <class Algorithm>
StrategyRegistration registered(const char* name, const char* summary) {
  return {name, summary, [](const arch::RawConfig& config) { return std::make_unique<Evolution<Algorithm>>(config); }};
}

const StrategyRegistration nsga2 = registered<pagmo::nsga2>("nsga2", "NSGA-II: non-dominated sorting, crowding");
const StrategyRegistration moead =
    registered<pagmo::moead>("moead", "MOEA/D: decomposition; evaluates one point at a time");
const StrategyRegistration nspso = registered<pagmo::nspso>("nspso", "non-dominated sorting particle swarm");

}  // namespace
}  // namespace rebasis::dse
