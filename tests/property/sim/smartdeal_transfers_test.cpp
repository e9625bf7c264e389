// What SmartDeal's mapper moves, on random layers and configurations: transfers that add up, partial sums that are
// there when they are read. Everything is counted again, element by element, from the blocks alone.
#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <vector>

#include "tests/property/sim/smartdeal_mapped_case.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;
using rebasis::sim::DramPort, rebasis::sim::TensorClass, rebasis::sim::tensor_classes, rebasis::sim::Transfer,
    rebasis::sim::MemorySpeed;
using test::MappedCase, test::for_feasible_cases, test::bytes_of;

namespace {

/// Non-overlapping intervals of bytes.
class Bytes {
 public:
  /// False when part of it is there already.
  bool add(std::uint64_t first, std::uint64_t bytes) {
    const auto next = intervals_.lower_bound(first);
    if (next != intervals_.end() && next->first < first + bytes) return false;
    if (next != intervals_.begin() && std::prev(next)->second > first) return false;
    intervals_[first] = first + bytes;
    total_ += bytes;
    return true;
  }
  [[nodiscard]] bool contains(std::uint64_t first, std::uint64_t bytes) const {
    for (std::uint64_t at = first; at < first + bytes;) {
      auto interval = intervals_.upper_bound(at);
      if (interval == intervals_.begin() || (--interval)->second <= at) return false;
      at = interval->second;
    }
    return true;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  std::map<std::uint64_t, std::uint64_t> intervals_;
  std::uint64_t total_ = 0;
};

void check_traffic(const MappedCase& c) {
  std::array<std::uint64_t, tensor_classes> sums{};
  std::map<std::uint64_t, std::pair<TensorClass, std::uint64_t>> longest;  // address -> tensor, bytes
  const LayerShape& shape = c.layer.data.shape();
  const std::uint64_t input_end =
      inputs_base + static_cast<std::uint64_t>(shape.C * shape.H * shape.W * c.spec.element_bytes());
  bool placed = true;
  for (const Block& block : c.mapping.blocks) {
    for (const Transfer& transfer : block.loads) {
      sums[static_cast<std::size_t>(transfer.tensor)] += transfer.bytes;
      if (transfer.tensor == TensorClass::inputs) {
        placed = placed && transfer.address >= inputs_base && transfer.address + transfer.bytes <= input_end;
        continue;
      }
      placed = placed && transfer.address + transfer.bytes <= inputs_base;
      auto& [tensor, bytes] = longest.try_emplace(transfer.address, transfer.tensor, 0).first->second;
      placed = placed && tensor == transfer.tensor;  // the same address is the same piece
      bytes = std::max(bytes, transfer.bytes);
    }
  }
  CHECK(placed);
  Bytes weights;
  bool disjoint = true;
  for (const auto& [address, piece] : longest) disjoint = disjoint && weights.add(address, piece.second);
  CHECK(disjoint);
  for (const OutputBatch& batch : output_batches(shape, c.mapping, c.spec)) {
    sums[static_cast<std::size_t>(TensorClass::outputs)] += bytes_of(batch.writes) + bytes_of(batch.partial_sums);
  }
  CHECK(c.mapping.dram == sim::DramBytes{sums[0], sums[1], sums[2], sums[3], sums[4]});
  const sim::DramBytes least = compulsory_traffic(c.layer.data, c.spec);
  CHECK(sums[0] >= least.weights);
  CHECK(sums[1] >= least.basis);
  CHECK(sums[2] >= least.index);
  CHECK(sums[3] >= least.inputs);
  CHECK(sums[4] >= least.outputs);
}

/// Outputs are written once each; partial sums are read where an earlier batch, done by then, wrote them.
void check_spills(const MappedCase& c) {
  const LayerShape& shape = c.layer.data.shape();
  const auto batches = output_batches(shape, c.mapping, c.spec);
  Bytes outputs;
  bool once = true, written_before = true;
  // The read into a bank is asked for when the batch before it in that bank leaves.
  const auto slots = static_cast<std::size_t>(c.mapping.output_slots);
  std::vector<bool> partial(static_cast<std::size_t>(shape.M * shape.E() * shape.F()));
  const auto width = static_cast<std::uint64_t>(ceil_div<std::int64_t>(c.spec.accumulator_bits, 8));
  const auto elements = [&](const Transfer& transfer, auto&& visit) {
    for (std::uint64_t byte = 0; byte < transfer.bytes; byte += width)
      visit(static_cast<std::size_t>((transfer.address + byte - partial_sums_base) / width));
  };
  for (std::size_t i = 0; i < batches.size(); ++i) {
    for (const Transfer& read : batches[i].partial_sums) {
      elements(read, [&](std::size_t element) { written_before = written_before && partial.at(element); });
    }
    if (!batches[i].partial_sums.empty()) written_before = written_before && i >= slots;
    if (i + 1 < slots) continue;
    // Now the batch that the next read waits for is complete.
    for (const Transfer& write : batches[i + 1 - slots].writes) {
      if (write.address < partial_sums_base) continue;
      elements(write, [&](std::size_t element) { partial.at(element) = true; });
    }
  }
  for (const OutputBatch& batch : batches) {
    for (const Transfer& write : batch.writes) {
      if (write.address < partial_sums_base)
        once = once && write.address >= outputs_base && outputs.add(write.address, write.bytes);
    }
  }
  CHECK(once);
  CHECK(written_before);
  CHECK(outputs.total() == static_cast<std::uint64_t>(shape.M * shape.E() * shape.F() * c.spec.element_bytes()));
  CHECK(outputs.contains(outputs_base, outputs.total()));
}

}  // namespace

TEST_CASE("transfers add up, each tensor has a place of its own, nothing is moved less than once") {
  CHECK(for_feasible_cases(400, check_traffic) > 200);
}

TEST_CASE("partial sums are read after they were written, outputs are written once") {
  CHECK(for_feasible_cases(400, check_spills) > 200);
}
