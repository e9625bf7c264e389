// The trace: one safetensors file per (network, recipe, inputs). docs/trace-format.md is its specification.
//
// Tensors of layer L (bit strings are packed least significant bit first, each padded to a byte at its end only):
//   every layer
//     L/activations        u8 or i8 [N][C][H][W]    quantised inputs of the layer, N images; u16 or i16 above 8 bits
//     L/bias               i32 [M]                  optional, in units of weight scale x activation scale
//   encoding "dense-int8"
//     L/weights            i8 [M][C/groups][R][S]
//     L/weight_scale       f32 [M]
//     L/hash_vectors       i8 [H][length]           with reuse only: bit h of a sub-vector x of the im2row matrix is
//                                                   sum over j of x[j] * hash_vectors[h][j] > 0, in integers
//   encoding "smartdeal" (appendix B of the paper); rows = coefficient rows of a filter, n = columns of Ce and B
//     L/row_index          u8 bits [M][rows]        1: the coefficient row has a non-zero element
//     L/element_index      u8 bits, n for each non-zero row, filter after filter
//     L/coefficients       u8 bits, canonical Huffman codes of the non-zero elements in that order, code MSB first
//     L/code_lengths       u8 [2 * |P|]             Huffman code length of symbol s; s = exponent index, + |P| if
//     negative L/filter_bits        u32 [M]                  bits of each filter in L/coefficients L/basis i8
//     [M][slices][n][n]     8-bit fixed-point B L/basis_shift        i8 [M]                   fraction bits of B: real
//     B = basis * 2^-shift
//   encoding "ternary" (Yang's dissertation, chapter 2); groups of C_g channels of a filter, cut within C/groups
//     L/codes              u8 bits, 2 a weight, [M][C/groups][R][S]: 00 zero, 01 +1, 11 -1; 10 is no code
//     L/group_index        u8 bits [M][ceil((C/groups) / C_g)]   1: the group has a non-zero weight
//     L/alpha              f32 [1]                  scale of the layer (equation 2.2): real weight = alpha * code
//     L/channel_scale      f32 [M]                  optional: real weight = alpha * channel_scale[m] * code; what a
//                                                   batch norm that was folded into the layer multiplies each filter by
//   A rebuilt weight of a "smartdeal" layer is  sum over r of sign * 2^P[e_r] * B[r][col];  as an integer  sum of sign
//   * basis << (P[e_r] - P[0]), in units of 2^(P[0] - shift[m]). P is ascending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "workloads/layer_shape.h"
#include "workloads/tensor.h"

namespace rebasis::trace {

inline constexpr int schema_version = 1;

enum class DType { u8, i8, i16, u16, i32, u32, i64, u64, f32, f64 };
[[nodiscard]] std::size_t size_of(DType type);

/// A tensor inside the mapped file. `bytes` stays valid while the TraceReader lives and is aligned for its type.
struct TensorView {
  DType dtype = DType::u8;
  Shape shape;
  std::span<const std::byte> bytes;

  /// The values; fails when T is not the stored type.
  template <class T>
  [[nodiscard]] std::span<const T> as() const;
};

/// How the activations of a layer are quantised: real = scale * integer (zero point 0, so that padding with 0 is
/// exact).
struct ActivationInfo {
  bool is_signed = false;
  /// 1 to 16; stored in 8 bits up to 8, in 16 above. 7 when the recipe limits unsigned values to 0..127 so that four
  /// radix-4 digits suffice.
  int bits = 8;
  double scale = 1.0;
  std::string provenance = "real";  ///< "real" (captured on real inputs) or "synthetic"
};

/// SmartDeal form of a layer: how the filter's weights are laid out as Ce x B (paper section III-C1).
struct SmartDealInfo {
  std::int64_t n = 3;                    ///< columns of Ce, rows and columns of B
  std::int64_t rows = 0;                 ///< coefficient rows of one filter, zero-padded ones included
  std::vector<std::int64_t> slice_rows;  ///< rows of each slice (one basis each); sums to `rows`
  /// k x k kernels (n = S): row c * R + r holds kernel row r of channel c. 1x1 and FC: row j holds channels j*n .. j*n
  /// + n - 1.
  bool rows_are_kernel_rows = true;
  std::vector<int> exponents;  ///< P, ascending
};

/// Ternary form of a layer: the groups that pruning and the accelerator work on.
struct TernaryInfo {
  /// C_g: a group is C_g consecutive channels of a filter with their whole kernels; the last of a filter may be
  /// smaller.
  std::int64_t group_channels = 1;
  /// Groups of one filter.
  [[nodiscard]] std::int64_t groups_of_filter(const LayerShape& shape) const {
    return (shape.channels_per_group() + group_channels - 1) / group_channels;
  }
};

/// Reuse of similar products (TREC) in a "dense-int8" layer: each row of the layer's im2row matrix is cut into
/// sub-vectors, which are hashed into 2^hashes buckets; docs/trace-format.md, "Reuse".
struct ReuseInfo {
  std::int64_t length = 0;  ///< L: elements of a sub-vector, at most C/groups * R * S; 0: no reuse
  std::int64_t hashes = 0;  ///< H: hash vectors, bits of a bucket's number

