// Passes that prune, against definitions written as plain loops: which weights may be zero together, how many groups
// go, and that no group that stays is smaller than one that went.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <tuple>

#include "../../support/dice.h"
#include "workloads/compress/prune/prune_groups.h"
#include "workloads/compress/recipe.h"

using namespace rebasis;
using namespace rebasis::compress;

namespace {

using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

Layer random_layer(test::Dice& dice, const std::string& name) {
  Layer layer;
  layer.name = name;
  layer.op = "conv";
  LayerShape& s = layer.shape;
  s.groups = dice.chance(0.3) ? dice.between(1, 3) : 1;
  s.M = s.groups * dice.between(1, 9);
  s.C = s.groups * dice.between(1, 9);
  s.R = s.S = dice.pick<std::int64_t>({1, 1, 3, 5});
  if (dice.chance(0.2)) s.S = 2;
  s.H = s.W = 8;
  std::mt19937 generator(static_cast<unsigned>(dice.between(1, 1 << 30)));
  std::normal_distribution<float> normal(0.0F, 0.1F);
  layer.weights.resize(static_cast<std::size_t>(s.weights()));
  for (float& weight : layer.weights) weight = normal(generator);
  layer.bias.assign(static_cast<std::size_t>(s.M), 1.0F);
  return layer;
}

/// Three layers; the last one gives the result.
Model random_model(test::Dice& dice) {
  Model model;
  model.name = "random";
  for (const char* name : {"a", "b", "c"}) model.layers.push_back(random_layer(dice, name));
  return model;
}

/// Calls `visit(key, i)` for each weight with the key of its group as the page of recipes defines it.
template <class Visit>
void for_each_weight(const LayerShape& s, const std::string& pattern, std::int64_t first, std::int64_t second,
                     const Visit& visit) {
  std::size_t i = 0;
  const std::int64_t channels = s.C / s.groups, filters = s.M / s.groups;
  for (std::int64_t m = 0; m < s.M; ++m) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t r = 0; r < s.R; ++r) {
        for (std::int64_t x = 0; x < s.S; ++x, ++i) {
          const std::int64_t g = m / filters;
          Key key{m, c, r, x};
          if (pattern == "vector") key = {g, m % filters / first, s.R * s.S == 1 ? c / second : c, r};
          if (pattern == "kernel") key = {m, c, 0, 0};
          if (pattern == "channel") key = {g * channels + c, 0, 0, 0};
          if (pattern == "filter") key = {m, 0, 0, 0};
          if (pattern == "block") key = {m / first, ((c * s.R + r) * s.S + x) / second, 0, 0};
          visit(key, i);
        }
      }
    }
  }
}

struct Group {
  double squares = 0, size = 0, left = 0;
};

std::map<Key, Group> groups_of(const Layer& before, const Layer& after, const std::string& pattern, std::int64_t first,
                               std::int64_t second) {
  std::map<Key, Group> groups;
  for_each_weight(before.shape, pattern, first, second, [&](const Key& key, std::size_t i) {
    Group& group = groups[key];
    group.squares += std::pow(static_cast<double>(before.weights[i]), 2);
    group.size += 1;
    group.left += after.weights[i] != 0.0F ? 1 : 0;
    REQUIRE((after.weights[i] == 0.0F || after.weights[i] == before.weights[i]));
  });
  return groups;
}

Model applied(Model model, const std::string& passes) {
  Recipe::parse("passes:\n" + passes, "r.yaml").apply(model);
  return model;
}

std::string number(std::int64_t value) { return std::to_string(value); }

}  // namespace

TEST_CASE("structured_prune zeroes whole groups, the share it was told, the smallest first") {
  test::Dice dice(11);
  for (int round = 0; round < 150; ++round) {
    const Model before = random_model(dice);
    const auto pattern = dice.pick<std::string>({"vector", "kernel", "channel", "filter", "block"});
    const std::int64_t first = dice.between(1, 5), second = dice.between(1, 7), percent = dice.between(0, 99);
    std::string keys = "pattern: " + pattern + ", ratio: 0." + (percent < 10 ? "0" : "") + number(percent);
    if (pattern == "vector") keys += ", group_filters: " + number(first) + ", reshape_columns: " + number(second);
    if (pattern == "block") keys += ", block_rows: " + number(first) + ", block_columns: " + number(second);
    CAPTURE(keys);
    const Model after =
        applied(before, "  - structured_prune: {" + keys + ", leave_first: false, leave_depthwise: false}\n");
    for (std::size_t l = 0; l < before.layers.size(); ++l) {
      const auto groups = groups_of(before.layers[l], after.layers[l], pattern, first, second);
      std::int64_t zero = 0;
      double largest_gone = 0, smallest_left = 1e30;
      for (const auto& [key, group] : groups) {
        REQUIRE((group.left == 0 || group.left == group.size));
        zero += group.left == 0 ? 1 : 0;
        double& extreme = group.left == 0 ? largest_gone : smallest_left;
        extreme = group.left == 0 ? std::max(extreme, group.squares) : std::min(extreme, group.squares);
      }
      const bool classes = pattern == "filter" && l + 1 == before.layers.size();
      REQUIRE(zero == (classes ? 0 : percent * static_cast<std::int64_t>(groups.size()) / 100));
      REQUIRE(largest_gone <= smallest_left);
    }
  }
}

