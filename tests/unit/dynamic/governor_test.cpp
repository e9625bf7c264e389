// Scripts, governors and the timeline, by hand; the oracle against every sequence there is.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "dse/dynamic/timeline.h"
#include "tests/support/errors.h"

using namespace rebasis;
using namespace rebasis::dynamic;

namespace {

constexpr double ms = 1e-3;

/// A: 8 ms, 8 mJ, 90 %; B: 3 ms, 2 mJ, 80 %. To B in 1 ms, to A in 2 ms, 1 mJ either way.
Family two() {
  Family family;
  family.subnets = {{"A", "", 0.9, 0, 8 * ms, 8 * ms, 0, 0}, {"B", "", 0.8, 0, 3 * ms, 2 * ms, 0, 0}};
  family.switches = {{{}, {1 * ms, 1 * ms}}, {{2 * ms, 1 * ms}, {}}};
  return family;
}

/// 10 frames, one every 10 ms; from 30 to 60 ms each has 5 ms, otherwise 10 ms.
Scenario dip() {
  return parse_scenario(
      "duration: 100 ms\nrate: 100\nbudget:\n"
      "  - {from: 0, latency: 10 ms}\n  - {from: 30 ms, latency: 5 ms}\n  - {from: 0.06, latency: 10 ms}\n",
      "dip.yaml");
}

std::string letters(const TimelineRun& run) {
  std::string text;
  for (const Frame& frame : run.frames) text += frame.dropped ? "-" : frame.subnet == 0 ? "A" : "B";
  return text;
}

GovernorChoice governor(const std::string& name, std::initializer_list<const char*> options = {}) {
  GovernorChoice choice{name, {}, {}};
  for (const char* option : options) choice.options.set(option);
  return choice;
}

}  // namespace

TEST_CASE("hysteresis goes down at once and up when the better one has fitted") {
  const auto run = run_timeline(two(), dip(), governor("hysteresis", {"margin=0", "hold=2"}));
  CHECK(letters(run) == "AAABBBBAAA");
  CHECK(run.summary.missed == 0);
  CHECK(run.summary.switches == 2);
  CHECK(run.summary.energy_j == doctest::Approx(58 * ms));
  CHECK(run.summary.switch_energy_j == doctest::Approx(2 * ms));
  CHECK(run.summary.switch_s == doctest::Approx(3 * ms));
  CHECK(run.summary.mean_accuracy == doctest::Approx(0.86));
  CHECK(run.summary.worst_latency_s == doctest::Approx(10 * ms));
  CHECK(run.summary.frames_of == std::vector<std::size_t>{6, 4});
  CHECK(run.frames[3].finish_s == doctest::Approx(34 * ms));
  CHECK(run.frames[7].switched);
}

TEST_CASE("a margin keeps what would fit without reserve") {
  const auto run = run_timeline(two(), dip(), governor("hysteresis", {"margin=0.1", "hold=1"}));
  CHECK(letters(run) == "AAABBBBBBB");  // 2 + 8 ms of 10 leave nothing
}

TEST_CASE("a fixed sub-net misses, the oracle switches when it must") {
  const auto fixed = run_timeline(two(), dip(), governor("fixed"));
  CHECK(letters(fixed) == "AAAAAAAAAA");
  CHECK(fixed.summary.late == 3);
  CHECK(fixed.summary.useful_accuracy == doctest::Approx(0.63));
  CHECK(fixed.summary.energy_j == doctest::Approx(80 * ms));
  CHECK(letters(run_timeline(two(), dip(), governor("fixed", {"subnet=B"}))) == "BBBBBBBBBB");
  const auto oracle = run_timeline(two(), dip(), governor("oracle"));
  CHECK(letters(oracle) == "AAABBBAAAA");
  CHECK(oracle.summary.missed == 0);
  CHECK(oracle.summary.energy_j == doctest::Approx(64 * ms));
  CHECK(oracle.summary.useful_accuracy == doctest::Approx(0.87));
}

TEST_CASE("frames that cannot begin in time are dropped") {
  Family slow = two();
  slow.subnets.resize(1);
  slow.switches = {{{}}};
  slow.subnets[0].latency_s = 25 * ms;
  Scenario scenario = dip();
  scenario.budget = {{0, 10 * ms, unlimited, 100}};
  const auto run = run_timeline(slow, scenario, governor("fixed"));
  // 0..25 late; 10 gone at 25; 20 from 25 to 50 late; 30 and 40 gone at 50; 50 to 75; 60 gone; 70 from 75; 80, 90 gone.
  CHECK(letters(run) == "A-A--A-A--");
  CHECK(run.summary.dropped == 6);
  CHECK(run.summary.late == 4);
  CHECK(run.summary.missed == 10);
  CHECK(run.summary.useful_accuracy == 0);
  CHECK(run.summary.mean_accuracy == doctest::Approx(0.9));
}

TEST_CASE("a power limit counts a frame's energy, switch included, over its period") {
  const auto scenario = parse_scenario(
      "duration: 40 ms\nrate: 100 Hz\nbudget:\n"
      "  - {from: 0 s, power: 900 mW}\n  - {from: 10 ms, power: 0.31}\n  - {from: 20 ms, power: 0.2 W}\n",
      "power.yaml");
  const auto run = run_timeline(two(), scenario, governor("hysteresis", {"margin=0", "hold=1"}));
  CHECK(letters(run) == "ABBB");  // 0.8 W; 0.3 W with the switch; 0.2 W
  CHECK(run.summary.missed == 0);
  const auto fixed = run_timeline(two(), scenario, governor("fixed"));
  CHECK(fixed.summary.over_power == 3);
  CHECK(fixed.summary.late == 0);
}

