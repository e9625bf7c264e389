// Which ONNX operators run.
#pragma once

#include <string>
#include <vector>

namespace rebasis::run {

/// Names in alphabetical order after "Constant".
[[nodiscard]] std::vector<std::string> supported_operators();

}  // namespace rebasis::run
