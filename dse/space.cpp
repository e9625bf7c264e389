#include "dse/space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "arch/units.h"
#include "common/text/yaml.h"

namespace rebasis::dse {

namespace {

constexpr std::size_t most_values = 1'000'000;

/// Factor of a unit against the one without a prefix; nothing for what is no unit of a number.
std::optional<double> unit_factor(std::string_view unit) {
  if (unit.empty()) return 1.0;
  if (const auto bytes = arch::byte_factor(unit)) return static_cast<double>(*bytes);
  for (const std::string_view base : {"Hz", "B/s", "bit/s", "s", "J", "W", "V"}) {
    if (const auto factor = arch::convert_unit(1.0, unit, base)) return factor;
  }
  return std::nullopt;
}

/// The number in the unit of `like`, as a user would write it.
std::string with_unit_of(double value, const std::string& like) {
  const std::string unit(arch::split_number(like).unit);
  const double factor = unit_factor(unit).value_or(1.0);
  return fmt::format("{}{}{}", value / factor, unit.empty() ? "" : " ", unit);
}

std::string scalar(const YAML::Node& node, const std::string& file, const std::string& what) {
  if (!node || !node.IsScalar()) fail_input(location_of(node, file), what + " is not a single value");
  return node.Scalar();
}

std::vector<Value> list_values(const YAML::Node& list, const std::string& name, const std::string& file) {
  std::vector<Value> values;
  std::set<std::string> seen;
  for (const auto& item : list) {
    values.push_back(value_of(scalar(item, file, "a value of " + name)));
    if (!seen.insert(values.back().text).second)
      fail_input(location_of(item, file), name + " lists " + values.back().text + " twice");
  }
  return values;
}

/// {from: A, to: B, by: STEP} or {from: A, to: B, times: FACTOR}.
class Range {
 public:
  Range(const YAML::Node& map, std::string name, std::string file)
      : map_(map), name_(std::move(name)), file_(std::move(file)) {
    for (const auto& pair : map_) {
      const std::string key = pair.first.Scalar();
      if (key != "from" && key != "to" && key != "by" && key != "times")
        fail_input(location_of(pair.first, file_),
                   name_ + ": unknown key " + key + "; a range has from, to, and by or times");
    }
    if (map_["by"].IsDefined() == map_["times"].IsDefined())
      fail_input(location_of(map_, file_), name_ + ": a range needs by (a step) or times (a factor), one of them");
  }

  [[nodiscard]] std::vector<Value> values() const {
    const double from = number("from"), to = number("to");
    const bool adds = map_["by"].IsDefined();
    const double step = number(adds ? "by" : "times");
    if (adds ? step <= 0 : step <= 1 || from <= 0)
      fail_input(location_of(map_, file_),
                 name_ + ": the range never ends; by must be above 0, times above 1 and from above 0");
    if (from > to) fail_input(location_of(map_, file_), name_ + ": the range is empty, from is above to");
    const std::string like = map_["from"].Scalar();
    std::vector<Value> values;
    constexpr double slack = 1e-9;  // 0.1 + 0.1 + 0.1 reaches 0.3
    double value = from;
    while (value <= to * (1 + slack)) {
      if (values.size() == most_values)
        fail_input(location_of(map_, file_), name_ + ": the range has more than a million values");
      values.push_back(value_of(with_unit_of(value, like)));
      const auto count = static_cast<double>(values.size());
      value = adds ? from + step * count : from * std::pow(step, count);
    }
    return values;
  }

 private:
  [[nodiscard]] double number(const std::string& key) const {
    const YAML::Node node = map_[key];
    const Value value = value_of(scalar(node.IsDefined() ? node : map_, file_, name_ + ": " + key));
    if (!value.number) fail_input(location_of(node, file_), name_ + ": " + key + " is not a number: " + value.text);
    return *value.number;
  }

