#include "workloads/compress/prune/prune_groups.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "workloads/compress/finite_weights.h"

namespace rebasis::compress {
namespace {

/// L2 norm of each group, with Ranking::network over the root of its number of weights.
std::vector<double> norms_of(const Layer& layer, const WeightGroups& groups, bool per_weight) {
  require_finite(layer);
  std::vector<double> norms(groups.count, 0.0), sizes(groups.count, 0.0);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const auto weight = static_cast<double>(layer.weights[i]);
    norms[groups.group_of[i]] += weight * weight;
    sizes[groups.group_of[i]] += 1;
  }
  for (std::size_t g = 0; g < norms.size(); ++g) norms[g] = std::sqrt(per_weight ? norms[g] / sizes[g] : norms[g]);
  return norms;
}

/// Group numbers in ascending order of score; equal ones in the order of the number.
std::vector<std::uint32_t> ascending(const std::vector<double>& scores) {
  std::vector<std::uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; });
  return order;
}

void relate_to_larger_ones(std::vector<double>& norms) {
  const std::vector<std::uint32_t> order = ascending(norms);
  double remaining = 0;  // squares of this norm and all larger ones
  for (auto group = order.rbegin(); group != order.rend(); ++group) {
    double& norm = norms[*group];
    remaining += norm * norm;
    norm = remaining == 0 ? 0 : norm * norm / remaining;
  }
}

void relate_to_mean(std::vector<double>& norms) {
  const double sum = std::accumulate(norms.begin(), norms.end(), 0.0);
  if (sum == 0) return;
  for (double& norm : norms) norm *= static_cast<double>(norms.size()) / sum;
}

std::vector<double> scores_of(const Layer& layer, const WeightGroups& groups, Ranking ranking) {
  std::vector<double> scores = norms_of(layer, groups, ranking == Ranking::network);
  if (ranking == Ranking::adaptive) relate_to_larger_ones(scores);
  if (ranking == Ranking::relative) relate_to_mean(scores);
  return scores;
}

/// A group among those of all layers.
struct Candidate {
  double score;
  std::uint32_t target, group;
  bool operator<(const Candidate& other) const {
    return std::tie(score, target, group) < std::tie(other.score, other.target, other.group);
  }
};

using Flags = std::vector<std::vector<std::uint8_t>>;

void choose(std::vector<Candidate>& candidates, std::size_t count, Flags& zeroed) {
  count = std::min(count, candidates.size());
  const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(count);
  if (end != candidates.end()) std::nth_element(candidates.begin(), end, candidates.end());
  std::for_each(candidates.begin(), end, [&](const Candidate& weakest) { zeroed[weakest.target][weakest.group] = 1; });
}

}  // namespace

Ranking ranking_of(const std::string& scope) {
  return scope == "network" ? Ranking::network : scope == "adaptive" ? Ranking::adaptive : Ranking::layer;
}

std::size_t rounded_down(double groups) {
  constexpr double rounding_slack = 1e-6;  // 0.29 * 100 is less than 29 in binary
  return static_cast<std::size_t>(std::floor(groups + rounding_slack));
}

Flags prune_smallest(Model& model, const std::vector<PruneTarget>& targets, Ranking ranking) {
  Flags zeroed;
  std::vector<Candidate> candidates;
  double wanted = 0;
  for (std::uint32_t t = 0; t < targets.size(); ++t) {
    const PruneTarget& target = targets[t];
    const std::vector<double> scores = scores_of(model.layers[target.layer], target.groups, ranking);
    zeroed.emplace_back(target.groups.count, std::uint8_t{0});
    for (std::uint32_t g = 0; g < scores.size(); ++g) candidates.push_back({scores[g], t, g});
    wanted += target.wanted;
    if (ranking != Ranking::layer) continue;
    choose(candidates, rounded_down(target.wanted), zeroed);
    candidates.clear();
    wanted = 0;
  }
  choose(candidates, rounded_down(wanted), zeroed);
  for (std::size_t t = 0; t < targets.size(); ++t) {
    Layer& layer = model.layers[targets[t].layer];
    layer.pruned = true;
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
      if (zeroed[t][targets[t].groups.group_of[i]] != 0) layer.weights[i] = 0.0F;
    }
  }
  return zeroed;
}

namespace {

/// Zeroes the weights that read `channel` of the layer's input, in every filter of its group.
void zero_input_channel(Layer& layer, std::size_t channel) {
  const auto group_channels = static_cast<std::size_t>(layer.shape.channels_per_group());
  const auto group_filters = static_cast<std::size_t>(layer.shape.filters_per_group());
  const auto kernel = static_cast<std::size_t>(layer.shape.R * layer.shape.S);
  const std::size_t group = channel / group_channels;
  for (std::size_t m = group * group_filters; m < (group + 1) * group_filters; ++m) {
    const std::size_t first = (m * group_channels + channel % group_channels) * kernel;
    std::fill_n(layer.weights.begin() + static_cast<std::ptrdiff_t>(first), kernel, 0.0F);
  }
  layer.pruned = true;
}

}  // namespace

void remove_output_channel(Model& model, std::size_t layer, std::size_t channel) {
  Layer& own = model.layers[layer];
  const std::size_t filter = own.weights.size() / static_cast<std::size_t>(own.shape.M);
  std::fill_n(own.weights.begin() + static_cast<std::ptrdiff_t>(channel * filter), filter, 0.0F);
  if (!own.bias.empty()) own.bias[channel] = 0.0F;
  own.pruned = true;
  for (const Consumer& consumer : own.consumers) {
    const auto block = static_cast<std::size_t>(consumer.block);
    for (std::size_t k = 0; k < block; ++k) zero_input_channel(model.layers[consumer.layer], channel * block + k);
  }
}

}  // namespace rebasis::compress
