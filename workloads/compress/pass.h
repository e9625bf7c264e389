// A pass changes or encodes the layers of a model. A recipe chains passes. A new pass is one folder under passes/ with
// one Registration; nothing else changes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/config.h"
#include "arch/parameter.h"
#include "arch/registry.h"
#include "workloads/compress/model.h"
#include "workloads/compress/smartdeal/evolution.h"

namespace rebasis::compress {

/// Which layers an entry of a pass's `layers` list means: all conditions that are given must hold.
struct LayerSelector {
  std::string match;                ///< name pattern with * and ?; "" is any
  std::string op;                   ///< conv or fc; "" is any
  std::vector<std::int64_t> shape;  ///< M, C/groups, R, S; empty is any. Means one layer: the first one left
  bool optional = false;            ///< true: it is no error when no layer matches
};

/// One entry of `layers`: options that differ from the pass's own for the selected layers.
struct LayerRule {
  LayerSelector selector;
  arch::RawConfig overrides;
  SourceLocation where;
};

/// A pass as the recipe gives it.
struct PassConfig {
  arch::RawConfig options;
  std::vector<LayerRule> rules;
  SourceLocation where;
};

/// What a pass reports to while it works.
struct PassContext {
  /// Called with 0..1 of the pass's work done, from any thread; may be empty.
  std::function<void(double, std::string_view)> progress;
  /// Not null: decompositions add their evolution here.
  std::vector<smartdeal::Evolution>* evolution = nullptr;
};

/// What a pass does to layers.
enum class Role {
  prunes,     ///< weights become zero
  annotates,  ///< how layers are computed, not their weights
  encodes     ///< layers get the form in which the trace holds them; they are done then
};

class Pass {
 public:
  static constexpr const char* kind = "pass";
  virtual ~Pass() = default;
  [[nodiscard]] virtual Role role() const { return Role::encodes; }
  /// Before any work: throws Error(bad_input) with file and line when the pass makes no sense for this model.
  virtual void check(const Model&) const {}
  /// The layers that an encoding pass encodes unless an earlier one has, a flag each; empty when only the work tells.
  [[nodiscard]] virtual std::vector<bool> encodes(const Model&) const { return {}; }
  virtual void apply(Model& model, const PassContext& context) const = 0;
};

using PassRegistry = arch::Registry<Pass, const PassConfig&>;
using PassRegistration = arch::Registration<Pass, const PassConfig&>;

/// The rule of each layer (index into `rules`), or nothing: the first rule that selects it. Throws Error(bad_input) at
/// a rule's line when it selects no layer.
[[nodiscard]] std::vector<std::optional<std::size_t>> assign_rules(const Model& model,
                                                                   const std::vector<LayerRule>& rules);

/// Refuses entries of `layers` that set one of `keys`, which hold for the whole pass.
void refuse_in_rules(const PassConfig& config, const std::vector<std::string>& keys);

/// Options of a pass for each layer. Everything is validated when the recipe is read.
template <class Options>
class LayerOptions {
 public:
  using Resolve = std::function<Options(const arch::RawConfig&)>;
  LayerOptions(const PassConfig& config, const Resolve& resolve)
      : rules_(config.rules), base_(resolve(config.options)) {
    for (const LayerRule& rule : rules_) {
      arch::RawConfig merged = config.options;
      merged.override_with(rule.overrides);
      resolved_.push_back(resolve(merged));
    }
  }
  /// One entry a layer of the model.
  [[nodiscard]] std::vector<Options> of(const Model& model) const {
    std::vector<Options> options;
    for (const auto& rule : assign_rules(model, rules_)) options.push_back(rule ? resolved_[*rule] : base_);
    return options;
  }

 private:
  std::vector<LayerRule> rules_;
  Options base_;
  std::vector<Options> resolved_;
};

}  // namespace rebasis::compress