  YAML::Node map_;
  std::string name_, file_;
};

Dimension parse_dimension(const YAML::Node& key, const YAML::Node& node, const std::string& file) {
  Dimension dimension{key.Scalar(), {}, location_of(key, file)};
  if (node.IsSequence()) {
    dimension.values = list_values(node, dimension.name, file);
  } else if (node.IsMap()) {
    dimension.values = Range(node, dimension.name, file).values();
  } else if (node.IsScalar()) {
    dimension.values = {value_of(node.Scalar())};
  }
  if (dimension.values.empty())
    fail_input(dimension.where, dimension.name + " has no values; write a list or {from: A, to: B, by: STEP}");
  return dimension;
}

std::vector<Formula> parse_formulas(const YAML::Node& map, const std::string& key, const std::string& file) {
  std::vector<Formula> formulas;
  if (!map.IsDefined()) return formulas;
  if (!map.IsMap()) fail_input(location_of(map, file), key + " is not a map; write NAME: FORMULA");
  for (const auto& pair : map) {
    const std::string name = pair.first.Scalar();
    formulas.push_back({name, Expression(scalar(pair.second, file, key + "." + name), location_of(pair.first, file))});
  }
  return formulas;
}

std::vector<Expression> parse_conditions(const YAML::Node& list, const std::string& file) {
  std::vector<Expression> conditions;
  if (!list.IsDefined()) return conditions;
  if (!list.IsSequence()) fail_input(location_of(list, file), "where is not a list; write - FORMULA");
  for (const auto& item : list) conditions.emplace_back(scalar(item, file, "a condition"), location_of(item, file));
  return conditions;
}

void check_names(const Space& space) {
  std::set<std::string> names;
  const auto add = [&](const std::string& name, const SourceLocation& where) {
    if (!names.insert(name).second) fail_input(where, name + " is defined twice");
  };
  for (const Dimension& dimension : space.dimensions) add(dimension.name, dimension.where);
  for (const Formula& formula : space.let) add(formula.name, formula.expression.where());
  for (const Formula& formula : space.derived) add(formula.name, formula.expression.where());
}

}  // namespace

Value value_of(const std::string& text) {
  Value value{text, std::nullopt};
  const arch::NumberText parts = arch::split_number(text);
  const auto number = arch::parse_real(parts.number);
  const auto factor = unit_factor(parts.unit);
  if (number && factor) value.number = *number * *factor;
  return value;
}

Space Space::parse(const YAML::Node& study, const std::string& file) {
  Space space;
  const YAML::Node dimensions = study["space"];
  if (!dimensions.IsDefined() || !dimensions.IsMap() || dimensions.size() == 0)
    fail_input(location_of(dimensions.IsDefined() ? dimensions : study, file),
               "the study has no space; write space: {PARAMETER: [VALUES]}");
  for (const auto& pair : dimensions) space.dimensions.push_back(parse_dimension(pair.first, pair.second, file));
  space.let = parse_formulas(study["let"], "let", file);
  space.derived = parse_formulas(study["derived"], "derived", file);
  space.where = parse_conditions(study["where"], file);
  check_names(space);
  return space;
}

std::uint64_t Space::size() const {
  std::uint64_t size = 1;
  for (const Dimension& dimension : dimensions) {
    if (size > std::numeric_limits<std::uint64_t>::max() / dimension.values.size())
      return std::numeric_limits<std::uint64_t>::max();
    size *= dimension.values.size();
  }
  return size;
}

Choice Space::choice(std::uint64_t index) const {
  Choice choice(dimensions.size());
  for (std::size_t i = dimensions.size(); i-- > 0;) {
    choice[i] = static_cast<std::size_t>(index % dimensions[i].values.size());
    index /= dimensions[i].values.size();
  }
  return choice;
}

Point Space::point(const Choice& choice) const {
  Point point;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const Value& value = dimensions[i].values.at(choice.at(i));
    point.settings[dimensions[i].name] = value.text;
    if (value.number) point.numbers[dimensions[i].name] = *value.number;
  }
  for (const auto* formulas : {&let, &derived}) {
    for (const Formula& formula : *formulas) {
      const auto value = formula.expression.value(point.numbers);
      if (!value) {
        point.undefined = &formula.expression;
        return point;
      }
      point.numbers[formula.name] = *value;
      if (formulas == &derived) point.settings[formula.name] = fmt::format("{}", *value);
    }
  }
  return point;
}

const Expression* Space::broken(const Point& point, const std::map<std::string, double>& known) const {
  if (point.undefined != nullptr) return point.undefined;
  std::map<std::string, double> values = known;
  for (const auto& [name, number] : point.numbers) values[name] = number;
  for (const Expression& condition : where) {
    const auto& names = condition.names();
    const bool complete =
        std::all_of(names.begin(), names.end(), [&](const std::string& n) { return values.contains(n); });
    if (complete && !condition.holds(values)) return &condition;
  }
  return nullptr;
}

}  // namespace rebasis::dse
