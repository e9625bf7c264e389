#include "dse/dynamic/timeline.h"

#include <algorithm>

#include "common/error.h"
#include "common/text/suggest.h"

namespace rebasis::dynamic {
namespace {

constexpr double rounding = 1e-12;  // relative to a second: equal sums in another order are equal

Summary summarise(const Family& family, const std::vector<Frame>& frames) {
  Summary s;
  s.frames = frames.size();
  s.frames_of.assign(family.subnets.size(), 0);
  double latency = 0, accuracy = 0, useful = 0;
  for (const Frame& frame : frames) {
    s.dropped += frame.dropped ? 1 : 0;
    s.late += frame.late ? 1 : 0;
    s.over_power += frame.over_power ? 1 : 0;
    s.missed += frame.missed() ? 1 : 0;
    if (frame.dropped) continue;
    const double share = family.subnets[frame.subnet].accuracy;
    s.switches += frame.switched ? 1 : 0;
    s.energy_j += frame.energy_j;
    s.switch_energy_j += frame.switched ? frame.energy_j - family.subnets[frame.subnet].energy_j : 0;
    s.switch_s += frame.switch_s;
    latency += frame.finish_s - frame.arrival_s;
    s.worst_latency_s = std::max(s.worst_latency_s, frame.finish_s - frame.arrival_s);
    accuracy += share;
    useful += frame.missed() ? 0 : share;
    ++s.frames_of[frame.subnet];
  }
  const auto computed = static_cast<double>(s.frames - s.dropped);
  if (computed > 0) {
    s.mean_latency_s = latency / computed;
    s.mean_accuracy = accuracy / computed;
  }
  if (s.frames > 0) s.useful_accuracy = useful / static_cast<double>(s.frames);
  return s;
}

}  // namespace

std::size_t Family::most_accurate() const {
  std::size_t best = 0;
  for (std::size_t i = 1; i < subnets.size(); ++i) {
    if (subnets[i].accuracy > subnets[best].accuracy) best = i;
  }
  return best;
}

std::size_t Family::named(const std::string& name, const SourceLocation& where) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < subnets.size(); ++i) {
    if (subnets[i].name == name) return i;
    names.push_back(subnets[i].name);
  }
  fail_unknown_name(where, "sub-net", name, names);
}

Prospect prospect(const Family& family, const Situation& situation, std::size_t subnet, double margin) {
  const SwitchFigures change =
      subnet == situation.current ? SwitchFigures{} : family.switches[situation.current][subnet];
  Prospect p;
  p.time_s = change.time_s + family.subnets[subnet].latency_s;
  p.energy_j = change.energy_j + family.subnets[subnet].energy_j;
  p.power_w = p.energy_j / std::max(situation.period_s, p.time_s);
  p.in_time = situation.now_s + p.time_s * (1 + margin) <= situation.deadline_s + rounding;
  p.in_power = p.power_w * (1 + margin) <= situation.power_w * (1 + rounding);
  return p;
}

Situation situation_of(const Scenario& scenario, const std::vector<double>& arrivals, std::size_t number, double free_s,
                       std::size_t current) {
  constexpr double nanosecond = 1e-9;
  const double arrival = arrivals[number];
  const BudgetPiece& piece = scenario.at(arrival + nanosecond);  // as Scenario::arrivals has it
  return {number, std::max(arrival, free_s), arrival + piece.latency_s, piece.power_w, 1 / piece.rate_hz, current};
}

Frame served(const Family& family, const Situation& situation, double arrival_s, std::size_t choice) {
  Frame frame;
  frame.arrival_s = arrival_s;
  frame.start_s = situation.now_s;
  frame.deadline_s = situation.deadline_s;
  frame.subnet = choice;
  const Prospect p = prospect(family, situation, choice);
  frame.switched = choice != situation.current;
  frame.switch_s = frame.switched ? family.switches[situation.current][choice].time_s : 0;
  frame.finish_s = frame.start_s + p.time_s;
  frame.energy_j = p.energy_j;
  frame.late = !p.in_time;
  frame.over_power = !p.in_power;
  return frame;
}

TimelineRun run_timeline(const Family& family, const Scenario& scenario, const GovernorChoice& choice) {
  const std::vector<double> arrivals = scenario.arrivals();
  std::size_t current = scenario.start.empty() ? family.most_accurate() : family.named(scenario.start);
  const auto governor = GovernorRegistry::global().at(choice.name, choice.where).create(choice.options);
  governor->begin(family, scenario, current);
  TimelineRun run{choice.name, {}, {}};
  double free_s = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const Situation situation = situation_of(scenario, arrivals, i, free_s, current);
    if (situation.now_s >= situation.deadline_s) {
      run.frames.push_back({.arrival_s = arrivals[i],
                            .start_s = situation.now_s,
                            .finish_s = situation.now_s,
                            .deadline_s = situation.deadline_s,
                            .subnet = current,
                            .dropped = true});
      continue;
    }
    const std::size_t next = governor->choose(situation);
    if (next >= family.subnets.size()) fail_internal("governor " + choice.name + " chose a sub-net that there is not");
    run.frames.push_back(served(family, situation, arrivals[i], next));
    free_s = run.frames.back().finish_s;
    current = next;
  }
  run.summary = summarise(family, run.frames);
  return run;
}

}  // namespace rebasis::dynamic
