#include "workloads/train/methods/prune_regrow/topology.h"

#include <algorithm>
#include <cmath>

namespace rebasis::train {

namespace {

/// Flags of the `count` largest of the units that `among` allows, or of all of these when they are fewer. Ties: the
/// earlier.
at::Tensor largest(const at::Tensor& values, const at::Tensor& among, std::int64_t count) {
  const std::int64_t allowed = std::min(count, among.sum().item<std::int64_t>());
  const at::Tensor order = at::argsort(values.masked_fill(among.logical_not(), -1).neg(), /*stable=*/true);
  at::Tensor flags = at::zeros_like(among);
  flags.index_fill_(0, order.narrow(0, 0, allowed), true);
  return flags;
}

/// [M][C][R][S] as rows of `group` channels.
at::Tensor rows_of(const at::Tensor& filters, std::int64_t group) {
  return filters.permute({0, 2, 3, 1}).reshape({-1, group});
}

at::Tensor filters_of(const at::Tensor& rows, const at::Tensor& like) {
  return rows.reshape({like.size(0), like.size(2), like.size(3), like.size(1)}).permute({0, 3, 1, 2});
}

/// Of each row the `kept` largest of those that `among` allows; [rows][group].
at::Tensor largest_of_rows(const at::Tensor& rows, const at::Tensor& among, std::int64_t kept) {
  const at::Tensor order = at::argsort(rows.masked_fill(among.logical_not(), -1).neg(), /*stable=*/true, 1, false);
  return at::zeros_like(among).scatter(1, order.narrow(1, 0, kept), true).logical_and(among);
}

std::int64_t share_of(std::int64_t units, double share) {
  constexpr double rounding = 1e-9;
  return static_cast<std::int64_t>(std::floor(share * static_cast<double>(units) + rounding));
}

/// The layers' units behind one another, and back.
struct Units {
  std::vector<at::Tensor> parts;  ///< [units of a layer]
  [[nodiscard]] at::Tensor all() const { return at::cat(parts); }
};

/// Calls choose(layer tensors of units) once for all layers or once for each, and returns the flags of each layer.
template <class Choose>
std::vector<at::Tensor> choose_units(const std::vector<Units>& inputs, bool global, const Choose& choose) {
  std::vector<at::Tensor> flags;
  const std::size_t layers = inputs.front().parts.size();
  if (!global) {
    for (std::size_t i = 0; i < layers; ++i) {
      std::vector<at::Tensor> layer;
      for (const Units& units : inputs) layer.push_back(units.parts[i]);
      flags.push_back(choose(layer));
    }
    return flags;
  }
  std::vector<at::Tensor> whole;
  for (const Units& units : inputs) whole.push_back(units.all());
  const at::Tensor chosen = choose(whole);
  std::int64_t first = 0;
  for (const at::Tensor& part : inputs.front().parts) {
    flags.push_back(chosen.narrow(0, first, part.numel()));
    first += part.numel();
  }
  return flags;
}

/// The layers that the pattern fits.
std::vector<std::size_t> fitting(const SparsityPattern& pattern, const LayerTensors& layers) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (fits(pattern, layers[i])) chosen.push_back(i);
  }
  return chosen;
}

void regrow_groups(const LayerTensors& masks, const SparsityPattern& pattern, const LayerTensors& magnitudes,
                   const LayerTensors& gradients, const TopologyUpdate& update) {
  const std::vector<std::size_t> layers = fitting(pattern, masks);
  if (layers.empty()) return;
  Units dense, strength, gradient;
  for (const std::size_t i : layers) {
    dense.parts.push_back(rows_of(masks[i], pattern.group).all(1));
    strength.parts.push_back(rows_of(magnitudes[i], pattern.group).sum(1));
    gradient.parts.push_back(rows_of(gradients[i], pattern.group).sum(1));
  }
  const auto flags = choose_units({dense, strength, gradient}, update.global, [&](const std::vector<at::Tensor>& u) {
    return exchange(u[0], u[1], u[2], share_of(u[0].numel(), update.level), update.regrow);
  });
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const at::Tensor& mask = masks[layers[k]];
    const at::Tensor old = rows_of(mask, pattern.group), all = at::ones_like(old);
    const at::Tensor fresh =
        largest_of_rows(rows_of(magnitudes[layers[k]], pattern.group), all, pattern.group - pattern.zeros);
    const at::Tensor sparse = at::where(dense.parts[k].unsqueeze(1), fresh, old);  // sparse ones keep their pattern
    mask.copy_(filters_of(at::where(flags[k].unsqueeze(1), all, sparse), mask));
  }
}

