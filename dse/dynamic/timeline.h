// Frames served one after the other under a script, by a governor's choices.
#pragma once

#include <string>
#include <vector>

#include "dse/dynamic/governor.h"

namespace rebasis::dynamic {

struct Frame {
  double arrival_s = 0, start_s = 0, finish_s = 0;  ///< start: of the switch, when there is one
  double deadline_s = unlimited;
  std::size_t subnet = 0;
  bool switched = false;
  bool dropped = false;  ///< could not begin before its deadline: not computed, costs nothing
  bool late = false;
  bool over_power = false;
  double switch_s = 0;
  double energy_j = 0;  ///< with the switch
  [[nodiscard]] bool missed() const { return dropped || late || over_power; }
};

/// Sums over a run.
struct Summary {
  std::size_t frames = 0, dropped = 0, late = 0, over_power = 0, missed = 0, switches = 0;
  double energy_j = 0, switch_energy_j = 0, switch_s = 0;
  double mean_latency_s = 0, worst_latency_s = 0;  ///< of frames that were computed
  double mean_accuracy = 0;                        ///< of frames that were computed
  double useful_accuracy = 0;                      ///< frames that missed count as wrong
  std::vector<std::size_t> frames_of;              ///< by sub-net
};

struct TimelineRun {
  std::string governor;
  std::vector<Frame> frames;
  Summary summary;
};

/// Frame `number`, when the machine is free at `free_s` and has `current` loaded.
[[nodiscard]] Situation situation_of(const Scenario& scenario, const std::vector<double>& arrivals, std::size_t number,
                                     double free_s, std::size_t current);
/// What becomes of it with a choice.
[[nodiscard]] Frame served(const Family& family, const Situation& situation, double arrival_s, std::size_t choice);

[[nodiscard]] TimelineRun run_timeline(const Family& family, const Scenario& scenario, const GovernorChoice& governor);

}  // namespace rebasis::dynamic
