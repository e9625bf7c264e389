#include "sim/dynamic/switch_plan.h"

#include <algorithm>
#include <array>

namespace rebasis::sim {
namespace {

// Regions of the address space, far apart: a sub-net's parameters are written beside those that they replace.
constexpr std::uint64_t before_base = 0;
constexpr std::uint64_t next_base = std::uint64_t{1} << 34U;
constexpr std::uint64_t table_base = std::uint64_t{1} << 35U;

/// Part `p` of `parts` of `whole`: parts differ by at most one byte and sum to the whole.
std::uint64_t part(std::uint64_t whole, std::uint64_t p, std::uint64_t parts) {
  return whole / parts + (p < whole % parts ? 1 : 0);
}

class Planner {
 public:
  explicit Planner(const SwitchSpec& spec) : spec_(spec) {
    plan_.steps.buffers = {{2, 1, std::nullopt}};
    plan_.steps.channels = 2;
    plan_.steps.output_banks = 2;
  }

  void reload(const dynamic::LayerDifference& layer, const DramBytes& before, const DramBytes& next) {
    const bool whole = spec_.reload == "whole";
    const std::array<std::pair<TensorClass, std::uint64_t>, 3> moved{
        {{TensorClass::weights, whole || layer.values ? next.weights : 0},
         {TensorClass::basis, whole || layer.basis ? next.basis : 0},
         {TensorClass::index, whole || layer.index ? next.index : 0}}};
    std::uint64_t bytes = 0;
    for (const auto& [tensor, count] : moved) bytes += count;
    if (bytes == 0) return;
    ++plan_.bytes.changed_layers;
    if (spec_.reload == "patch" && layer.patch_bytes && *layer.patch_bytes < bytes) {
      patch(layer, before, next);
      return;
    }
    for (const auto& [tensor, count] : moved) stream(tensor, count);
  }

  void table(std::uint64_t bytes) {
    plan_.bytes.table = bytes;
    for (std::uint64_t done = 0; done < bytes;) {
      const std::uint64_t count = std::min(bytes - done, chunk());
      Step step;
      step.begins_output = false;
      step.loads = {{0, {{TensorClass::index, table_base + done, count}}}};
      add(std::move(step), {.port_bytes = count, .table_bytes = count});
      done += count;
    }
  }

  SwitchPlan take() { return std::move(plan_); }

 private:
  [[nodiscard]] std::uint64_t chunk() const { return static_cast<std::uint64_t>(spec_.chunk_bytes); }

  /// From storage to the DRAM as it is.
  void stream(TensorClass tensor, std::uint64_t bytes) {
    for (std::uint64_t done = 0; done < bytes;) {
      const std::uint64_t count = std::min(bytes - done, chunk());
      Step step;
      step.stores = {{tensor, next_base + written_, count}};
      add(std::move(step), {.storage_bytes = count, .port_bytes = count});
      written_ += count;
      done += count;
    }
    plan_.bytes.written += bytes;
    plan_.bytes.storage += bytes;
  }

  /// The layer is read, patched and written elsewhere, a chunk at a time; the patch comes from storage meanwhile.
  void patch(const dynamic::LayerDifference& layer, const DramBytes& before, const DramBytes& next) {
    const std::uint64_t old_bytes = before.weights + before.index, new_bytes = next.weights + next.index;
    const std::uint64_t parts = std::max<std::uint64_t>(1, (std::max(old_bytes, new_bytes) + chunk() - 1) / chunk());
    for (std::uint64_t p = 0; p < parts; ++p) {
      Step step;
      const std::uint64_t reads = part(old_bytes, p, parts), writes = part(new_bytes, p, parts);
      if (reads != 0) step.loads = {{0, {{TensorClass::weights, before_base + read_, reads}}}};
      step.begins_output = writes != 0;
      if (writes != 0) step.stores = {{TensorClass::weights, next_base + written_, writes}};
      add(std::move(step), {.storage_bytes = part(*layer.patch_bytes, p, parts),
                            .patched_weights = part(static_cast<std::uint64_t>(layer.weights), p, parts)});
      read_ += reads;
      written_ += writes;
    }
    plan_.bytes.read += old_bytes;
    plan_.bytes.written += new_bytes;
    plan_.bytes.storage += *layer.patch_bytes;
    ++plan_.bytes.patched_layers;
  }

  void add(Step step, SwitchTask task) {
    task.begins_storage = task.storage_bytes != 0 && !storage_begun_;
    storage_begun_ = storage_begun_ || task.begins_storage;
    plan_.steps.steps.push_back(std::move(step));
    plan_.tasks.push_back(task);
  }

  const SwitchSpec& spec_;
  SwitchPlan plan_;
  std::uint64_t read_ = 0, written_ = 0;
  bool storage_begun_ = false;
};

}  // namespace

SwitchPlan plan_switch(const std::vector<dynamic::LayerDifference>& differences, const ParameterBytes& before,
                       const ParameterBytes& next, const SwitchSpec& spec) {
  Planner planner(spec);
  std::uint64_t table = 0;
  for (const dynamic::LayerDifference& layer : differences) {
    const auto found = next.find(layer.layer);
    if (found == next.end()) continue;
    table += static_cast<std::uint64_t>(spec.descriptor_bytes + spec.scale_bytes * layer.filters);
    const auto had = before.find(layer.layer);
    if (spec.residence == "storage")
      planner.reload(layer, had == before.end() ? DramBytes{} : had->second, found->second);
  }
  planner.table(table);
  return planner.take();
}

}  // namespace rebasis::sim
