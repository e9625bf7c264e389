#include "sim/core/decoder/decode_plan.h"

#include <algorithm>
#include <map>

namespace rebasis::sim {

namespace {

std::uint64_t bytes_of(const std::vector<Transfer>& transfers) {
  std::uint64_t bytes = 0;
  for (const Transfer& transfer : transfers) bytes += transfer.bytes;
  return bytes;
}

std::vector<Transfer> moved(std::vector<Transfer> transfers, std::uint64_t from, std::uint64_t to) {
  for (Transfer& transfer : transfers) transfer.address = transfer.address - from + to;
  return transfers;
}

/// A tile of weights as the steps load it: one or more times, from the same place.
struct PlainTile {
  ConvTile tile;
  std::vector<Transfer> weights, index;
  std::vector<std::size_t> steps;
  [[nodiscard]] std::uint64_t first() const {
    std::uint64_t address = UINT64_MAX;
    for (const auto* list : {&weights, &index}) {
      for (const Transfer& transfer : *list) address = std::min(address, transfer.address);
    }
    return address;
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_of(weights) + bytes_of(index); }
};

std::vector<PlainTile> plain_tiles(const StepPlan& plan, const WeightSource& source) {
  std::map<std::uint64_t, std::size_t> known;  // by the place in DRAM
  std::vector<PlainTile> tiles;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    PlainTile tile{step.tile, {}, {}, {i}};
    bool loaded = false;
    for (const Load& load : step.loads) {
      if (load.buffer == source.buffer) tile.weights = load.transfers;
      if (load.buffer == source.index_buffer) tile.index = load.transfers;
      loaded = loaded || load.buffer == source.buffer;
    }
    if (!loaded || tile.bytes() == 0) continue;
    const auto [entry, fresh] = known.try_emplace(tile.first(), tiles.size());
    if (fresh)
      tiles.push_back(std::move(tile));
    else
      tiles[entry->second].steps.push_back(i);
  }
  return tiles;
}

template <class Visit>
void for_each_chunk(std::span<const std::int8_t> weights, std::int64_t chunk, Visit&& visit) {
  for (std::size_t first = 0; first < weights.size(); first += static_cast<std::size_t>(chunk))
    visit(weights.subspan(first, std::min(static_cast<std::size_t>(chunk), weights.size() - first)));
}

CodedTile code_tile(const DecodePlan& plan, const PlainTile& tile) {
  CodedTile coded{tile.tile, tile.steps.front(), {}, 0, {}};
  const std::vector<std::int8_t> weights = plan.tile_weights(tile.tile, tile.steps.front());
  for_each_chunk(weights, plan.spec.chunk, [&](std::span<const std::int8_t> chunk) {
    const ChunkCost cost = chunk_cost(chunk, plan.code, plan.spec, plan.source);
    coded.bytes += cost.bytes;
    coded.chunks.push_back({coded.bytes, cost.cycles});
    coded.actions += cost.actions;
  });
  return coded;
}

/// Gives the tiles new places, one behind the other, with the table first.
class Placement {
 public:
  Placement(DecodePlan& plan, std::size_t steps, std::uint64_t base) : plan_(plan), next_(base) {
    plan_.by_step.resize(steps);
    table_ = {TensorClass::weights, next_, plan_.code.table_bytes};
    next_ += table_.bytes;
    plan_.weight_bytes += table_.bytes;
  }
  void plain(const PlainTile& tile) {
    const std::uint64_t from = tile.first();
    const DecodePlan::Load load{{}, moved(tile.weights, from, next_), moved(tile.index, from, next_)};
    std::uint64_t end = next_;
    for (const auto* list : {&load.weights, &load.index}) {
      for (const Transfer& transfer : *list) {
        end = std::max(end, transfer.address + transfer.bytes);
        (transfer.tensor == TensorClass::index ? plan_.index_bytes : plan_.weight_bytes) += transfer.bytes;
      }
    }
    next_ = end;
    use(tile, load);
  }
  void coded(const PlainTile& tile, CodedTile code) {
    const std::uint64_t bytes = code.bytes + plan_.source.bias_bytes(tile.tile);
    plan_.tiles.push_back(std::move(code));
    DecodePlan::Load load{plan_.tiles.size() - 1, {{TensorClass::weights, next_, bytes}}, {}};
    next_ += bytes;
    plan_.weight_bytes += bytes;
    if (plan_.source.index_travels && !tile.index.empty()) {
      load.index = moved(tile.index, tile.index.front().address, next_);
      next_ += bytes_of(tile.index);
      plan_.index_bytes += bytes_of(tile.index);
    }
    use(tile, load);
  }
  /// The first coded tile that is loaded brings the table.
  void add_table() {
    for (std::optional<DecodePlan::Load>& loads : plan_.by_step) {
      if (!loads || !loads->coded) continue;
      loads->weights.insert(loads->weights.begin(), table_);
      return;
    }
  }

