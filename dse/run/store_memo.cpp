#include "dse/run/store_memo.h"

#include <filesystem>

#include "dse/model_digest.h"

namespace rebasis::dse {

StoreMemo::StoreMemo(const std::string& store) {
  if (!store.empty() && std::filesystem::exists(store)) store_ = std::make_unique<Store>(store, Store::Mode::read);
}

/// Models change, so the digest of their sources is part of a layer's content.
std::string StoreMemo::content(const trace::TraceReader& trace, const trace::LayerInfo& layer) {
  return "rebasis " REBASIS_MODEL_DIGEST " " + trace.layer_digest(layer);
}

std::optional<sim::Counters> StoreMemo::find(const std::string& key, const sim::CounterNames& names) {
  std::optional<std::string> text;
  if (const auto mine = position_.find(key); mine != position_.end())
    text = fresh_[mine->second].second;
  else if (store_)
    text = store_->memo(key);
  if (!text) return std::nullopt;
  auto counters = sim::counters_from_text(*text, names);
  if (counters) ++hits_;
  return counters;
}

void StoreMemo::keep(const std::string& key, const sim::Counters& counters) {
  position_.emplace(key, fresh_.size());
  fresh_.emplace_back(key, sim::to_text(counters));
}

}  // namespace rebasis::dse
