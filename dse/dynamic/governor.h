// Who decides which sub-net computes the next frame. A governor is one file in governors/ that registers itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arch/registry.h"
#include "dse/dynamic/scenario.h"

namespace rebasis::dynamic {

/// A sub-net on one accelerator; figures are the mean over the images of its trace.
struct Subnet {
  std::string name, pattern;
  double accuracy = 0;   ///< share
  double sparsity = -1;  ///< share of zero weights; negative: unknown
  double latency_s = 0;
  double energy_j = 0;
  double dram_bytes = 0;
  double parameter_bytes = 0;  ///< in the accelerator's layout
};

struct SwitchFigures {
  double time_s = 0;
  double energy_j = 0;
};

struct Family {
  std::vector<Subnet> subnets;
  std::vector<std::vector<SwitchFigures>> switches;  ///< [from][to]; nothing from a sub-net to itself
  [[nodiscard]] std::size_t most_accurate() const;
  /// Number of a sub-net; Error(bad_input) that lists them.
  [[nodiscard]] std::size_t named(const std::string& name, const SourceLocation& where = {}) const;
};

/// The frame that is about to begin.
struct Situation {
  std::size_t frame = 0;
  double now_s = 0;  ///< it would begin
  double deadline_s = unlimited;
  double power_w = unlimited;
  double period_s = 0;      ///< until the next frame arrives
  std::size_t current = 0;  ///< sub-net that is loaded
};

/// What a frame would take with a sub-net.
struct Prospect {
  double time_s = 0, energy_j = 0, power_w = 0;
  bool in_time = false, in_power = false;
  [[nodiscard]] bool fits() const { return in_time && in_power; }
};

/// `margin`: time and power may grow by that share and still fit.
[[nodiscard]] Prospect prospect(const Family& family, const Situation& situation, std::size_t subnet,
                                double margin = 0);

class Governor {
 public:
  static constexpr const char* kind = "governor";
  virtual ~Governor() = default;
  /// Before the first frame; `start`: the sub-net that is loaded. Both outlive the governor.
  virtual void begin(const Family& family, const Scenario& scenario, std::size_t start) = 0;
  /// A number in Family::subnets.
  [[nodiscard]] virtual std::size_t choose(const Situation& situation) = 0;
};

using GovernorRegistry = arch::Registry<Governor, const arch::RawConfig&>;
using GovernorRegistration = arch::Registration<Governor, const arch::RawConfig&>;

}  // namespace rebasis::dynamic
