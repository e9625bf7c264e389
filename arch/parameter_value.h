// The value types of parameters: how each is parsed, checked and printed. Used through ParameterSet.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "arch/config.h"

namespace rebasis::arch {

/// One row of a parameter reference page; every field is ready to print.
struct ParameterInfo {
  std::string key;
  std::string type;          ///< integer, real, bytes, choice, text or boolean
  std::string default_text;  ///< with unit
  std::string unit;          ///< "" when the parameter has none
  std::string range;         ///< "1 to 64", "a, b, c" or ""
  std::string description;
  std::string source;  ///< where the default comes from
  /// Decides how layers are mapped and what accesses cost, but nothing else: two designs that differ only in such
  /// parameters and map a layer alike run it alike. ParameterSet::mapping_only sets it.
  bool mapping_only = false;
};

/// What every declaration states beside its value.
struct Label {
  std::string key;
  std::string unit;
  std::string description;
  std::string source;
};

/// A checked declaration: `parse` throws Error(bad_input) at the entry's line; `print` is its inverse.
template <class Value>
struct Declaration {
  ParameterInfo info;
  Value def;
  std::function<Value(const ConfigEntry&)> parse;
  std::function<std::string(const Value&)> print;
};

Declaration<std::int64_t> integer_declaration(Label label, std::int64_t def, std::int64_t min, std::int64_t max);
Declaration<double> real_declaration(Label label, double def, double min, double max);
Declaration<std::int64_t> bytes_declaration(Label label, std::int64_t def, std::int64_t min, std::int64_t max);
Declaration<std::string> choice_declaration(Label label, std::string def, std::vector<std::string> choices);
Declaration<std::string> text_declaration(Label label, std::string def);
Declaration<bool> boolean_declaration(Label label, bool def);

/// The error of a key that no parameter declares, with the nearest declared key.
[[noreturn]] void fail_unknown_key(const ConfigEntry& entry, const std::vector<ParameterInfo>& known);

/// The error of a requirement that does not hold, at the last entry that set one of `keys`.
[[noreturn]] void fail_requirement(const RawConfig& config, const std::vector<std::string>& keys,
                                   const std::string& message);

}  // namespace rebasis::arch
