// The reference of an accelerator's parameters, rendered from their declarations.
#pragma once

#include <string>
#include <vector>

#include "arch/parameter_value.h"

namespace rebasis::arch {

/// For a terminal: two lines a parameter, the first in columns under a heading.
std::string parameters_as_text(const std::vector<ParameterInfo>& parameters);

/// A JSON array with one object a parameter: key, type, default, unit, range, description, source.
std::string parameters_as_json(const std::vector<ParameterInfo>& parameters);

/// The page docs/parameters/MODEL.md.
std::string parameters_as_markdown(const std::string& model, const std::string& summary,
                                   const std::vector<ParameterInfo>& parameters);

}  // namespace rebasis::arch
