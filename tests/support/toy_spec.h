// A small accelerator spec with one parameter of every type, for the tests of configuration.
#pragma once

#include <cstdint>
#include <string>

#include "arch/parameter.h"

namespace rebasis::test {

struct ToyMemory {
  double bandwidth = 0;  // GB/s
  std::string model;
  bool operator==(const ToyMemory&) const = default;
};

struct ToySpec {
  std::int64_t banks = 0;
  std::int64_t lines = 0;
  std::int64_t buffer = 0;  // bytes
  double frequency = 0;     // Hz
  bool skip = false;
  std::string note;
  ToyMemory dram;
  bool operator==(const ToySpec&) const = default;
};

inline arch::ParameterSet<ToySpec> toy_parameters() {
  arch::ParameterSet<ToyMemory> memory;
  memory.real("bandwidth", &ToyMemory::bandwidth, 12.8, 0.1, 1000, "GB/s", "Peak bandwidth.", "data sheet")
      .choice("model", &ToyMemory::model, "bandwidth", {"bandwidth", "jedec", "unlimited"}, "Memory model.",
              "decision");
  arch::ParameterSet<ToySpec> set;
  set.integer("input_gb.banks", &ToySpec::banks, 32, 1, 64, "banks", "Banks of the input buffer.", "paper, Table IX")
      .integer("lines", &ToySpec::lines, 8, 1, 1024, "", "PE lines a slice.", "paper, Table IX")
      .bytes("input_gb.size", &ToySpec::buffer, 16384, 1024, 1 << 20, "Size of the input buffer.", "paper, Table IX")
      .real("frequency", &ToySpec::frequency, 1e9, 1e6, 1e10, "Hz", "Clock.", "paper, section V")
      .boolean("skip", &ToySpec::skip, true, "Skip zero rows.", "paper, section IV")
      .text("note", &ToySpec::note, "", "Free text.", "decision")
      .group("dram", &ToySpec::dram, memory)
      .require({"input_gb.banks", "lines"}, "input_gb.banks is no multiple of lines; choose lines that divide it",
               [](const ToySpec& spec) { return spec.banks % spec.lines == 0; });
  return set;
}

}  // namespace rebasis::test
