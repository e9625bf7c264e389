// What a convolution costs on a microcontroller with SIMD multiply-accumulates, in full and with reuse: instructions of
// the inner loops, counted, times what the core needs for each. docs/trec.md, "Microcontrollers".
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "arch/config.h"
#include "arch/parameter.h"

namespace rebasis::reuse {

/// One microcontroller. The declaration of each number (parameters()) and its preset (microcontrollers/*.yaml) say
/// where it comes from.
struct Microcontroller {
  double clock = 0;                  ///< Hz
  std::int64_t issue = 1;            ///< instructions a cycle
  double load_start = 1;             ///< cycles that the first load of a run takes beyond its own
  double branch = 3;                 ///< cycles of a taken branch
  double divide = 12;                ///< cycles
  std::int64_t flash_wait = 5;       ///< cycles that a line of flash takes beyond the first
  std::int64_t flash_line = 16;      ///< bytes
  std::int64_t data_cache = 128;     ///< bytes of flash that are kept
  std::int64_t sram_wait = 0;        ///< cycles a load or store waits for SRAM
  std::string gather = "registers";  ///< where sums of outputs are: registers or memory
  std::string weights = "flash";     ///< where they are: flash or sram
};

[[nodiscard]] const arch::ParameterSet<Microcontroller>& microcontroller_parameters();
/// The name of a shipped preset, or a YAML file; with "key=value" settings over it. Throws Error(bad_input).
[[nodiscard]] Microcontroller load_microcontroller(const std::string& name_or_file,
                                                   const std::vector<std::string>& settings = {});
[[nodiscard]] std::vector<std::string> microcontroller_names();

/// A convolution of one image as a matrix product, for each of its groups: rows x depth times depth x filters.
struct Work {
  std::int64_t groups = 1, rows = 1, depth = 1, filters = 1;
  std::int64_t length = 1, hashes = 1;  ///< L, H
  double redundancy = 0;                ///< r_t
};

/// Cycles of each step, in order.
using Steps = std::vector<std::pair<std::string, double>>;
[[nodiscard]] double total(const Steps& steps);

/// In full: "im2row" (with the unpacking to 16 bits), "product".
[[nodiscard]] Steps full_cycles(const Work& work, const Microcontroller& machine);
/// With reuse: "im2row", "hash", "table", "centroid", "product", "gather".
[[nodiscard]] Steps reuse_cycles(const Work& work, const Microcontroller& machine);
/// The first over the second.
[[nodiscard]] double speedup(const Work& work, const Microcontroller& machine);

/// The same by operations alone: 1 / (H / M + (1 - r_t) + 1 / L + 1 / M).
[[nodiscard]] double speedup_by_operations(const Work& work);

/// What r_t can be: at least 1 - min(2^H, rows) / rows, at most 1 - 1 / rows.
struct Range {
  double least = 0, most = 0;
};
[[nodiscard]] Range possible_redundancy(std::int64_t rows, std::int64_t hashes);

}  // namespace rebasis::reuse