TEST_CASE("the oracle is the best of all sequences") {
  std::mt19937_64 dice(5);
  const auto real = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(dice() % 1000) / 1000;
  };
  for (int round = 0; round < 60; ++round) {
    Family family;
    for (int i = 0; i < 3; ++i)
      family.subnets.push_back(
          {std::string(1, static_cast<char>('A' + i)), "", real(0.5, 1), 0, real(1, 14) * ms, real(1, 9) * ms, 0, 0});
    family.switches.assign(3, std::vector<SwitchFigures>(3));
    for (auto& row : family.switches)
      for (auto& change : row) change = {real(0, 6) * ms, real(0, 2) * ms};
    Scenario scenario;
    scenario.duration_s = 60 * ms;
    scenario.budget = {{0, real(3, 20) * ms, real(0.2, 1.5), 100}, {25 * ms, real(3, 20) * ms, real(0.2, 1.5), 100}};
    const auto arrivals = scenario.arrivals();
    REQUIRE(arrivals.size() == 6);
    std::tuple<std::size_t, double, double> best{99, 0, 0};
    for (int code = 0; code < 729; ++code) {
      std::size_t missed = 0, current = family.most_accurate();
      double accuracy = 0, energy = 0, free_s = 0;
      for (std::size_t i = 0, rest = static_cast<std::size_t>(code); i < 6; ++i, rest /= 3) {
        const Situation situation = situation_of(scenario, arrivals, i, free_s, current);
        if (situation.now_s >= situation.deadline_s) {
          ++missed;
          continue;
        }
        const Frame frame = served(family, situation, arrivals[i], rest % 3);
        missed += frame.missed() ? 1 : 0;
        accuracy += frame.missed() ? 0 : family.subnets[rest % 3].accuracy;
        energy += frame.energy_j;
        free_s = frame.finish_s;
        current = rest % 3;
      }
      const std::tuple<std::size_t, double, double> one{missed, -accuracy, energy};
      const bool less = missed != std::get<0>(best)                      ? missed < std::get<0>(best)
                        : std::abs(-accuracy - std::get<1>(best)) > 1e-9 ? -accuracy < std::get<1>(best)
                                                                         : energy < std::get<2>(best);
      if (less) best = one;
    }
    const auto oracle = run_timeline(family, scenario, governor("oracle"));
    CHECK(oracle.summary.missed == std::get<0>(best));
    CHECK(oracle.summary.useful_accuracy * 6 == doctest::Approx(-std::get<1>(best)));
    CHECK(oracle.summary.energy_j == doctest::Approx(std::get<2>(best)));
    const auto simple = run_timeline(family, scenario, governor("hysteresis"));
    CHECK(simple.summary.missed >= oracle.summary.missed);
  }
}

TEST_CASE("scripts: pieces, rates, hardware; and what is wrong with them") {
  const auto scenario = parse_scenario(
      "duration: 1 s\nrate: 10\nstart: B\nbudget:\n  - {from: 0}\n  - {from: 500 ms, rate: 20}\n"
      "governors: [oracle, fixed: {subnet: A}]\nhardware: {storage.bandwidth: 100 MB/s}\n",
      "s.yaml", {"switch.residence=storage"});
  CHECK(scenario.arrivals().size() == 5 + 10);
  CHECK(scenario.start == "B");
  CHECK(scenario.governors[1].name == "fixed");
  CHECK(scenario.hardware.storage_bytes_s == 100e6);
  CHECK(scenario.hardware.residence == "storage");
  CHECK(scenario.at(0.7).rate_hz == 20);
  CHECK(std::isinf(scenario.at(0).latency_s));
  const auto said = [](const std::string& text) {
    return test::bad_input([&] { (void)parse_scenario(text, "s.yaml"); });
  };
  const std::string head = "duration: 1 s\nrate: 10\n";
  CHECK(said("[]").find("s.yaml:1: a script is a map") == 0);
  CHECK(said(head).find("has no budget") != std::string::npos);
  CHECK(said(head + "budget: [{from: 1 s}]\n").find("s.yaml:3: pieces begin at 0 s") == 0);
  CHECK(said(head + "budget: [{from: 0}, {from: 0}]\n").find("ascend") != std::string::npos);
  CHECK(said(head + "budget: [{from: 0, latency: 3 W}]\n").find("'3 W' is no positive number of s") !=
        std::string::npos);
  CHECK(said(head + "budget: [{from: 0, latency: -1 s}]\n").find("no positive number") != std::string::npos);
  CHECK(said(head + "budget: [{from: 0, wattage: 1}]\n").find("wattage") != std::string::npos);
  CHECK(said("duration: 1 s\nbudget: [{from: 0}]\n").find("no frames arrive") != std::string::npos);
  CHECK(said("duration: 1 Gs\nrate: 1 GHz\nbudget: [{from: 0}]\n").find("more than a million frames") !=
        std::string::npos);
  CHECK(said(head + "budget: [{from: 0}]\ngovernors: [oracel]\n").find("did you mean 'oracle'?") != std::string::npos);
  CHECK(said(head + "budget: [{from: 0}]\nhardware: {switch.residence: moon}\n").find("s.yaml:4") == 0);
  CHECK(test::bad_input([] { (void)run_timeline(two(), dip(), governor("fixed", {"subnet=C"})); }).find("'C'") !=
        std::string::npos);
  CHECK(test::bad_input([] { (void)run_timeline(two(), dip(), governor("hysteresis", {"holt=1"})); }).find("hold") !=
        std::string::npos);
}
