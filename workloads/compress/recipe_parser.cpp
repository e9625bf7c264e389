#include "workloads/compress/recipe_parser.h"

#include <algorithm>
#include <charconv>

#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::compress {
namespace {

std::string scalar(const YAML::Node& node, const std::string& key, const std::string& file) {
  if (!node.IsScalar()) fail_input(location_of(node, file), key + " needs a single value");
  return node.Scalar();
}

[[noreturn]] void unknown_key(const YAML::Node& key, const std::string& file, const std::string& owner,
                              const std::vector<std::string>& known) {
  fail_input(location_of(key, file), "unknown key " + in_quotes(key.Scalar()) + " in " + owner +
                                         did_you_mean(key.Scalar(), known) + "; known: " + joined(known));
}

/// "64x3x7x7" -> {64, 3, 7, 7}.
std::vector<std::int64_t> parse_shape(const YAML::Node& node, const std::string& file) {
  const std::string text = scalar(node, "shape", file);
  std::vector<std::int64_t> shape;
  const char* position = text.data();
  const char* const end = position + text.size();
  while (position < end) {
    std::int64_t extent = 0;
    const auto [next, error] = std::from_chars(position, end, extent);
    if (error != std::errc{} || extent < 1 || (next != end && *next != 'x')) break;
    shape.push_back(extent);
    position = next == end ? next : next + 1;
    if (next != end && position == end) shape.clear();  // a trailing x
  }
  if (shape.size() != 4 || position != end) {
    fail_input(location_of(node, file),
               "shape is " + in_quotes(text) + "; write filters x channels x rows x columns, for example 64x3x7x7");
  }
  return shape;
}

LayerRule parse_rule(const YAML::Node& node, const std::string& file) {
  if (!node.IsMap())
    fail_input(location_of(node, file), "an entry of layers is not a map; write {match: conv1, KEY: VALUE}");
  LayerRule rule;
  rule.where = location_of(node, file);
  YAML::Node rest(YAML::NodeType::Map);
  for (const auto& pair : node) {
    const std::string key = pair.first.Scalar();
    if (key == "match") {
      rule.selector.match = scalar(pair.second, key, file);
    } else if (key == "op") {
      rule.selector.op = scalar(pair.second, key, file);
      if (rule.selector.op != "conv" && rule.selector.op != "fc") {
        fail_input(location_of(pair.second, file), "op is " + in_quotes(rule.selector.op) + "; write conv or fc");
      }
    } else if (key == "shape") {
      rule.selector.shape = parse_shape(pair.second, file);
    } else if (key == "optional") {
      const std::string text = scalar(pair.second, key, file);
      if (text != "true" && text != "false")
        fail_input(location_of(pair.second, file), "optional is " + in_quotes(text) + "; write true or false");
      rule.selector.optional = text == "true";
    } else if (key == "layer") {
      scalar(pair.second, key, file);  // a label for the reader
    } else {
      rest.force_insert(pair.first, pair.second);
    }
  }
  if (rule.selector.match.empty() && rule.selector.op.empty() && rule.selector.shape.empty()) {
    fail_input(rule.where, "an entry of layers selects nothing; give it match, op or shape");
  }
  rule.overrides = arch::RawConfig::from_map(rest, file);
  return rule;
}

PassConfig parse_options(const YAML::Node& options, const SourceLocation& where, const std::string& file) {
  PassConfig config;
  config.where = where;
  if (options.IsNull()) return config;
  if (!options.IsMap()) fail_input(where, "the options of a pass are not a map; write {KEY: VALUE} or leave them out");
  YAML::Node own(YAML::NodeType::Map);
  for (const auto& pair : options) {
    if (pair.first.Scalar() != "layers") {
      own.force_insert(pair.first, pair.second);
      continue;
    }
    if (!pair.second.IsSequence())
      fail_input(location_of(pair.first, file), "layers is not a list; write - {match: conv1, KEY: VALUE}");
    for (const auto& rule : pair.second) config.rules.push_back(parse_rule(rule, file));
  }
  config.options = arch::RawConfig::from_map(own, file);
  return config;
}

/// "- smartdeal" or "- smartdeal: {...}".
std::pair<std::string, PassConfig> parse_pass(const YAML::Node& node, const std::string& file) {
  const SourceLocation where = location_of(node, file);
  if (node.IsScalar()) return {node.Scalar(), parse_options(YAML::Node(), where, file)};
  if (!node.IsMap() || node.size() != 1)
    fail_input(where, "an entry of passes is not one pass; write - NAME: {KEY: VALUE}");
  return {node.begin()->first.Scalar(), parse_options(node.begin()->second, where, file)};
}

ActivationRecipe parse_activations(const YAML::Node& node, const std::string& file) {
  arch::ParameterSet<ActivationRecipe> set;
  set.integer("bits", &ActivationRecipe::bits, 8, 2, 16, "", "Bits of activations.", "paper, III; Yang, 2.4.4: 16");
  set.integer("unsigned_bits", &ActivationRecipe::unsigned_bits, 0, 0, 16, "",
              "Bits of activations that are never negative; 0: as bits.", "decision");
  set.require({"unsigned_bits", "bits"}, "unsigned_bits must be bits or one less", [](const ActivationRecipe& a) {
    return a.unsigned_bits == 0 || a.unsigned_bits == a.bits || a.unsigned_bits == a.bits - 1;
  });
  set.real("percentile", &ActivationRecipe::percentile, 100, 50, 100, "", "Percentile of |value| at the largest code.",
           "decision");
  if (!node.IsMap()) fail_input(location_of(node, file), "activations is not a map; write {unsigned_bits: 8}");
  return set.resolve(arch::RawConfig::from_map(node, file));
}

CorrectionRecipe parse_correction(const YAML::Node& node, const std::string& file) {
  arch::ParameterSet<CorrectionRecipe> set;
  set.choice("match", &CorrectionRecipe::match, "none", {"none", "mean", "mean-variance"},
             "What of each output channel is brought back to that of the original network.", "decision");
  set.integer("images", &CorrectionRecipe::images, 256, 1, 1'000'000, "", "Images that it is measured on.", "decision");
  if (!node.IsMap()) fail_input(location_of(node, file), "correction is not a map; write {match: mean}");
  return set.resolve(arch::RawConfig::from_map(node, file));
}

}  // namespace

ParsedRecipe parse_recipe(const std::string& text, const std::string& file) {
  const YAML::Node root = parse_yaml(text, file);
  if (!root.IsMap()) fail_input({file, 1}, "a recipe is a map; write passes: and under it one pass a line");
  ParsedRecipe recipe;
  for (const auto& pair : root) {
    const std::string key = pair.first.Scalar();
    if (key == "name") {
      recipe.name = scalar(pair.second, key, file);
    } else if (key == "description") {
      recipe.description = scalar(pair.second, key, file);
    } else if (key == "activations") {
      recipe.activations = parse_activations(pair.second, file);
    } else if (key == "correction") {
      recipe.correction = parse_correction(pair.second, file);
    } else if (key == "passes") {
      if (!pair.second.IsSequence())
        fail_input(location_of(pair.first, file), "passes is not a list; write - NAME: {KEY: VALUE}");
      for (const auto& pass : pair.second) recipe.passes.push_back(parse_pass(pass, file));
    } else {
      unknown_key(pair.first, file, "the recipe", {"name", "description", "activations", "correction", "passes"});
    }
  }
  if (recipe.passes.empty()) fail_input({file, 1}, "the recipe has no passes; add for example passes: [int8]");
  return recipe;
}

}  // namespace rebasis::compress
