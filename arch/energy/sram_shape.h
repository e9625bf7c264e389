// How the energy of an SRAM access depends on capacity and port width: shape from a CACTI sweep, level from anchors.
// The same sweep has the area of a bank.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "arch/energy/log_log_curve.h"
#include "common/error.h"

namespace rebasis::arch {

/// One bank of an on-chip memory.
struct SramGeometry {
  std::uint64_t bank_bytes = 0;  ///< > 0
  std::uint32_t port_bits = 0;   ///< > 0
};

/// One figure of a bank over capacity and port width, from the rows of one technology and cell of a CSV file with the
/// columns size_B, width_bits, tech_um, cell and that figure's: read_pJ, area_mm2 (docs/energy.md).
class SramSweep {
 public:
  /// Throws Error(bad_input) with file and line; `where` is the place that asks for these rows.
  static SramSweep load(const std::string& path, double tech_um, const std::string& cell, const SourceLocation& where,
                        const std::string& figure = "read_pJ");

  /// The figure as CACTI has it; interpolated on log-log scales, first over capacity at each width, then over width.
  [[nodiscard]] double at(const SramGeometry& geometry) const;
  /// The figure of one byte of an access that uses the whole port.
  [[nodiscard]] double read_pj_per_byte(const SramGeometry& geometry) const {
    return at(geometry) * 8.0 / geometry.port_bits;
  }
  /// Whether the sweep surrounds this geometry; outside, the curves go on with their fitted slopes.
  [[nodiscard]] bool covers(const SramGeometry& geometry) const;
  /// "512 B to 1048576 B, 8 to 256 bits".
  [[nodiscard]] std::string range() const;

 private:
  std::map<std::uint32_t, LogLogCurve> by_width_;  ///< port bits -> the figure over bank bytes
  std::uint64_t smallest_ = 0, largest_ = 0;       ///< bank bytes
};

/// A price known for a geometry.
struct SramAnchor {
  SramGeometry geometry;
  double pj_per_byte = 0;
  std::string source;
  SourceLocation where;
};

/// The sweep bent so that it meets every anchor exactly: price = f(sweep), f piecewise straight on log-log scales. One
/// anchor scales the sweep; two make a power law of it.
class SramShape {
 public:
  /// At least one anchor; anchors that do not grow with the sweep are bad input.
  SramShape(SramSweep sweep, std::vector<SramAnchor> anchors);

  [[nodiscard]] double pj_per_byte(const SramGeometry& geometry) const;
  /// Price relative to the first anchor's.
  [[nodiscard]] double relative(const SramGeometry& geometry) const;
  [[nodiscard]] const SramSweep& sweep() const { return sweep_; }
  [[nodiscard]] const std::vector<SramAnchor>& anchors() const { return anchors_; }
  /// Exponent of the fit between the sweep and the anchors; 1 where one anchor scales it.
  [[nodiscard]] double exponent() const { return level_.fitted_slope(); }

 private:
  SramSweep sweep_;
  std::vector<SramAnchor> anchors_;
  LogLogCurve level_;  ///< sweep's pJ a byte -> price
};

}  // namespace rebasis::arch
