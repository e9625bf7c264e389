#include "arch/energy/sram_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>
#include <utility>

#include "common/file.h"
#include "common/text/suggest.h"

namespace rebasis::arch {
namespace {

constexpr std::uint64_t csv_limit = std::uint64_t{4} << 20;  // bytes; the shipped sweep has 42 KB

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

double positive(const std::string& text, const SourceLocation& where, const std::string& column) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value < 1e18)) {
    fail_input(where, fmt::format("{} is {}; it must be a positive number", column, in_quotes(text)));
  }
  return value;
}

std::size_t column_of(const std::vector<std::string>& header, const std::string& name, const std::string& path) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) fail_input({path, 1}, fmt::format("there is no column '{}'; it is needed", name));
  return static_cast<std::size_t>(found - header.begin());
}

/// port bits -> (bank bytes, figure) of one technology and cell.
using Points = std::map<std::uint32_t, std::map<double, double>>;

Points read_points(const std::string& path, double tech_um, const std::string& cell, const std::string& figure) {
  std::istringstream file(read_file(path, csv_limit));
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = cells_of(line);
  const std::size_t size = column_of(header, "size_B", path), width = column_of(header, "width_bits", path),
                    tech = column_of(header, "tech_um", path), kind = column_of(header, "cell", path),
                    wanted = column_of(header, figure, path);
  Points points;
  for (int number = 2; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    const SourceLocation where{path, number};
    const std::vector<std::string> row = cells_of(line);
    if (row.size() != header.size()) {
      fail_input(where, fmt::format("{} values; the header has {}", row.size(), header.size()));
    }
    const double bits = positive(row[width], where, "width_bits");
    if (bits > 1e6 || bits != std::floor(bits)) fail_input(where, "width_bits must be a whole number up to 1000000");
    const double bytes = positive(row[size], where, "size_B"), value = positive(row[wanted], where, figure);
    if (std::abs(positive(row[tech], where, "tech_um") - tech_um) > 1e-9 || row[kind] != cell) continue;
    if (!points[static_cast<std::uint32_t>(bits)].emplace(bytes, value).second) {
      fail_input(where, "a second row for this size, width, technology and cell; keep one");
    }
  }
  return points;
}

void require_positive(const SramGeometry& geometry) {
  if (geometry.bank_bytes == 0 || geometry.port_bits == 0) fail_internal("an SRAM bank without capacity or port");
}

}  // namespace

SramSweep SramSweep::load(const std::string& path, double tech_um, const std::string& cell, const SourceLocation& where,
                          const std::string& figure) {
  const Points points = read_points(path, tech_um, cell, figure);
  if (points.size() < 2) {
    fail_input(where, fmt::format("{} has no two port widths for tech_um {} and cell {}; choose a pair that it has",
                                  path, tech_um, in_quotes(cell)));
  }
  SramSweep sweep;
  for (const auto& [bits, column] : points) {
    if (column.size() < 2) fail_input(where, fmt::format("{} has one capacity only for {} bits", path, bits));
    sweep.by_width_.emplace(bits, LogLogCurve({column.begin(), column.end()}));
    const auto smallest = static_cast<std::uint64_t>(column.begin()->first);
    const auto largest = static_cast<std::uint64_t>(column.rbegin()->first);
    sweep.smallest_ = sweep.smallest_ == 0 ? smallest : std::min(sweep.smallest_, smallest);
    sweep.largest_ = std::max(sweep.largest_, largest);
  }
  return sweep;
}

double SramSweep::at(const SramGeometry& geometry) const {
  require_positive(geometry);
  std::vector<std::pair<double, double>> over_width;
  for (const auto& [bits, column] : by_width_) {
    over_width.emplace_back(bits, column.at(static_cast<double>(geometry.bank_bytes)));
  }
  return LogLogCurve(std::move(over_width)).at(geometry.port_bits);
}

bool SramSweep::covers(const SramGeometry& geometry) const {
  require_positive(geometry);
  const auto above = by_width_.lower_bound(geometry.port_bits);
  if (above == by_width_.end()) return false;
  const auto bytes = static_cast<double>(geometry.bank_bytes);
  if (above->first == geometry.port_bits) return above->second.covers(bytes);
  return above != by_width_.begin() && above->second.covers(bytes) && std::prev(above)->second.covers(bytes);
}

std::string SramSweep::range() const {
  return fmt::format("{} B to {} B, {} to {} bits", smallest_, largest_, by_width_.begin()->first,
                     by_width_.rbegin()->first);
}

namespace {

LogLogCurve level_through(const SramSweep& sweep, std::vector<SramAnchor>& anchors) {
  if (anchors.empty()) fail_internal("an SRAM shape without anchors");
  std::vector<std::pair<double, double>> points;
  std::stable_sort(anchors.begin(), anchors.end(), [&sweep](const SramAnchor& a, const SramAnchor& b) {
    return sweep.read_pj_per_byte(a.geometry) < sweep.read_pj_per_byte(b.geometry);
  });
  for (const SramAnchor& anchor : anchors) {
    const double x = sweep.read_pj_per_byte(anchor.geometry);
    if (!points.empty() && (x <= points.back().first * (1 + 1e-9) || anchor.pj_per_byte <= points.back().second)) {
      fail_input(anchor.where,
                 "the anchors do not grow with the energy of the sweep; a dearer geometry needs a higher pj");
    }
    points.emplace_back(x, anchor.pj_per_byte);
  }
  return LogLogCurve(std::move(points));
}

}  // namespace

SramShape::SramShape(SramSweep sweep, std::vector<SramAnchor> anchors)
    : sweep_(std::move(sweep)), anchors_(std::move(anchors)), level_(level_through(sweep_, anchors_)) {}

double SramShape::pj_per_byte(const SramGeometry& geometry) const {
  return level_.at(sweep_.read_pj_per_byte(geometry));
}

double SramShape::relative(const SramGeometry& geometry) const {
  const double factor = pj_per_byte(geometry) / anchors_.front().pj_per_byte;
  if (!std::isfinite(factor)) {
    fail_input(anchors_.front().where,
               fmt::format("the anchors and the sweep give no finite price for a bank of {} B with a port of {} bits; "
                           "set the anchors further apart",
                           geometry.bank_bytes, geometry.port_bits));
  }
  return factor;
}

}  // namespace rebasis::arch
