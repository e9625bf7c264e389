// Forms in which a layer's weights can lie in memory while it is computed: what succinct structures are compared with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "workloads/encode/coders/coder.h"
#include "workloads/succinct/convolution.h"
#include "workloads/succinct/network.h"

namespace rebasis::succinct {

class WeightForm {
 public:
  virtual ~WeightForm() = default;
  /// What stays in memory between inferences.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  /// What an inference needs beside it to fetch the operands; after one.
  [[nodiscard]] virtual std::uint64_t scratch_bytes() const { return 0; }
  /// Goes to the first filter.
  virtual void start() = 0;
  /// The non-zero weights of the next filter.
  virtual void next(FilterOperands& operands) = 0;
  /// Computes the layer.
  virtual void run(Convolution& convolution, std::int64_t filters, Outputs& outputs);

 private:
  FilterOperands operands_;
};

/// A byte (two above 8 bits) a weight, every one multiplied: integer inference that knows nothing of compression.
[[nodiscard]] std::unique_ptr<WeightForm> dense_form(const encode::WeightMatrix& matrix);
/// The same bytes, zeros tested for and skipped.
[[nodiscard]] std::unique_ptr<WeightForm> zero_skipping_form(const encode::WeightMatrix& matrix);
/// `bits` a weight, one behind the other: how a quantised network is stored.
[[nodiscard]] std::unique_ptr<WeightForm> packed_form(const encode::WeightMatrix& matrix);
/// A bit a weight says whether it is zero; the others packed.
[[nodiscard]] std::unique_ptr<WeightForm> direct_index_form(const encode::WeightMatrix& matrix);
/// Compressed sparse rows: row pointers of 4 bytes, columns of 1, 2 or 4 bytes as the row needs, packed values.
[[nodiscard]] std::unique_ptr<WeightForm> csr_form(const encode::WeightMatrix& matrix);
/// Each non-zero weight with the zeros before it, in as many bits as make the layer smallest; longer runs take
/// placeholders of value 0 (the relative index of Deep Compression). Runs go on from filter to filter.
[[nodiscard]] std::unique_ptr<WeightForm> relative_index_form(const encode::WeightMatrix& matrix);
/// The strings of the block-wise sequence (dense or tuples, whichever is smaller), each symbol in a canonical Huffman
/// code of the layer, decoded a filter at a time: the entropy of the succinct form without its queries.
[[nodiscard]] std::unique_ptr<WeightForm> huffman_form(const encode::WeightMatrix& matrix);
/// What the coder of that name wrote, the layer decoded before it is computed.
[[nodiscard]] std::unique_ptr<WeightForm> coder_form(const std::string& coder, const encode::WeightMatrix& matrix);
/// A layer of a succinct network, which must outlive the form. bytes() is the layer's share.
[[nodiscard]] std::unique_ptr<WeightForm> succinct_form(const SuccinctNetwork& network, std::size_t layer);

}  // namespace rebasis::succinct