void prune_groups_inside(const LayerTensors& masks, const LayerTensors& parent, const SparsityPattern& pattern,
                         const LayerTensors& magnitudes, const TopologyUpdate& update) {
  for (std::size_t i = 0; i < masks.size(); ++i) masks[i].copy_(parent[i]);
  const std::vector<std::size_t> layers = fitting(pattern, masks);
  if (layers.empty()) return;
  Units strength;
  for (const std::size_t i : layers) strength.parts.push_back(rows_of(magnitudes[i] * parent[i], pattern.group).sum(1));
  const auto flags = choose_units({strength}, update.global, [&](const std::vector<at::Tensor>& u) {
    const std::int64_t units = u[0].numel();
    return largest(u[0], at::ones_like(u[0], at::kBool), units - share_of(units, update.level));
  });
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const std::size_t i = layers[k];
    const at::Tensor allowed = rows_of(parent[i], pattern.group);
    const at::Tensor sparse =
        largest_of_rows(rows_of(magnitudes[i], pattern.group), allowed, pattern.group - pattern.zeros);
    masks[i].copy_(filters_of(at::where(flags[k].unsqueeze(1), allowed, sparse), masks[i]));
  }
}

Units flat(const LayerTensors& layers) {
  Units units;
  for (const at::Tensor& layer : layers) units.parts.push_back(layer.reshape(-1));
  return units;
}

void put(const std::vector<at::Tensor>& flags, const LayerTensors& masks) {
  for (std::size_t i = 0; i < masks.size(); ++i) masks[i].copy_(flags[i].view(masks[i].sizes()));
}

}  // namespace

bool fits(const SparsityPattern& pattern, const at::Tensor& filters) {
  return !pattern.grouped() || filters.size(1) % pattern.group == 0;
}

at::Tensor exchange(const at::Tensor& active, const at::Tensor& strength, const at::Tensor& gradient,
                    std::int64_t pruned, double regrow) {
  const std::int64_t remaining = active.numel() - pruned;
  const at::Tensor kept = largest(strength, active, remaining - share_of(remaining, regrow));
  const std::int64_t grown = remaining - kept.sum().item<std::int64_t>();
  return kept.logical_or(largest(gradient, kept.logical_not(), grown));
}

void prune_and_regrow(const LayerTensors& masks, const SparsityPattern& pattern, const LayerTensors& magnitudes,
                      const LayerTensors& gradients, const TopologyUpdate& update) {
  if (masks.empty()) return;
  if (pattern.grouped()) return regrow_groups(masks, pattern, magnitudes, gradients, update);
  put(choose_units({flat(masks), flat(magnitudes), flat(gradients)}, update.global,
                   [&](const std::vector<at::Tensor>& u) {
                     return exchange(u[0], u[1], u[2], share_of(u[0].numel(), update.level), update.regrow);
                   }),
      masks);
}

void prune_inside(const LayerTensors& masks, const LayerTensors& parent, const SparsityPattern& pattern,
                  const LayerTensors& magnitudes, const TopologyUpdate& update) {
  if (masks.empty()) return;
  if (pattern.grouped()) return prune_groups_inside(masks, parent, pattern, magnitudes, update);
  put(choose_units({flat(parent), flat(magnitudes)}, update.global,
                   [&](const std::vector<at::Tensor>& u) {
                     return largest(u[1], u[0], u[0].numel() - share_of(u[0].numel(), update.level));
                   }),
      masks);
}

}  // namespace rebasis::train
