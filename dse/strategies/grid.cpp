// "grid": every combination that meets the conditions, in the order of the file.
#include "arch/parameter.h"
#include "dse/strategy.h"

namespace rebasis::dse {
namespace {

struct Options {
  std::int64_t most = 0;
};

class Grid : public Strategy {
 public:
  explicit Grid(const arch::RawConfig& config) {
    arch::ParameterSet<Options> set;
    set.integer("most", &Options::most, 10'000'000, 1, 1'000'000'000, "",
                "Combinations, before conditions, above which the grid is refused.", "decision");
    options_ = set.resolve(config);
  }

  [[nodiscard]] std::uint64_t planned(const StrategyContext& context) const override { return context.space.size(); }

  void run(const StrategyContext& context, const Evaluate& evaluate) const override {
    const std::uint64_t size = context.space.size();
    if (size > static_cast<std::uint64_t>(options_.most)) {
      fail_input("the space has " + std::to_string(size) + " combinations, too many for a grid of at most " +
                 std::to_string(options_.most) +
                 "; take longer steps, fix a dimension, or use a strategy that samples");
    }
    constexpr std::uint64_t chunk = 4096;
    for (std::uint64_t first = 0; first < size; first += chunk) {
      std::vector<Choice> choices;
      for (std::uint64_t i = first; i < std::min(size, first + chunk); ++i) {
        Choice choice = context.space.choice(i);
        if (context.space.broken(context.space.point(choice)) == nullptr) choices.push_back(std::move(choice));
      }
      if (!choices.empty()) (void)evaluate(choices);
    }
  }

 private:
  Options options_;
};

const StrategyRegistration registration("grid", "every combination",
                                        [](const arch::RawConfig& config) { return std::make_unique<Grid>(config); });

}  // namespace
}  // namespace rebasis::dse