 private:
  void use(const PlainTile& tile, const DecodePlan::Load& load) {
    for (const std::size_t step : tile.steps) plan_.by_step[step] = load;
  }
  DecodePlan& plan_;
  std::uint64_t next_;
  Transfer table_;
};

}  // namespace

void gather(std::span<const std::int8_t> weights, std::span<const std::int32_t> order, std::vector<std::int8_t>& out) {
  out.clear();
  out.reserve(order.size());
  for (const std::int32_t place : order)
    out.push_back(place == WeightSource::not_a_weight ? std::int8_t{0} : weights[static_cast<std::size_t>(place)]);
}

std::vector<std::int8_t> DecodePlan::tile_weights(const ConvTile& tile, std::size_t step) const {
  std::vector<std::int32_t> order;
  source.order(tile, step, order);
  std::vector<std::int8_t> weights;
  gather(source.weights, order, weights);
  return weights;
}

std::shared_ptr<const DecodePlan> plan_decoding(const StepPlan& steps, WeightSource source,
                                                const arch::DecoderSpec& spec) {
  if (!spec.present()) return nullptr;
  auto plan = std::make_shared<DecodePlan>();
  plan->spec = spec;
  plan->source = std::move(source);
  const std::vector<PlainTile> tiles = plain_tiles(steps, plan->source);
  WeightHistogram histogram(spec.chunk);
  std::uint64_t base = UINT64_MAX;
  for (const PlainTile& tile : tiles) {
    base = std::min(base, tile.first());
    for_each_chunk(plan->tile_weights(tile.tile, tile.steps.front()), spec.chunk,
                   [&](std::span<const std::int8_t> chunk) { histogram.add(chunk); });
  }
  if (tiles.empty()) return nullptr;
  plan->code = histogram.best_code(spec);
  Placement placement(*plan, steps.steps.size(), base);
  std::uint64_t saved = 0;
  for (const PlainTile& tile : tiles) {
    CodedTile coded = code_tile(*plan, tile);
    const std::uint64_t index = plan->source.index_travels ? bytes_of(tile.index) : 0;
    const std::uint64_t bytes = coded.bytes + plan->source.bias_bytes(tile.tile) + index, own = tile.bytes();
    if (bytes < own) {
      saved += own - bytes;
      placement.coded(tile, std::move(coded));
    } else {
      placement.plain(tile);
    }
  }
  if (saved <= plan->code.table_bytes) return nullptr;
  placement.add_table();
  return plan;
}

DramBytes compulsory_traffic(const std::shared_ptr<const DecodePlan>& decoding, DramBytes plain) {
  if (decoding) {
    plain.weights = decoding->weight_bytes;
    plain.index = decoding->index_bytes;
  }
  return plain;
}

void decode_loads(StepPlan& steps, const std::shared_ptr<const DecodePlan>& decoding) {
  if (!decoding) return;
  const WeightSource& source = decoding->source;
  for (std::size_t i = 0; i < steps.steps.size(); ++i) {
    if (!decoding->by_step[i]) continue;
    const DecodePlan::Load& replacement = *decoding->by_step[i];
    for (Load& load : steps.steps[i].loads) {
      const bool weights = load.buffer == source.buffer;
      if (!weights && load.buffer != source.index_buffer) continue;
      if (replacement.coded) load.buffer_bytes = bytes_of(load.transfers);
      load.transfers = weights ? replacement.weights : replacement.index;
      if (weights) load.coded = replacement.coded;
    }
  }
  steps.decoding = decoding;
}

}  // namespace rebasis::sim
