// What the reproduction of one table or figure of a paper comes to. docs/validation.md is made of these.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rebasis::reproduce {

/// Where the values behind a number come from.
enum class Origin { none, formula, synthetic, trained, measured };
[[nodiscard]] std::string to_string(Origin origin);

/// One number of ours beside the published one. Either may be missing; without ours, `note` says why.
struct Row {
  std::string name, quantity, unit;
  std::optional<double> ours, published;
  Origin weights = Origin::none, activations = Origin::none;
  std::string note;

  /// Ours over published; none unless both are there and the published one is not 0.
  [[nodiscard]] std::optional<double> ratio() const;
};

enum class Holds { yes, partly, no, open };
[[nodiscard]] std::string to_string(Holds holds);

/// A claim of the paper, and whether it holds here.
struct Verdict {
  std::string claim;  ///< what the paper says
  Holds holds = Holds::open;
  std::string because;  ///< by how much, and why: one line
};

/// How far a number moves when a free assumption takes another plausible value.
struct Sensitivity {
  std::string assumption, setting;  ///< "DRAM", "ddr4-2400-x64"
  std::string quantity;             ///< what was computed, and for which networks
  std::string unit;
  double value = 0;
  double usual = 0;  ///< with the setting that the rows have
};

struct Figure {
  std::string file;  ///< "smartdeal-fig8.svg"
  std::string title;
  std::string svg;
};

struct Outcome {
  std::string name, title, source, reading;
  std::string assumption;  ///< the one that matters most
  std::string made_by;     ///< of measured rows: command and date; "" when everything was computed now
  std::vector<Row> rows;
  std::vector<Verdict> verdicts;
  std::vector<Sensitivity> sensitivity;
  std::vector<Figure> figures;
  std::vector<std::string> notes;
};

}  // namespace rebasis::reproduce
