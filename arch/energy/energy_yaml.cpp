// Reads energy tables. A table may be based on another one and change some of its prices.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <set>

#include "arch/energy/energy_table.h"
#include "common/data_dir.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::arch {
namespace {

namespace fs = std::filesystem;

constexpr int longest_chain = 8;  // of tables based on each other
constexpr const char* folder = "arch/energy/tables";

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(".yaml") || text.ends_with(".yml");
}

std::string beside(const std::string& file, const std::string& other) {
  return fs::path(other).is_absolute() ? other : (fs::path(file).parent_path() / other).string();
}

std::string path_of(const std::string& name, const SourceLocation& where) {
  const std::vector<std::string> known = EnergyTable::names();
  if (std::find(known.begin(), known.end(), name) == known.end()) fail_unknown_name(where, "energy table", name, known);
  return data_path(std::string(folder) + "/" + name + ".yaml");
}

/// A map of the file whose keys are all asked for.
class Fields {
 public:
  Fields(const YAML::Node& node, const std::string& file, const std::vector<std::string>& known)
      : node_(node), file_(file), where_(location_of(node, file)) {
    if (!node.IsMap()) fail_input(where_, fmt::format("this is no map; it must have the keys {}", joined(known)));
    for (const auto& pair : node) {
      const std::string key = pair.first.Scalar();
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      fail_input(location_of(pair.first, file), fmt::format("unknown key {}{}; the keys here are {}", in_quotes(key),
                                                            did_you_mean(key, known), joined(known)));
    }
  }

  [[nodiscard]] bool has(const char* key) const { return node_[key].IsDefined(); }
  [[nodiscard]] YAML::Node node(const char* key) const {
    if (!has(key)) fail_input(where_, fmt::format("'{}' is missing; write {}: ...", key, key));
    return node_[key];
  }
  [[nodiscard]] SourceLocation where() const { return where_; }
  [[nodiscard]] SourceLocation where(const char* key) const { return location_of(node(key), file_); }

  /// Text that is not empty, on one line of the reports.
  [[nodiscard]] std::string text(const char* key) const {
    const YAML::Node value = node(key);
    if (!value.IsScalar() || value.Scalar().find_first_not_of(" \t\r\n") == std::string::npos) {
      fail_input(where(key), fmt::format("{} is empty; it must be a text", key));
    }
    std::string text = value.Scalar();
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '|'; }, ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  /// A number in [min, max].
  [[nodiscard]] double number(const char* key, double min, double max) const {
    const YAML::Node value = node(key);
    const std::string text = value.IsScalar() ? value.Scalar() : std::string();
    double parsed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (error != std::errc() || end != text.data() + text.size() || !(parsed >= min && parsed <= max)) {
      fail_input(where(key),
                 fmt::format("{} is {}; it must be a number from {} to {}", key, in_quotes(text), min, max));
    }
    return parsed;
  }

  [[nodiscard]] std::uint64_t whole(const char* key, double max) const {
    const double value = number(key, 1, max);
    if (value != std::floor(value)) fail_input(where(key), fmt::format("{} must be a whole number", key));
    return static_cast<std::uint64_t>(value);
  }

  /// The only word that `key` may have; false when the key is absent.
  [[nodiscard]] bool flag(const char* key, const std::string& word, const std::string& other = "") const {
    if (!has(key)) return false;
    const std::string value = text(key);
    if (value == word) return true;
    if (!other.empty() && value == other) return false;
    fail_input(where(key), fmt::format("{} is {}; it can only be {}{}", key, in_quotes(value), word,
                                       other.empty() ? "" : " or " + other));
  }

 private:
  YAML::Node node_;
  std::string file_;
  SourceLocation where_;
};

constexpr double largest_pj = 1e12;

/// A name that can stand in "component.action".
std::string identifier(const Fields& fields, const char* key) {
  std::string text = fields.text(key);
  const bool good = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  if (!good) fail_input(fields.where(key), fmt::format("{} is {}; use a-z, 0-9 and _", key, in_quotes(text)));
  return text;
}

