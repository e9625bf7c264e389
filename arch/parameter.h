// Parameters of an accelerator, declared once: the validation, the messages, the resolved listing and the reference
// page all come from the declaration.
//
//   ParameterSet<Spec> p;
//   p.integer("input_gb.banks", &Spec::banks, 32, 1, 1024, "", "Banks of the input buffer.", "paper, Table IX");
//   p.require({"input_gb.banks", "lines"}, "input_gb.banks must be a multiple of lines",
//             [](const Spec& s) { return s.banks % s.lines == 0; });
//   const Spec spec = p.resolve(RawConfig::load("mine.yaml"));
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arch/config.h"
#include "arch/parameter_value.h"

namespace rebasis::arch {

/// Parameters of the plain struct `Spec`. Declaring a key twice, a default outside its range or a parameter without
/// description or source is an internal error.
template <class Spec>
class ParameterSet {
 public:
  using Predicate = std::function<bool(const Spec&)>;

  /// A whole number. A unit, when there is one, may follow the number: "64", "64 bits".
  ParameterSet& integer(std::string key, std::int64_t Spec::*field, std::int64_t def, std::int64_t min,
                        std::int64_t max, std::string unit, std::string description, std::string source) {
    return add(field, integer_declaration({std::move(key), std::move(unit), std::move(description), std::move(source)},
                                          def, min, max));
  }

  /// A real number. A number alone is in `unit`; SI prefixes convert: "1 GHz" for a parameter in Hz.
  ParameterSet& real(std::string key, double Spec::*field, double def, double min, double max, std::string unit,
                     std::string description, std::string source) {
    return add(field, real_declaration({std::move(key), std::move(unit), std::move(description), std::move(source)},
                                       def, min, max));
  }

  /// A size in bytes: "512", "16 KiB"; KB, MB and GB count in 1024 as well.
  ParameterSet& bytes(std::string key, std::int64_t Spec::*field, std::int64_t def, std::int64_t min, std::int64_t max,
                      std::string description, std::string source) {
    return add(field,
               bytes_declaration({std::move(key), "B", std::move(description), std::move(source)}, def, min, max));
  }

  /// One of a list of words.
  ParameterSet& choice(std::string key, std::string Spec::*field, std::string def, std::vector<std::string> choices,
                       std::string description, std::string source) {
    return add(field, choice_declaration({std::move(key), "", std::move(description), std::move(source)},
                                         std::move(def), std::move(choices)));
  }

  /// Any text on one line.
  ParameterSet& text(std::string key, std::string Spec::*field, std::string def, std::string description,
                     std::string source) {
    return add(field,
               text_declaration({std::move(key), "", std::move(description), std::move(source)}, std::move(def)));
  }

  /// true or false.
  ParameterSet& boolean(std::string key, bool Spec::*field, bool def, std::string description, std::string source) {
    return add(field, boolean_declaration({std::move(key), "", std::move(description), std::move(source)}, def));
  }

  /// Declares that these parameters act through the mapping and the prices only (ParameterInfo::mapping_only).
  ParameterSet& mapping_only(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) parameters_.at(position_.at(key)).info.mapping_only = true;
    return *this;
  }

  /// The parameters of a part of the spec, under "prefix.". Its requirements come along.
  template <class Part>
  ParameterSet& group(const std::string& prefix, Part Spec::*part, const ParameterSet<Part>& set);

  /// The parameters of a base class of the spec, with their requirements.
  template <class Base>
  ParameterSet& inherit(const ParameterSet<Base>& set);

  /// A combination that must hold. `message` reads "what is wrong; what would be right"; the error points at the last
  /// line that set one of `keys`.
  ParameterSet& require(std::vector<std::string> keys, std::string message, Predicate holds) {
    requirements_.push_back({std::move(keys), std::move(message), std::move(holds)});
    return *this;
  }

  /// The validated spec: defaults, then the values of `config` in their order. Throws Error(bad_input) with file and
  /// line on an unknown key, a wrong type or unit, a value out of range or a requirement that does not hold.
  [[nodiscard]] Spec resolve(const RawConfig& config) const {
    Spec spec{};
    for (const auto& parameter : parameters_) parameter.set_default(spec);
    for (const auto& entry : config.entries()) parameter_of(entry).assign(spec, entry);
    for (const auto& requirement : requirements_) {
      if (!requirement.holds(spec)) fail_requirement(config, requirement.keys, requirement.message);
    }
    return spec;
  }

