// Names from foreign files, made fit for tensor names of a trace.
#pragma once

#include <string>

namespace rebasis::graph {

/// Letters, digits, '_', '-', '.' and ':' of `name`; '/' becomes '.', other characters '_'; no leading '.'; at most 120
/// characters.
[[nodiscard]] std::string clean_name(const std::string& name);

}  // namespace rebasis::graph
