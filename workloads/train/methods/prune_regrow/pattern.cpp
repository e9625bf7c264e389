#include "workloads/train/methods/prune_regrow/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

namespace rebasis::train {

namespace {

constexpr std::int64_t largest_group = 1024;
constexpr double percent = 100;

template <class Number>
std::optional<Number> number(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<SparsityPattern> groups(const std::string& zeros_text, const std::string& group_text) {
  const auto zeros = number<std::int64_t>(zeros_text), group = number<std::int64_t>(group_text);
  if (!zeros || !group || *zeros < 1 || *group <= *zeros || *group > largest_group) return std::nullopt;
  return SparsityPattern{static_cast<double>(*zeros) / static_cast<double>(*group), *zeros, *group};
}

std::optional<SparsityPattern> share(std::string text) {
  const bool in_percent = text.ends_with('%');
  if (in_percent) text.pop_back();
  const auto value = number<double>(text);
  if (!value) return std::nullopt;
  const double sparsity = in_percent ? *value / percent : *value;
  if (!(sparsity >= 0 && sparsity < 1)) return std::nullopt;
  return SparsityPattern{sparsity, 0, 0};
}

}  // namespace

std::string SparsityPattern::name() const {
  return grouped() ? fmt::format("nm{}-{}", zeros, group) : fmt::format("s{:g}", sparsity * percent);
}

SparsityPattern parse_pattern(const std::string& text, const SourceLocation& where) {
  std::string bare = text;
  std::erase_if(bare, [](char letter) { return letter == ' ' || letter == '"' || letter == '\''; });
  const std::size_t colon = bare.find(':');
  const auto pattern = colon == std::string::npos ? share(bare) : groups(bare.substr(0, colon), bare.substr(colon + 1));
  if (!pattern) {
    fail_input(where,
               "'" + text + "' is no sparsity; write a share below 100% such as 90%, or zeros:group such as 2:4");
  }
  return *pattern;
}

std::vector<SparsityPattern> parse_patterns(const std::string& text, const SourceLocation& where) {
  std::string items = text;
  std::erase_if(items, [](char letter) { return letter == '[' || letter == ']'; });
  std::vector<SparsityPattern> patterns;
  std::istringstream list(items);
  for (std::string item; std::getline(list, item, ',');) {
    const SparsityPattern pattern = parse_pattern(item, where);
    const bool known = std::any_of(patterns.begin(), patterns.end(),
                                   [&](const SparsityPattern& other) { return other.name() == pattern.name(); });
    if (known) fail_input(where, "two sub-nets have the sparsity " + item + "; name each once");
    patterns.push_back(pattern);
  }
  if (patterns.empty()) fail_input(where, "there is no sub-net; write a list such as [70%, 90%, 95%]");
  return patterns;
}

}  // namespace rebasis::train
