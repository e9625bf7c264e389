#include "workloads/reuse/microcontroller.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "common/data_dir.h"
#include "common/text/suggest.h"

namespace rebasis::reuse {
namespace {

constexpr const char* folder = "workloads/reuse/microcontrollers";

/// Instructions of a step. Runs: uninterrupted sequences of loads and stores.
struct Instructions {
  double alu = 0, macs = 0, loads = 0, stores = 0, runs = 0, branches = 0, divides = 0;

  Instructions& operator+=(const Instructions& other) {
    alu += other.alu;
    macs += other.macs;
    loads += other.loads;
    stores += other.stores;
    runs += other.runs;
    branches += other.branches;
    divides += other.divides;
    return *this;
  }
  [[nodiscard]] Instructions times(double count) const {
    return {alu * count, macs * count, loads * count, stores * count, runs * count, branches * count, divides * count};
  }
};

/// A core of one issue adds everything up; one of two issues pairs instructions, as long as there is one multiplier
/// and one memory port.
double cycles(const Instructions& i, const Microcontroller& machine) {
  const double memory = i.loads + i.stores;
  const double issued = (i.alu + i.macs + memory) / static_cast<double>(machine.issue);
  return std::max({issued, i.macs, memory}) + i.runs * machine.load_start + i.branches * machine.branch +
         i.divides * machine.divide + memory * static_cast<double>(machine.sram_wait);
}

/// Waiting for `bytes` of weights of which `passes` passes are made: the cache keeps them when they fit.
double flash_cycles(double bytes, double passes, const Microcontroller& machine) {
  if (machine.weights != "flash") return 0;
  const double read = bytes <= static_cast<double>(machine.data_cache) ? bytes : bytes * passes;
  return read / static_cast<double>(machine.flash_line) * static_cast<double>(machine.flash_wait);
}

/// Products of `rows` vectors of 16 bits with `filters` vectors, four elements a step, in blocks of two by two
/// (CMSIS-NN's arm_nn_mat_mult_kernel_q7_q15); what is left over in blocks of one. `packed`: the filters' 8 bits are
/// unpacked in the loop. Without what is done with the sums.
Instructions products(double rows, double filters, double depth, bool packed) {
  const double steps = std::floor(depth / 4), rest = depth - 4 * steps;
  const auto block = [&](double r, double f) {
    Instructions step{.alu = 1 + (packed ? 2 * f : 0), .macs = 2 * r * f, .loads = 2 * r + (packed ? f : 2 * f)};
    step.runs = step.branches = 1;
    const Instructions single{.alu = 1, .macs = r * f, .loads = r + f, .runs = 1, .branches = 1};
    Instructions all = step.times(steps);
    return all += single.times(rest);
  };
  const double row_pairs = std::floor(rows / 2), filter_pairs = std::floor(filters / 2);
  const double odd_row = rows - 2 * row_pairs, odd_filter = filters - 2 * filter_pairs;
  Instructions all = block(2, 2).times(row_pairs * filter_pairs);
  all += block(1, 2).times(odd_row * filter_pairs);
  all += block(2, 1).times(row_pairs * odd_filter);
  return all += block(1, 1).times(odd_row * odd_filter);
}

/// im2row of one image: four 8-bit elements a load, unpacked to two words of two.
Instructions im2row(double elements) {
  return Instructions{.alu = 3, .loads = 1, .stores = 2, .runs = 2, .branches = 1}.times(elements / 4);
}

/// Scaling, limiting and storing an output.
Instructions outputs(double count) { return Instructions{.alu = 4, .loads = 2, .stores = 1, .runs = 1}.times(count); }

/// Adding the products of a column's buckets to eight sums of a row, which stay in registers from column to column or
/// are loaded and stored.
Instructions gather_column(const Microcontroller& machine) {
  if (machine.gather == "registers") return {.alu = 10, .loads = 9, .runs = 1, .branches = 1};
  return {.alu = 10, .loads = 17, .stores = 8, .runs = 2, .branches = 1};
}

arch::ParameterSet<Microcontroller> declared() {
  arch::ParameterSet<Microcontroller> set;
  set.real("clock", &Microcontroller::clock, 180e6, 1e3, 1e10, "Hz", "Clock.", "TREC: 180 and 216 MHz");
  set.integer("issue", &Microcontroller::issue, 1, 1, 2, "", "Instructions a cycle.", "Arm: Cortex-M4 1, Cortex-M7 2");
  set.real("load_start", &Microcontroller::load_start, 1, 0, 100, "cycles",
           "What the first load or store of a run takes beyond its own cycle.",
           "Arm 100166, 3.3.1 and 3.3.2: 2 cycles, 1 behind another");
  set.real("branch", &Microcontroller::branch, 3, 1, 100, "cycles", "A taken branch with its refill.",
           "Arm 100166, Table 3-1: 1 + P, P from 1 to 3; decision: 2");
  set.real("divide", &Microcontroller::divide, 12, 1, 100, "cycles", "A division.", "Arm 100166, Table 3-1: 2 to 12");
  set.integer("flash_wait", &Microcontroller::flash_wait, 5, 0, 100, "cycles", "Wait states of the flash.",
              "ST RM0386, 3.5.1: 5 above 150 MHz at 2.7 V");
  set.bytes("flash_line", &Microcontroller::flash_line, 16, 1, 4096, "What one access to the flash reads.",
            "ST RM0386, 3.4: 128 bits");
  set.bytes("data_cache", &Microcontroller::data_cache, 128, 0, 1 << 20, "Weights that are kept near the core.",
            "ST RM0386, 3.5.2: 8 lines of 128 bits");
  set.integer("sram_wait", &Microcontroller::sram_wait, 0, 0, 100, "cycles", "Wait states of the SRAM.",
              "ST RM0386: 0");
  set.choice("weights", &Microcontroller::weights, "flash", {"flash", "sram"}, "Where the weights are.",
             "decision: parameters of a deployed network are constants in flash");
  set.choice("gather", &Microcontroller::gather, "registers", {"registers", "memory"},
             "Where the sums of eight outputs are while the columns are added: in registers, for which the products of "
             "all columns are kept, or in memory, a column at a time.",
             "decision");
  return set;
}

}  // namespace

const arch::ParameterSet<Microcontroller>& microcontroller_parameters() {
  static const arch::ParameterSet<Microcontroller> set = declared();
  return set;
}

std::vector<std::string> microcontroller_names() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(data_path(folder), error)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Microcontroller load_microcontroller(const std::string& name_or_file, const std::vector<std::string>& settings) {
  const bool file = name_or_file.find('/') != std::string::npos || name_or_file.ends_with(".yaml");
  if (!file) {
    const std::vector<std::string> names = microcontroller_names();
    if (std::find(names.begin(), names.end(), name_or_file) == names.end())
      fail_unknown_name({}, "microcontroller", name_or_file, names);
  }
  arch::RawConfig config =
      arch::RawConfig::load(file ? name_or_file : data_path(std::string(folder) + "/" + name_or_file + ".yaml"));
  for (const std::string& setting : settings) config.set(setting);
  return microcontroller_parameters().resolve(config);
}

double total(const Steps& steps) {
  double sum = 0;
  for (const auto& [name, step] : steps) sum += step;
  return sum;
}

Steps full_cycles(const Work& work, const Microcontroller& machine) {
  const auto groups = static_cast<double>(work.groups), rows = static_cast<double>(work.rows);
  const auto depth = static_cast<double>(work.depth), filters = static_cast<double>(work.filters);
  Instructions product = products(rows, filters, depth, true);
  product += outputs(rows * filters);
  const double waiting = flash_cycles(depth * filters, std::ceil(rows / 2), machine);
  return {{"im2row", groups * cycles(im2row(rows * depth), machine)},
          {"product", groups * (cycles(product, machine) + waiting)}};
}

Steps reuse_cycles(const Work& work, const Microcontroller& machine) {
  const auto groups = static_cast<double>(work.groups), rows = static_cast<double>(work.rows);
  const auto depth = static_cast<double>(work.depth), filters = static_cast<double>(work.filters);
  const auto length = static_cast<double>(work.length), hashes = static_cast<double>(work.hashes);
  const double buckets = rows * (1 - work.redundancy);  // of a column, in the mean
  Instructions hash, table, centroid, product, gather;
  double waiting = 0;
  const auto add_columns = [&](double columns, double part) {
    hash += products(rows, hashes, part, false).times(columns);
    hash += Instructions{.alu = 3}.times(columns * rows * hashes);  // compare, shift, or
    // Bucket number to place: a load, a comparison and a branch; a new one is entered.
    table += Instructions{.alu = 2, .loads = 1, .stores = 1, .runs = 2, .branches = 1}.times(columns * rows);
    table += Instructions{.alu = 2, .stores = 3, .runs = 1, .branches = 1}.times(columns * buckets);
    // Four sums a step: two words of inputs, four of sums, added and stored; then a division a bucket and a
    // multiplication and a shift an element.
    const double elements = columns * part;
    centroid += Instructions{.alu = 6, .loads = 6, .stores = 4, .runs = 2, .branches = 1}.times(rows * elements / 4);
    centroid += Instructions{.alu = 2, .loads = 1, .stores = 0.5, .runs = 1}.times(buckets * elements);
    centroid += Instructions{.divides = 1}.times(columns * buckets);
    product += products(buckets, filters, part, true).times(columns);
    product += Instructions{.stores = 1, .runs = 0.5}.times(columns * buckets * filters);
    waiting += columns * flash_cycles(part * filters, std::max(1.0, std::ceil(buckets / 2)), machine);
    gather += gather_column(machine).times(columns * rows * filters / 8);
  };
  const double whole = std::floor(depth / length), rest = depth - whole * length;
  add_columns(whole, length);
  if (rest > 0) add_columns(1, rest);
  gather += outputs(rows * filters);
  return {{"im2row", groups * cycles(im2row(rows * depth), machine)},
          {"hash", groups * cycles(hash, machine)},
          {"table", groups * cycles(table, machine)},
          {"centroid", groups * cycles(centroid, machine)},
          {"product", groups * (cycles(product, machine) + waiting)},
          {"gather", groups * cycles(gather, machine)}};
}

double speedup(const Work& work, const Microcontroller& machine) {
  return total(full_cycles(work, machine)) / total(reuse_cycles(work, machine));
}

double speedup_by_operations(const Work& work) {
  const auto filters = static_cast<double>(work.filters);
  return 1 / ((static_cast<double>(work.hashes) + 1) / filters + (1 - work.redundancy) +
              1 / static_cast<double>(work.length));
}

Range possible_redundancy(std::int64_t rows, std::int64_t hashes) {
  const double buckets = hashes < 40 ? std::ldexp(1.0, static_cast<int>(hashes)) : static_cast<double>(rows);
  const auto count = static_cast<double>(rows);
  return {1 - std::min(buckets, count) / count, 1 - 1 / count};
}

}  // namespace rebasis::reuse
