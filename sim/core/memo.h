// Results of layers that were simulated before: equal content, equal counters. docs/studies.md, "Memoised layers".
#pragma once

#include <optional>
#include <string>

#include "sim/core/counters.h"

namespace rebasis::sim {

/// What keeps counters between simulations. A key is the SHA-256 of all that decides the counters of one image of one
/// layer: see AcceleratorModel::memo_key.
class LayerMemo {
 public:
  virtual ~LayerMemo() = default;
  [[nodiscard]] virtual std::optional<Counters> find(const std::string& key, const CounterNames& names) = 0;
  virtual void keep(const std::string& key, const Counters& counters) = 0;
};

}  // namespace rebasis::sim
