// The parameters of every accelerator model, by the model's name: what `rebasis list parameters` and the pages in
// docs/parameters are made of. A model registers its declarations here and its behaviour in sim/.
#pragma once

#include <vector>

#include "arch/parameter_value.h"
#include "arch/registry.h"

namespace rebasis::arch {

class ParameterReference {
 public:
  static constexpr const char* kind = "accelerator model";
  virtual ~ParameterReference() = default;
  /// In the order of declaration.
  [[nodiscard]] virtual std::vector<ParameterInfo> parameters() const = 0;
};

/// Makes a model's parameters known: `const RegisterParameters registration("smartdeal", "one line", [] { return
/// smartdeal_parameters().describe(); });`
class RegisterParameters {
 public:
  using Describe = std::vector<ParameterInfo> (*)();
  RegisterParameters(const std::string& model, std::string summary, Describe describe) {
    Registry<ParameterReference>::global().add(model, std::move(summary),
                                               [describe] { return std::make_unique<Declared>(describe); });
  }

 private:
  class Declared : public ParameterReference {
   public:
    explicit Declared(Describe describe) : describe_(describe) {}
    [[nodiscard]] std::vector<ParameterInfo> parameters() const override { return describe_(); }

   private:
    Describe describe_;
  };
};

}  // namespace rebasis::arch
