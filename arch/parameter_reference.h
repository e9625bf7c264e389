// The parameters of every accelerator model, by the model's name: what `rebasis list parameters` and the pages in
// docs/parameters are made of. A model registers its declarations here and its behaviour in sim/.
#pragma once

#include <vector>

#include "arch/design_facts.h"
#include "arch/parameter_value.h"
#include "arch/registry.h"

namespace rebasis::arch {

class ParameterReference {
 public:
  static constexpr const char* kind = "accelerator model";
  virtual ~ParameterReference() = default;
  /// In the order of declaration.
  [[nodiscard]] virtual std::vector<ParameterInfo> parameters() const = 0;
  /// Of the design that `config` describes. Throws as ParameterSet::resolve does, and
  /// Error(infeasible) for what its device cannot hold. Takes microseconds.
  [[nodiscard]] virtual DesignFacts facts(const RawConfig& config) const = 0;
};

/// Makes a model's parameters and facts known: `const RegisterParameters registration("smartdeal", "one line",
/// smartdeal_parameters, [](const SmartDealSpec& spec) { return DesignFacts{...}; });`
class RegisterParameters {
 public:
  template <class Set, class Facts>
  RegisterParameters(const std::string& model, const std::string& summary, Set set, Facts facts) {
    Registry<ParameterReference>::global().add(
        model, summary, [set, facts] { return std::make_unique<Declared<Set, Facts>>(set, facts); });
  }

 private:
  template <class Set, class Facts>
  class Declared : public ParameterReference {
   public:
    Declared(Set parameter_set, Facts facts_of) : set_(parameter_set), facts_(facts_of) {}
    [[nodiscard]] std::vector<ParameterInfo> parameters() const override { return set_().describe(); }
    [[nodiscard]] DesignFacts facts(const RawConfig& config) const override { return facts_(set_().resolve(config)); }

   private:
    Set set_;
    Facts facts_;
  };
};

}  // namespace rebasis::arch