  [[nodiscard]] bool on() const { return length > 0; }
  /// Sub-vectors of one row of the im2row matrix of a group, the last of which may be shorter.
  [[nodiscard]] std::int64_t columns(const LayerShape& shape) const {
    return (shape.channels_per_group() * shape.R * shape.S + length - 1) / length;
  }
};

struct LayerInfo {
  std::string name;
  std::string op;  ///< "conv" or "fc"
  LayerShape shape;
  std::string encoding;                       ///< "dense-int8", "smartdeal" or "ternary"
  std::string weight_provenance = "trained";  ///< "trained" or "synthetic"
  ActivationInfo activations;
  SmartDealInfo smartdeal;  ///< meaningful for encoding "smartdeal"
  TernaryInfo ternary;      ///< meaningful for encoding "ternary"
  ReuseInfo reuse;          ///< on for a "dense-int8" layer that reuses products
  std::int64_t images = 1;
  /// Statistics the recipe measured (value, row, bit and Booth-digit sparsity, ...): shown, never needed.
  std::map<std::string, double> statistics;
};

/// A layer the accelerator does not run (pooling, residual addition, concatenation, ...): kept for its DRAM traffic.
struct AuxiliaryInfo {
  std::string name;
  std::string op;                    ///< the ONNX operator
  std::int64_t input_elements = 0;   ///< 8-bit elements read, all inputs
  std::int64_t output_elements = 0;  ///< 8-bit elements written
  bool fused = true;                 ///< done on the way out of the previous layer (element-wise, activation)
  std::string after;                 ///< the traced layer it follows; empty at the start
};

struct Metadata {
  std::string network;  ///< name
  std::vector<LayerInfo> layers;
  std::vector<AuxiliaryInfo> auxiliary;
  /// Free-form provenance (network file and SHA-256, inputs, recipe text, tool version, accuracy before/after), a JSON
  /// object as text.
  std::string provenance = "{}";
};

/// Reads and checks a trace. Every offset, size, shape and name is checked before use; a damaged, truncated, hostile
/// or future file throws Error(bad_input) that names the file and what is wrong. Tensor data is mapped, not read.
class TraceReader {
 public:
  /// `path`: a file, or FILE#NAME for a sub-net of a family (family.h), which is then like a trace of its own.
  explicit TraceReader(const std::string& path);
  ~TraceReader();
  TraceReader(TraceReader&&) noexcept;
  TraceReader& operator=(TraceReader&&) noexcept;

  [[nodiscard]] const std::string& path() const;
  [[nodiscard]] const Metadata& metadata() const;
  [[nodiscard]] bool has(const std::string& tensor) const;
  /// Fails when the tensor is missing.
  [[nodiscard]] TensorView tensor(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> tensor_names() const;
  /// Compares each tensor with its stored checksum; throws for the first that differs.
  void verify_checksums() const;
  /// SHA-256 of what a layer is: its description and its tensors, by their stored checksums. Equal layers of different
  /// traces have equal digests.
  [[nodiscard]] std::string layer_digest(const LayerInfo& layer) const;
  /// SHA-256 of all layers and of what lies between them, without provenance.
  [[nodiscard]] std::string digest() const;
  /// Checks that the tensors of `layer` are present, of the right type and shape, and consistent with each other.
  void check_layer(const LayerInfo& layer) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Collects tensors and writes the file at once: to a temporary beside it, synced, then renamed.
class TraceWriter {
 public:
  TraceWriter();
  ~TraceWriter();
  /// `bytes` is copied. Fails on a duplicate name or when the byte count does not match.
  void add(const std::string& name, DType dtype, const Shape& shape, std::span<const std::byte> bytes);
  template <class T>
  void add(const std::string& name, const Shape& shape, std::span<const T> values);
  void write(const std::string& path, const Metadata& metadata);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rebasis::trace
