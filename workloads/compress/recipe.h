// A recipe: a YAML file that chains passes and says how activations are quantised. docs/recipes.md is its reference.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "workloads/compress/model.h"
#include "workloads/compress/pass.h"

namespace rebasis::compress {

/// `activations:` of a recipe.
struct ActivationRecipe {
  std::int64_t bits = 8;           ///< 2 to 16
  std::int64_t unsigned_bits = 0;  ///< of values that are never negative: `bits`, one less (7: four radix-4 Booth
                                   ///< digits instead of five), or 0 for `bits`
  double percentile = 100;         ///< of |value| that the largest code stands for
  [[nodiscard]] int bits_of(bool is_signed) const {
    return static_cast<int>(is_signed || unsigned_bits == 0 ? bits : unsigned_bits);
  }
};

/// `correction:` of a recipe: what is done about the outputs of compressed layers without training.
struct CorrectionRecipe {
  std::string match = "none";  ///< none, mean or mean-variance
  std::int64_t images = 256;   ///< the first ones
};

class Recipe {
 public:
  /// `name_or_file`: the name of a shipped recipe, or a path (it has a slash or ends in .yaml). Every key is checked;
  /// what is wrong throws Error(bad_input) with file and line.
  static Recipe load(const std::string& name_or_file);
  /// The same for a text; `file` stands for it in messages.
  static Recipe parse(const std::string& text, const std::string& file);

  /// Before any work: throws Error(bad_input) with file and line when the recipe makes no sense for the network: an
  /// entry of `layers` that selects none, a pass that cannot work on it or that finds every layer encoded already.
  void check(const Model& model) const;

  /// Checks, then applies the passes in order, encodes what no pass encoded as int8, and measures every layer.
  void apply(Model& model, const PassContext& context = {}) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& description() const { return description_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const ActivationRecipe& activations() const { return activations_; }
  /// For networks; without inputs (synthetic.h) there is nothing to correct.
  [[nodiscard]] const CorrectionRecipe& correction() const { return correction_; }

 private:
  std::string name_, description_, text_;
  ActivationRecipe activations_;
  CorrectionRecipe correction_;
  struct Step {
    std::string name;
    PassConfig config;
    std::shared_ptr<const Pass> pass;
  };
  void refuse_order() const;
  static void refuse_encoded_layers(const Model& model, const Step& step, const std::vector<bool>& wanted,
                                    const std::vector<const Step*>& encoded_by);
  std::vector<Step> steps_;
};

/// Name and description of a shipped recipe.
struct RecipeSummary {
  std::string name, description, file;
};
/// The shipped recipes, by name.
[[nodiscard]] std::vector<RecipeSummary> shipped_recipes();

}  // namespace rebasis::compress
