// The YAML of a recipe as data: keys are known, pass options are not yet resolved.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "workloads/compress/recipe.h"

namespace rebasis::compress {

struct ParsedRecipe {
  std::string name, description;
  ActivationRecipe activations;
  CorrectionRecipe correction;
  std::vector<std::pair<std::string, PassConfig>> passes;  ///< pass name, its configuration
};

/// Throws Error(bad_input) with file and line on unknown keys, wrong types and a recipe without passes.
[[nodiscard]] ParsedRecipe parse_recipe(const std::string& text, const std::string& file);

}  // namespace rebasis::compress
