// Layers that a store remembers, as a simulation asks for them.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dse/store.h"
#include "sim/core/memo.h"

namespace rebasis::dse {

class StoreMemo : public sim::LayerMemo {
 public:
  /// Reads from the store of that path; "": remembers only what this object is given.
  explicit StoreMemo(const std::string& store);

  [[nodiscard]] std::string content(const trace::TraceReader& trace, const trace::LayerInfo& layer) override;
  [[nodiscard]] std::optional<sim::Counters> find(const std::string& key, const sim::CounterNames& names) override;
  void keep(const std::string& key, const sim::Counters& counters) override;

  [[nodiscard]] std::size_t hits() const { return hits_; }
  /// What was kept, for the store.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fresh() const { return fresh_; }

 private:
  std::unique_ptr<Store> store_;
  std::size_t hits_ = 0;
  std::vector<std::pair<std::string, std::string>> fresh_;
  std::unordered_map<std::string, std::size_t> position_;  ///< in fresh_
};

}  // namespace rebasis::dse
