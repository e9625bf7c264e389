#include "sim/scnn/steps.h"

#include <algorithm>

#include "common/units.h"
#include "sim/scnn/counters.h"

namespace rebasis::sim::scnn {

namespace {

constexpr std::uint64_t line = 64;  // tensors start at a multiple of the DRAM's burst

/// Hands out DRAM addresses.
class Region {
 public:
  Transfer take(TensorClass tensor, std::uint64_t bytes) {
    const Transfer transfer{tensor, next_, bytes};
    next_ += ceil_div(bytes, line) * line;
    return transfer;
  }

 private:
  std::uint64_t next_ = 0;
};

void add(std::vector<Transfer>& transfers, const Transfer& transfer) {
  if (transfer.bytes > 0) transfers.push_back(transfer);
}

/// Where the weights of each (group, chunk) lie.
std::vector<std::vector<Transfer>> weight_transfers(const DenseLayer& layer, const Mapping& mapping,
                                                    const arch::ScnnSpec& spec, Region& region) {
  std::vector<std::vector<Transfer>> list;
  for (const FilterGroup& group : mapping.groups) {
    for (std::int64_t chunk = 0; chunk < mapping.chunks; ++chunk) {
      const ChunkBytes bytes = chunk_bytes(group, group.chunk(chunk, mapping.chunks), chunk == 0, layer, spec);
      auto& transfers = list.emplace_back();
      add(transfers, region.take(TensorClass::weights, bytes.weights));
      add(transfers, region.take(TensorClass::index, bytes.index));
    }
  }
  return list;
}

}  // namespace

StepPlan steps_of(const DenseLayer& layer, const Activations& image, const Mapping& mapping,
                  const arch::ScnnSpec& spec) {
  StepPlan plan;
  plan.channels = 3;
  plan.buffers = {{static_cast<std::size_t>(mapping.input_banks), 2, static_cast<std::size_t>(Action::input_write)},
                  {2, 1, static_cast<std::size_t>(Action::weight_write)}};
  plan.output_banks = 2;
  // Two accumulator buffers: a group waits for the one before the last.
  plan.result_slots = spec.accumulator_buffers == 2 ? static_cast<std::size_t>(mapping.chunks) + 1 : 1;
  plan.output_read_action = static_cast<std::size_t>(Action::output_read);
  Region region;
  const auto weights = weight_transfers(layer, mapping, spec, region);
  const bool single = mapping.tiles.size() == 1;
  std::size_t input_loads = 0;
  for (const PlanarTile& tile : mapping.tiles) {
    const InputBits inputs(image, layer.shape(), tile, spec);
    std::int64_t loaded = 0;  // channels in the IARAMs
    for (std::size_t g = 0; g < mapping.groups.size(); ++g) {
      const FilterGroup& group = mapping.groups[g];
      for (std::int64_t chunk = 0; chunk < mapping.chunks; ++chunk) {
        Step step;
        step.tile = {{0, 1},       group.filters, group.chunk(chunk, mapping.chunks), tile.rows,
                     tile.columns, chunk == 0,    chunk + 1 == mapping.chunks};
        step.begins_output = chunk == 0;
        // A single tile arrives channel by channel; one of several as a whole, so that its bank is free when it ends.
        const std::int64_t wanted = single ? step.tile.channels.last : layer.shape().C;
        if (wanted > loaded) {
          Load load{iaram, {}};
          add(load.transfers, region.take(TensorClass::inputs, inputs.bytes({loaded, wanted})));
          step.loads.push_back(std::move(load));
          loaded = wanted;
          ++input_loads;
        }
        if (plan.steps.empty() || !mapping.weights_resident) {
          step.loads.push_back(
              {weight_staging,
               weights[g * static_cast<std::size_t>(mapping.chunks) + static_cast<std::size_t>(chunk)]});
        }
        if (step.tile.last_chunk)
          add(step.stores, region.take(TensorClass::outputs, result_bytes(tile, group, mapping, spec)));
        plan.steps.push_back(std::move(step));
      }
    }
  }
  if (single) plan.buffers[iaram].banks = input_loads;
  return plan;
}

}  // namespace rebasis::sim::scnn