TEST_CASE("over the network, groups of all layers compete by root mean square or by the layer-adaptive score") {
  test::Dice dice(12);
  for (int round = 0; round < 60; ++round) {
    const Model before = random_model(dice);
    const bool adaptive = dice.chance(0.5);
    const std::int64_t percent = dice.between(1, 80);
    const Model after = applied(before,
                                "  - structured_prune: {pattern: kernel, leave_first: false, leave_depthwise: "
                                "false, ratio: 0." +
                                    std::string(percent < 10 ? "0" : "") + number(percent) +
                                    (adaptive ? ", scope: adaptive}\n" : ", scope: network}\n"));
    std::int64_t zero = 0, all = 0;
    double largest_gone = 0, smallest_left = 1e30;
    for (std::size_t l = 0; l < before.layers.size(); ++l) {
      const auto groups = groups_of(before.layers[l], after.layers[l], "kernel", 1, 1);
      for (const auto& [key, group] : groups) {
        double score = std::sqrt(group.squares / group.size);
        if (adaptive) {
          double not_smaller = 0;
          for (const auto& [other_key, other] : groups)
            not_smaller += other.squares >= group.squares ? other.squares : 0;
          score = group.squares / not_smaller;
        }
        all += 1;
        zero += group.left == 0 ? 1 : 0;
        double& extreme = group.left == 0 ? largest_gone : smallest_left;
        extreme = group.left == 0 ? std::max(extreme, score) : std::min(extreme, score);
      }
    }
    REQUIRE(zero == percent * all / 100);
    REQUIRE(largest_gone <= smallest_left * (1 + 1e-9));
  }
}

TEST_CASE("a pruned filter takes its bias and the channel of its readers along") {
  test::Dice dice(13);
  Model before = random_model(dice);
  before.layers[0] = random_layer(dice, "a");
  before.layers[1] = random_layer(dice, "b");
  before.layers[0].shape = LayerShape{.M = 6, .C = 4, .R = 1, .S = 1};
  before.layers[1].shape = LayerShape{.M = 5, .C = 12};  // two values of each channel, flattened
  before.layers[0].weights.assign(24, 1.0F);
  before.layers[0].bias.assign(6, 1.0F);
  before.layers[1].weights.assign(60, 1.0F);
  for (const std::size_t i : {0, 1, 2, 3, 16, 17, 18, 19}) before.layers[0].weights[i] = 0.5F;  // filters 0 and 4
  before.layers[0].consumers = {{1, 2}};
  const Model after = applied(before,
                              "  - structured_prune: {pattern: filter, ratio: 0.34, leave_first: false, layers: "
                              "[{match: b, ratio: 0}]}\n");
  CHECK(after.layers[0].bias == std::vector<float>{0, 1, 1, 1, 0, 1});
  for (std::size_t i = 0; i < 60; ++i) {
    const std::size_t channel = i % 12 / 2;
    REQUIRE((after.layers[1].weights[i] == 0.0F) == (channel == 0 || channel == 4));
  }
  CHECK(after.layers[0].statistics.at("pruned_groups") == 2);
}

TEST_CASE("nm_prune: of every group of channels at most as many weights stay, and they are the largest") {
  test::Dice dice(14);
  for (int round = 0; round < 100; ++round) {
    Model before = random_model(dice);
    before.layers[0].first = true;
    const std::int64_t of = dice.between(2, 9), zeros = dice.between(1, of - 1);
    CAPTURE(of);
    CAPTURE(zeros);
    const Model after = applied(before, "  - nm_prune: {zeros: " + number(zeros) + ", of: " + number(of) + "}\n");
    CHECK(after.layers[0].weights == before.layers[0].weights);  // leave_first
    for (std::size_t l = 1; l < before.layers.size(); ++l) {
      const LayerShape& s = before.layers[l].shape;
      if (s.depthwise()) continue;
      const std::int64_t channels = s.C / s.groups;
      for (std::int64_t m = 0; m < s.M; ++m) {
        for (std::int64_t k = 0; k < s.R * s.S; ++k) {
          for (std::int64_t c = 0; c < channels; c += of) {
            std::vector<double> kept, gone;
            for (std::int64_t i = c; i < std::min(c + of, channels); ++i) {
              const auto at = static_cast<std::size_t>((m * channels + i) * s.R * s.S + k);
              const bool zero = after.layers[l].weights[at] == 0.0F;
              (zero ? gone : kept).push_back(std::abs(static_cast<double>(before.layers[l].weights[at])));
            }
            const auto size = static_cast<std::int64_t>(kept.size() + gone.size());
            REQUIRE(static_cast<std::int64_t>(kept.size()) == std::min(size, of - zeros));
            if (gone.empty() || kept.empty()) continue;
            REQUIRE(*std::max_element(gone.begin(), gone.end()) <= *std::min_element(kept.begin(), kept.end()));
          }
        }
      }
    }
  }
}

TEST_CASE("a share that is written in decimals counts exactly") {
  for (int hundredths = 0; hundredths <= 100; ++hundredths) {
    for (const int groups : {100, 200, 3700, 270000})
      CHECK(rounded_down(hundredths / 100.0 * groups) == static_cast<std::size_t>(hundredths * (groups / 100)));
  }
  CHECK(rounded_down(28.999) == 28);
}
