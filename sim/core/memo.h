// Results of layers that were simulated before: equal content, equal counters. docs/studies.md, "Memoised layers".
#pragma once

#include <optional>
#include <string>

#include "sim/core/counters.h"
#include "workloads/trace/trace.h"

namespace rebasis::sim {

/// What keeps counters between simulations. A key names all that decides the counters of one image of one layer.
class LayerMemo {
 public:
  virtual ~LayerMemo() = default;
  /// Digest of the layer's tensors and description.
  [[nodiscard]] virtual std::string content(const trace::TraceReader& trace, const trace::LayerInfo& layer) = 0;
  [[nodiscard]] virtual std::optional<Counters> find(const std::string& key, const CounterNames& names) = 0;
  virtual void keep(const std::string& key, const Counters& counters) = 0;
};

/// All of the counters as numbers divided by spaces.
[[nodiscard]] std::string to_text(const Counters& counters);
/// The inverse; nothing when the text does not fit the names.
[[nodiscard]] std::optional<Counters> counters_from_text(const std::string& text, const CounterNames& names);

}  // namespace rebasis::sim