EnergyPrice read_price(const YAML::Node& node, const std::string& file) {
  const Fields fields(node, file, {"component", "action", "pj", "per", "scales_with", "source"});
  EnergyPrice price;
  price.component = identifier(fields, "component");
  price.action = identifier(fields, "action");
  price.pj = fields.number("pj", 0, largest_pj);
  price.per_byte = fields.flag("per", "byte", "action");
  price.scales_with_sram = fields.flag("scales_with", "sram");
  price.source = fields.text("source");
  if (price.scales_with_sram && !price.per_byte) {
    fail_input(fields.where("scales_with"), "a price that scales with sram is one of a byte; add per: byte");
  }
  return price;
}

YAML::Node sequence(const Fields& fields, const char* key) {
  const YAML::Node list = fields.node(key);
  if (!list.IsSequence() || list.size() == 0) {
    fail_input(fields.where(key), fmt::format("{} must be a list of at least one item", key));
  }
  return list;
}

SramShape read_shape(const YAML::Node& node, const std::string& file) {
  const Fields fields(node, file, {"sweep", "tech_um", "cell", "anchors"});
  std::vector<SramAnchor> anchors;
  for (const auto& item : sequence(fields, "anchors")) {
    const Fields anchor(item, file, {"bank_bytes", "port_bits", "pj", "source"});
    const SramGeometry geometry{anchor.whole("bank_bytes", 1e12),
                                static_cast<std::uint32_t>(anchor.whole("port_bits", 1e6))};
    anchors.push_back({geometry, anchor.number("pj", 1e-9, largest_pj), anchor.text("source"), anchor.where()});
  }
  SramSweep sweep = SramSweep::load(beside(file, fields.text("sweep")), fields.number("tech_um", 1e-4, 10),
                                    fields.text("cell"), fields.where());
  return {std::move(sweep), std::move(anchors)};
}

}  // namespace

/// Fills a table from files; a friend of EnergyTable.
class EnergyTableReader {
 public:
  /// Another process: all prices of the base but the DRAM's, times a factor.
  static void scale_on_chip(const Fields& fields, EnergyTable& table) {
    const double times = fields.number("times", 1e-3, 1e3);
    const std::string note = fmt::format(" x {} ({})", times, fields.text("source"));
    for (auto& [key, price] : table.prices_) {
      if (price.component == "dram") continue;
      price.pj *= times;
      price.source += note;
    }
  }

  static void read_file(const std::string& path, EnergyTable& table, int depth) {
    read(load_yaml(path), path, table, depth);
  }

  static void read(const YAML::Node& root, const std::string& path, EnergyTable& table, int depth) {
    const Fields fields(root, path, {"name", "description", "based_on", "on_chip", "sram", "prices"});
    if (fields.has("based_on")) {
      if (depth >= longest_chain) {
        fail_input(fields.where("based_on"),
                   fmt::format("more than {} tables are based on each other; is it a circle?", longest_chain));
      }
      const std::string base = fields.text("based_on");
      read_file(is_path(base) ? beside(path, base) : path_of(base, fields.where("based_on")), table, depth + 1);
      if (fields.has("on_chip")) scale_on_chip(Fields(fields.node("on_chip"), path, {"times", "source"}), table);
    } else if (fields.has("on_chip")) {
      fail_input(fields.where("on_chip"), "on_chip changes the prices of a base; add based_on: ...");
    }
    table.name_ = fields.text("name");
    table.description_ = fields.text("description");
    if (fields.has("sram")) table.shape_ = std::make_shared<SramShape>(read_shape(fields.node("sram"), path));
    std::set<std::string> own;
    for (const auto& item : sequence(fields, "prices")) {
      const EnergyPrice price = read_price(item, path);
      const std::string key = price.component + "." + price.action;
      if (!own.insert(key).second) fail_input(location_of(item, path), fmt::format("{} has two prices; keep one", key));
      if (price.scales_with_sram && !table.shape_) {
        fail_input(location_of(item, path), fmt::format("{} scales with sram; add the section sram:", key));
      }
      table.prices_[key] = price;
    }
  }
};

EnergyTable EnergyTable::load(const std::string& name_or_path) {
  EnergyTable table;
  EnergyTableReader::read_file(is_path(name_or_path) ? name_or_path : path_of(name_or_path, {}), table, 1);
  return table;
}

EnergyTable EnergyTable::parse(const std::string& text, const std::string& path) {
  EnergyTable table;
  EnergyTableReader::read(parse_yaml(text, path), path, table, 1);
  return table;
}

std::vector<std::string> EnergyTable::names() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(data_path(folder), ignored)) {
    if (item.path().extension() == ".yaml") names.push_back(item.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace rebasis::arch
