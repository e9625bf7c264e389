#include "arch/area/gates.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "common/data_dir.h"
#include "common/file.h"
#include "common/text/yaml.h"

namespace rebasis::arch {

namespace {

constexpr double largest_count = 1e12;
constexpr std::int64_t largest_parameter = std::int64_t{1} << 31;

double number(const YAML::Node& node, const std::string& file, double least, double most) {
  const std::string text = node.IsScalar() ? node.Scalar() : std::string();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most))
    fail_input(location_of(node, file), "'" + text + "' is no number that can stand here; rtl/area --write makes it");
  return value;
}

YAML::Node child(const YAML::Node& node, const char* key, const std::string& file) {
  if (!node.IsMap() || !node[key].IsDefined())
    fail_input(location_of(node, file), std::string("'") + key + "' is missing; rtl/area --write makes it");
  return node[key];
}

}  // namespace

class GateTableReader {
 public:
  explicit GateTableReader(const std::string& path) : path_(path) {}

  GateTable read(const YAML::Node& root) const {
    GateTable table;
    table.synthesis_ = child(root, "synthesis", path_).as<std::string>("");
    table.flip_flop_nand2_ = number(child(root, "flip_flop", path_), path_, 1e-3, 1e3);
    const YAML::Node blocks = child(root, "blocks", path_);
    if (!blocks.IsMap()) fail_input(location_of(blocks, path_), "blocks must be a map; rtl/area --write makes it");
    for (const auto& entry : blocks) table.blocks_.emplace(entry.first.Scalar(), block(entry.second));
    return table;
  }

 private:
  [[nodiscard]] GateTable::Block block(const YAML::Node& node) const {
    GateTable::Block block;
    block.nand2 = form(child(node, "nand2", path_));
    block.flip_flops = form(child(node, "flip_flops", path_));
    const YAML::Node points = child(node, "points", path_);
    if (!points.IsSequence())
      fail_input(location_of(points, path_), "points must be a list; rtl/area --write makes it");
    for (const YAML::Node& at : points) block.points.push_back(point(at));
    return block;
  }

  [[nodiscard]] std::vector<GateTable::Term> form(const YAML::Node& node) const {
    if (!node.IsMap()) fail_input(location_of(node, path_), "a form is a map of terms; rtl/area --write makes it");
    std::vector<GateTable::Term> terms;
    for (const auto& entry : node) {
      GateTable::Term term;
      term.coefficient = number(entry.second, path_, -largest_count, largest_count);
      const std::string text = entry.first.Scalar();
      for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('*', begin), text.size());
        const std::string factor = text.substr(begin, end - begin);
        if (factor != "1") term.factors.push_back(factor);
        begin = end + 1;
      }
      terms.push_back(std::move(term));
    }
    return terms;
  }

  [[nodiscard]] GateTable::Point point(const YAML::Node& node) const {
    GateTable::Point point;
    point.gates.nand2 = number(child(node, "nand2", path_), path_, 0, largest_count);
    point.gates.flip_flops = number(child(node, "flip_flops", path_), path_, 0, largest_count);
    for (const auto& entry : node) {
      const std::string name = entry.first.Scalar();
      if (name == "nand2" || name == "flip_flops") continue;
      const double value = number(entry.second, path_, 0, static_cast<double>(largest_parameter));
      point.parameters.emplace_back(name, static_cast<std::int64_t>(value));
    }
    return point;
  }

  std::string path_;
};

namespace {

double value_of(const std::string& name, const BlockParameters& parameters, const std::string& block) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return static_cast<double>(value);
  }
  fail_internal("the area of block '" + block + "' needs its parameter " + name);
}

}  // namespace

const GateTable& GateTable::shipped() {
  static const GateTable table = [] {
    const std::string path = data_path("arch/area/tables/gates.yaml");
    return parse(read_file(path), path);
  }();
  return table;
}

GateTable GateTable::parse(const std::string& text, const std::string& path) {
  return GateTableReader(path).read(parse_yaml(text, path));
}

const GateTable::Block& GateTable::at(const std::string& block) const {
  const auto found = blocks_.find(block);
  if (found == blocks_.end()) fail_internal("there is no block '" + block + "' in arch/area/tables/gates.yaml");
  return found->second;
}

Gates GateTable::of(const std::string& block, const BlockParameters& parameters) const {
  const Block& found = at(block);
  const auto sum = [&](const std::vector<Term>& terms) {
    double total = 0;
    for (const Term& term : terms) {
      double product = term.coefficient;
      for (const std::string& factor : term.factors) product *= value_of(factor, parameters, block);
      total += product;
    }
    return std::max(0.0, total);
  };
  return {sum(found.nand2), sum(found.flip_flops)};
}

std::vector<std::string> GateTable::blocks() const {
  std::vector<std::string> names;
  for (const auto& [name, block] : blocks_) names.push_back(name);
  return names;
}

}  // namespace rebasis::arch
