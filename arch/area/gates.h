// Gates of the blocks of the RTL, as Yosys counted them: tables/gates.yaml, written by rtl/area (docs/area.md).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.h"

namespace rebasis::arch {

/// Of a block: gates in NAND2 equivalents, its flip-flops among them.
struct Gates {
  double nand2 = 0;
  double flip_flops = 0;

  Gates& operator+=(const Gates& other) {
    nand2 += other.nand2;
    flip_flops += other.flip_flops;
    return *this;
  }
  [[nodiscard]] Gates times(double count) const { return {count * nand2, count * flip_flops}; }
};

/// Values of a block's parameters by name.
using BlockParameters = std::vector<std::pair<std::string, std::int64_t>>;

class GateTable {
 public:
  /// A design point that was synthesised.
  struct Point {
    BlockParameters parameters;
    Gates gates;
  };

  /// The shipped table. Throws Error(bad_input) when it is missing or damaged.
  static const GateTable& shipped();
  /// From a text; `path` stands for the file in messages.
  static GateTable parse(const std::string& text, const std::string& path);

  /// The block's fitted form at these parameters, which must be all that the form has. An unknown block or parameter is
  /// an internal error that names it. Not below zero.
  [[nodiscard]] Gates of(const std::string& block, const BlockParameters& parameters) const;
  /// `count` flip-flops that take a new value in every cycle.
  [[nodiscard]] Gates flip_flops(double count) const { return {count * flip_flop_nand2_, count}; }
  [[nodiscard]] const std::string& synthesis() const { return synthesis_; }
  [[nodiscard]] std::vector<std::string> blocks() const;
  [[nodiscard]] const std::vector<Point>& points(const std::string& block) const { return at(block).points; }

 private:
  friend class GateTableReader;
  /// A coefficient with the parameters whose product it multiplies.
  struct Term {
    std::vector<std::string> factors;
    double coefficient = 0;
  };
  struct Block {
    std::vector<Term> nand2, flip_flops;
    std::vector<Point> points;
  };
  [[nodiscard]] const Block& at(const std::string& block) const;

  std::string synthesis_;  ///< tool and cells
  double flip_flop_nand2_ = 0;
  std::map<std::string, Block> blocks_;
};

}  // namespace rebasis::arch