  /// Every declaration, in the order of declaration.
  [[nodiscard]] std::vector<ParameterInfo> describe() const {
    std::vector<ParameterInfo> infos;
    for (const auto& parameter : parameters_) infos.push_back(parameter.info);
    return infos;
  }

  /// print() without the parameters that are mapping_only.
  [[nodiscard]] std::map<std::string, std::string> print_timing(const Spec& spec) const {
    std::map<std::string, std::string> values;
    for (const auto& parameter : parameters_) {
      if (!parameter.info.mapping_only) values[parameter.info.key] = parameter.print(spec);
    }
    return values;
  }

  /// key -> value with unit, of a resolved spec. resolve(parse(to_yaml(print(spec)))) is the same spec.
  [[nodiscard]] std::map<std::string, std::string> print(const Spec& spec) const {
    std::map<std::string, std::string> values;
    for (const auto& parameter : parameters_) values[parameter.info.key] = parameter.print(spec);
    return values;
  }

 private:
  template <class Other>
  friend class ParameterSet;

  struct Parameter {
    ParameterInfo info;
    std::function<void(Spec&)> set_default;
    std::function<void(Spec&, const ConfigEntry&)> assign;
    std::function<std::string(const Spec&)> print;
  };
  struct Requirement {
    std::vector<std::string> keys;
    std::string message;
    Predicate holds;
  };

  template <class Value>
  ParameterSet& add(Value Spec::*field, Declaration<Value> declared) {
    return add(Parameter{
        .info = declared.info,
        .set_default = [field, value = declared.def](Spec& spec) { spec.*field = value; },
        .assign = [field, parse = declared.parse](Spec& spec, const ConfigEntry& entry) { spec.*field = parse(entry); },
        .print = [field, print = declared.print](const Spec& spec) { return print(spec.*field); }});
  }

  ParameterSet& add(Parameter parameter) {
    if (!position_.emplace(parameter.info.key, parameters_.size()).second) {
      fail_internal("parameter " + parameter.info.key + " is declared twice");
    }
    parameters_.push_back(std::move(parameter));
    return *this;
  }

  const Parameter& parameter_of(const ConfigEntry& entry) const {
    const auto found = position_.find(entry.key);
    if (found == position_.end()) fail_unknown_key(entry, describe());
    return parameters_[found->second];
  }

  std::vector<Parameter> parameters_;
  std::map<std::string, std::size_t> position_;
  std::vector<Requirement> requirements_;
};

template <class Spec>
template <class Part>
ParameterSet<Spec>& ParameterSet<Spec>::group(const std::string& prefix, Part Spec::*part,
                                              const ParameterSet<Part>& set) {
  for (const auto& inner : set.parameters_) {
    ParameterInfo info = inner.info;
    info.key = prefix + "." + info.key;
    add(Parameter{.info = std::move(info),
                  .set_default = [part, inner](Spec& spec) { inner.set_default(spec.*part); },
                  .assign = [part, inner](Spec& spec, const ConfigEntry& entry) { inner.assign(spec.*part, entry); },
                  .print = [part, inner](const Spec& spec) { return inner.print(spec.*part); }});
  }
  for (const auto& inner : set.requirements_) {
    std::vector<std::string> keys;
    for (const auto& key : inner.keys) keys.push_back(prefix + "." + key);
    require(std::move(keys), inner.message,
            [part, holds = inner.holds](const Spec& spec) { return holds(spec.*part); });
  }
  return *this;
}

template <class Spec>
template <class Base>
ParameterSet<Spec>& ParameterSet<Spec>::inherit(const ParameterSet<Base>& set) {
  static_assert(std::is_base_of_v<Base, Spec>);
  for (const auto& inner : set.parameters_) {
    add(Parameter{.info = inner.info, .set_default = inner.set_default, .assign = inner.assign, .print = inner.print});
  }
  for (const auto& inner : set.requirements_) requirements_.push_back({inner.keys, inner.message, inner.holds});
  return *this;
}

}  // namespace rebasis::arch
