// The safetensors container: 8-byte little-endian header length, JSON header, tensor bytes. Knows nothing of layers.
// Format: https://github.com/huggingface/safetensors; the rules that its reference reader enforces are enforced here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "workloads/trace/trace.h"

namespace rebasis::trace {

/// Longest header that is read. The reference allows 100 MB; parsed JSON takes up to 16 times its text in memory, so a
/// stranger's file may not have that much. A layer takes about 2 KB.
inline constexpr std::uint64_t max_header_bytes = std::uint64_t{32} << 20;

struct SafeTensors {
  std::map<std::string, std::string> metadata;  ///< `__metadata__`
  std::map<std::string, TensorView> tensors;    ///< views into the given bytes
};

/// Parses the container in `file`. Checked: header length, JSON depth and duplicates, types, shapes against byte
/// counts, offsets in order without gap or overlap up to the end of the file, alignment of each tensor for its type.
/// `name` begins the message of the Error(bad_input) that anything else gives. The bytes of tensors are not touched.
[[nodiscard]] SafeTensors parse_safetensors(std::span<const std::byte> file, const std::string& name);

/// A tensor to be written; `bytes` must live until the file is written.
struct NamedTensor {
  std::string name;
  TensorView view;
};

/// Puts tensors in the order of the file: larger element types first, otherwise as given. With the header padded to
/// 8 bytes every tensor is then aligned for its type without gaps, which the reference reader forbids.
void sort_for_alignment(std::vector<NamedTensor>& tensors);

/// Length and JSON header of a file that holds `tensors` in this order, padded with spaces to a multiple of 8 bytes.
[[nodiscard]] std::string safetensors_header(const std::vector<NamedTensor>& tensors,
                                             const std::map<std::string, std::string>& metadata);

/// The name of the type in the header: U8, I8, ...
[[nodiscard]] std::string dtype_name(DType type);

}  // namespace rebasis::trace
