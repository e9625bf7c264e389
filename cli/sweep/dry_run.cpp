#include "cli/sweep/dry_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/error.h"
#include "dse/strategy.h"

namespace rebasis::cli {

namespace {

constexpr std::size_t most_listed = 1'000'000;  // points that are looked at one by one

struct Found {
  std::set<dse::Choice> feasible;
  std::map<std::string, std::size_t> reasons;
  std::size_t infeasible = 0;
};

struct Enough {};

/// Asks the strategy for its points without running any. What a search asks for depends on answers, so of a search the
/// first generation is seen.
Found ask(const dse::Study& study, dse::Candidates& candidates) {
  Found found;
  const auto strategy = dse::StrategyRegistry::global().create(study.strategy.name, study.strategy.options);
  const auto limit = study.budget.points > 0 ? static_cast<std::size_t>(study.budget.points) : most_listed;
  std::set<dse::Choice> seen;
  const auto look = [&](const std::vector<dse::Choice>& choices) -> std::vector<dse::Evaluation> {
    for (const dse::Choice& choice : choices) {
      if (!seen.insert(choice).second) continue;
      if (seen.size() > limit) throw Enough{};
      const dse::Candidate candidate = candidates.make(choice, false);
      if (candidate.infeasible.empty()) {
        found.feasible.insert(choice);
      } else {
        ++found.infeasible;
        ++found.reasons[candidate.infeasible];
      }
    }
    if (strategy->adaptive()) throw Enough{};
    return std::vector<dse::Evaluation>(choices.size());
  };
  try {
    strategy->run({study.space, study.objectives.size(), study.budget.points, static_cast<std::uint64_t>(study.seed)},
                  look);
  } catch (const Enough&) {
  }
  return found;
}

double known_seconds(const dse::Store& store) {
  double sum = 0;
  std::size_t count = 0;
  for (const dse::PointRow& row : store.points()) {
    if (row.status != dse::PointStatus::done) continue;
    sum += row.seconds;
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

/// Runs the first and the middle feasible point.
double measured_seconds(const dse::Study& study, dse::Candidates& candidates, dse::Executor& executor,
                        const std::set<dse::Choice>& feasible) {
  const std::set<dse::Choice> probes{*feasible.begin(),
                                     *std::next(feasible.begin(), static_cast<std::ptrdiff_t>(feasible.size() / 2))};
  double sum = 0;
  for (const dse::Choice& choice : probes) {
    const dse::Candidate candidate = candidates.make(choice);
    if (!candidate.infeasible.empty())
      fail_infeasible("a point that was tried cannot be built: " + candidate.infeasible);
    executor.start(0, candidate.job, study.limits);
    std::vector<dse::ProcessEnd> ends;
    while (ends.empty()) ends = executor.wait(1);
    if (ends.front().ending != dse::Ending::finished)
      fail_input("a point that was tried failed: " + ends.front().reason + "\n" + ends.front().log);
    sum += ends.front().seconds;
  }
  return sum / static_cast<double>(probes.size());
}

std::string readable_seconds(double seconds) {
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

/// The most frequent first.
void print_reasons(const std::map<std::string, std::size_t>& reasons) {
  constexpr std::size_t most_printed = 12;
  std::vector<std::pair<std::size_t, std::string>> sorted;
  for (const auto& [reason, count] : reasons) sorted.emplace_back(count, reason);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < std::min(sorted.size(), most_printed); ++i)
    std::cout << fmt::format("  {:>8} x {}\n", sorted[i].first, sorted[i].second);
  if (sorted.size() > most_printed) std::cout << fmt::format("  and {} more reasons\n", sorted.size() - most_printed);
}

void print_space(const dse::Study& study) {
  std::cout << "study " << study.name << "\n";
  for (const dse::Dimension& dimension : study.space.dimensions) {
    std::cout << fmt::format("  {:<32} {} values: {}", dimension.name, dimension.values.size(),
                             dimension.values.front().text);
    if (dimension.values.size() > 1) std::cout << " ... " << dimension.values.back().text;
    std::cout << "\n";
  }
  std::cout << fmt::format("combinations: {}\n", study.space.size());
}

}  // namespace

void print_dry_run(const dse::Study& study, dse::Candidates& candidates, const dse::Store* store,
                   dse::Executor& executor) {
  print_space(study);
  const auto strategy = dse::StrategyRegistry::global().create(study.strategy.name, study.strategy.options);
  const Found found = ask(study, candidates);
  std::size_t points = found.feasible.size();
  if (strategy->adaptive()) {
    const dse::StrategyContext context{study.space, study.objectives.size(), study.budget.points, 1};
    points = static_cast<std::size_t>(std::min(strategy->planned(context), study.space.size()));
    std::cout << fmt::format("points: at most {}, chosen as results come in; of the first {}: {} can be built\n",
                             points, found.feasible.size() + found.infeasible, found.feasible.size());
  } else {
    std::cout << fmt::format("points: {} ({} can be built, {} cannot)\n", points + found.infeasible, points,
                             found.infeasible);
  }
  print_reasons(found.reasons);
  if (found.feasible.empty()) fail_infeasible("no point of the study can be built");
  double seconds = store == nullptr ? 0 : known_seconds(*store);
  const char* source = "mean of the points in the store";
  if (seconds == 0) {
    seconds = measured_seconds(study, candidates, executor, found.feasible);
    source = "measured just now; layers that repeat will be faster";
  }
  std::cout << fmt::format(
      "expected time: {} on {} workers ({} a point, {})\n",
      readable_seconds(seconds * static_cast<double>(points) / static_cast<double>(executor.slots())), executor.slots(),
      readable_seconds(seconds), source);
}

}  // namespace rebasis::cli
