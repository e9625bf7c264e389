#include <algorithm>

#include "common/text/suggest.h"
#include "reproduce/target.h"

namespace rebasis::reproduce {
namespace {

std::vector<Target>& registry() {
  static std::vector<Target> all;
  return all;
}

}  // namespace

std::string to_string(Origin origin) {
  switch (origin) {
    case Origin::none:
      return "-";
    case Origin::formula:
      return "formula";
    case Origin::synthetic:
      return "synthetic";
    case Origin::trained:
      return "trained";
    case Origin::measured:
      return "trained, measured before";
  }
  return "-";
}

std::string to_string(Holds holds) {
  switch (holds) {
    case Holds::yes:
      return "yes";
    case Holds::partly:
      return "partly";
    case Holds::no:
      return "no";
    case Holds::open:
      return "not tested";
  }
  return "not tested";
}

std::optional<double> Row::ratio() const {
  if (!ours || !published || *published == 0) return std::nullopt;
  return *ours / *published;
}

TargetRegistration::TargetRegistration(Target target) { registry().push_back(std::move(target)); }

std::vector<Target> targets() {
  std::vector<Target> all = registry();
  std::ranges::sort(all, {}, [](const Target& target) { return std::pair(target.order, target.name); });
  return all;
}

std::vector<Target> chosen_targets(const std::vector<std::string>& words) {
  std::vector<Target> all = targets();
  if (words.empty()) return all;
  std::vector<std::string> names;
  for (const Target& target : all) names.push_back(target.name);
  const auto meant = [](const std::string& word, const std::string& name) {
    return name == word || name.starts_with(word + "-");
  };
  for (const std::string& word : words) {
    if (std::ranges::none_of(names, [&](const std::string& name) { return meant(word, name); }))
      fail_unknown_name({}, "target", word, names);
  }
  std::erase_if(all, [&](const Target& target) {
    return std::ranges::none_of(words, [&](const std::string& word) { return meant(word, target.name); });
  });
  return all;
}

Outcome reproduce(const Target& target, Lab& lab) {
  const Table published = published_table(target.name);
  Outcome outcome;
  outcome.name = target.name;
  outcome.title = published.title;
  outcome.source = published.source;
  outcome.reading = published.reading;
  target.compute(published, lab, outcome);
  return outcome;
}

}  // namespace rebasis::reproduce
