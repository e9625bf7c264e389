#include "workloads/compress/pass.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/text/suggest.h"

namespace rebasis::compress {
namespace {

/// Shell-like pattern: * is any text, ? any character.
bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool selects(const LayerSelector& selector, const Layer& layer) {
  const LayerShape& s = layer.shape;
  if (!selector.match.empty() && !matches_pattern(selector.match, layer.name)) return false;
  if (!selector.op.empty() && selector.op != layer.op) return false;
  return selector.shape.empty() || selector.shape == std::vector<std::int64_t>{s.M, s.channels_per_group(), s.R, s.S};
}

std::string describe(const LayerSelector& selector) {
  std::string text;
  if (!selector.shape.empty()) text += fmt::format(" of shape {}", fmt::join(selector.shape, "x"));
  if (!selector.op.empty()) text += " with op " + in_quotes(selector.op);
  if (!selector.match.empty()) text += " that matches " + in_quotes(selector.match);
  return text;
}

}  // namespace

std::vector<std::optional<std::size_t>> assign_rules(const Model& model, const std::vector<LayerRule>& rules) {
  std::vector<std::optional<std::size_t>> assigned(model.layers.size());
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const LayerSelector& selector = rules[r].selector;
    bool found = false;
    for (std::size_t i = 0; i < model.layers.size() && !(found && !selector.shape.empty()); ++i) {
      if (assigned[i] || !selects(selector, model.layers[i])) continue;
      assigned[i] = r;
      found = true;
    }
    if (!found && !selector.optional) {
      fail_input(rules[r].where,
                 fmt::format("network {} has no layer{}{}; take a recipe that was written for this network, or mark "
                             "the entry 'optional: true'",
                             in_quotes(model.name), selector.shape.empty() ? "" : " left", describe(selector)));
    }
  }
  return assigned;
}

void refuse_in_rules(const PassConfig& config, const std::vector<std::string>& keys) {
  for (const LayerRule& rule : config.rules) {
    for (const std::string& key : keys) {
      if (const arch::ConfigEntry* entry = rule.overrides.find(key); entry != nullptr)
        fail_input(entry->where, key + " is the pass's own, not a layer's; give it to the pass");
    }
  }
}

}  // namespace rebasis::compress
