#include "dse/dynamic/scenario.h"

#include <algorithm>

#include "arch/units.h"
#include "common/file.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"
#include "dse/dynamic/governor.h"

namespace rebasis::dynamic {
namespace {

constexpr double most_frames = 1e6;
constexpr std::size_t most_pieces = 10'000;

class Reader {
 public:
  Reader(YAML::Node root, std::string name) : root_(std::move(root)), name_(std::move(name)) {}

  Scenario read(const std::vector<std::string>& overrides) {
    if (!root_.IsMap()) fail_input({name_, 1}, "a script is a map; write duration, rate and budget");
    allow(root_, "the script", {"description", "duration", "rate", "start", "budget", "governors", "hardware"});
    Scenario scenario;
    scenario.description = text(root_, "description");
    scenario.start = text(root_, "start");
    scenario.duration_s = quantity(root_, "duration", "s");
    const double rate = root_["rate"].IsDefined() ? quantity(root_, "rate", "Hz") : 0;
    pieces(scenario, rate);
    governors(scenario);
    arch::RawConfig hardware;
    if (root_["hardware"].IsDefined()) hardware = arch::RawConfig::from_map(root_["hardware"], name_);
    for (const std::string& assignment : overrides) hardware.set(assignment);
    scenario.hardware = sim::switch_parameters().resolve(hardware);
    return scenario;
  }

 private:
  [[nodiscard]] SourceLocation where(const YAML::Node& node) const { return location_of(node, name_); }

  void allow(const YAML::Node& map, const std::string& what, const std::vector<std::string>& keys) const {
    for (const auto& pair : map) {
      const std::string key = pair.first.Scalar();
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        fail_unknown_name(where(pair.first), "key of " + what, key, keys);
    }
  }

  [[nodiscard]] std::string text(const YAML::Node& map, const std::string& key) const {
    const YAML::Node node = map[key];
    if (!node.IsDefined()) return {};
    if (!node.IsScalar()) fail_input(where(node), key + " is not a single value");
    return node.Scalar();
  }

  /// A positive number in `unit`, which may be left out or have an SI prefix: 10 ms.
  [[nodiscard]] double quantity(const YAML::Node& map, const std::string& key, const std::string& unit) const {
    const YAML::Node node = map[key];
    if (!node.IsDefined()) fail_input(where(map), key + " is missing; write " + key + ": NUMBER " + unit);
    const std::string value = text(map, key);
    const arch::NumberText parts = arch::split_number(value);
    const auto number = arch::parse_real(parts.number);
    const auto converted = !number              ? std::nullopt
                           : parts.unit.empty() ? number
                                                : arch::convert_unit(*number, parts.unit, unit);
    if (!converted || *converted < 0 || (*converted == 0 && key != "from"))
      fail_input(where(node), key + " " + in_quotes(value) + " is no positive number of " + unit + "; write " + key +
                                  ": 10 m" + unit);
    return *converted;
  }

  void pieces(Scenario& scenario, double rate) const {
    const YAML::Node list = root_["budget"];
    if (!list.IsDefined() || !list.IsSequence() || list.size() == 0)
      fail_input(where(root_), "the script has no budget; write budget: [{from: 0 s, latency: 10 ms}]");
    if (list.size() > most_pieces) fail_input(where(list), "the budget has more than 10000 pieces");
    double frames = 0;
    for (const auto& node : list) {
      if (!node.IsMap()) fail_input(where(node), "a piece of the budget is a map; write {from: 0 s, latency: 10 ms}");
      allow(node, "a piece of the budget", {"from", "latency", "power", "rate"});
      BudgetPiece piece;
      piece.from_s = quantity(node, "from", "s");
      if (node["latency"].IsDefined()) piece.latency_s = quantity(node, "latency", "s");
      if (node["power"].IsDefined()) piece.power_w = quantity(node, "power", "W");
      piece.rate_hz = node["rate"].IsDefined() ? quantity(node, "rate", "Hz") : rate;
      if (piece.rate_hz <= 0) fail_input(where(node), "no frames arrive; write rate: 30 here or above the budget");
      const double before = scenario.budget.empty() ? 0 : scenario.budget.back().from_s;
      if (scenario.budget.empty() ? piece.from_s != 0 : piece.from_s <= before)
        fail_input(where(node), "pieces begin at 0 s and ascend");
      frames += scenario.duration_s * piece.rate_hz;
      scenario.budget.push_back(piece);
    }
    if (frames > most_frames)
      fail_input(where(root_), "more than a million frames; make the duration or the rates smaller");
  }

  void governors(Scenario& scenario) const {
    const YAML::Node list = root_["governors"];
    if (!list.IsDefined()) {
      for (const std::string& name : GovernorRegistry::global().names()) scenario.governors.push_back({name, {}, {}});
      return;
    }
    if (!list.IsSequence() || list.size() == 0 || list.size() > 16)
      fail_input(where(list), "governors is a list of 1 to 16; write governors: [hysteresis, oracle]");
    for (const auto& node : list) {
      GovernorChoice choice;
      choice.where = where(node);
      if (node.IsScalar()) {
        choice.name = node.Scalar();
      } else if (node.IsMap() && node.size() == 1) {
        choice.name = node.begin()->first.Scalar();
        choice.options = arch::RawConfig::from_map(node.begin()->second, name_);
      } else {
        fail_input(choice.where, "a governor is a name or NAME: {option: value}");
      }
      (void)GovernorRegistry::global().at(choice.name, choice.where);
      scenario.governors.push_back(std::move(choice));
    }
  }

  YAML::Node root_;
  std::string name_;
};

}  // namespace

const BudgetPiece& Scenario::at(double time_s) const {
  const auto next = std::upper_bound(budget.begin(), budget.end(), time_s,
                                     [](double time, const BudgetPiece& piece) { return time < piece.from_s; });
  return *std::prev(next);
}

std::vector<double> Scenario::arrivals() const {
  constexpr double rounding = 1e-9;  // of a second: sums of periods that should meet a piece's begin do
  std::vector<double> times;
  for (double time = 0; time < duration_s - rounding; time += 1 / at(time + rounding).rate_hz) times.push_back(time);
  return times;
}

Scenario parse_scenario(const std::string& text, const std::string& name, const std::vector<std::string>& overrides) {
  return Reader(parse_yaml(text, name), name).read(overrides);
}

Scenario load_scenario(const std::string& path, const std::vector<std::string>& overrides) {
  return parse_scenario(read_file(path), path, overrides);
}

}  // namespace rebasis::dynamic
