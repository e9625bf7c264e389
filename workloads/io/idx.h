// IDX files (the MNIST family's format), plain or gzip-compressed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/tensor.h"

namespace rebasis::io {

/// True when the file starts with an IDX magic number, after decompression when it is a .gz.
[[nodiscard]] bool is_idx(const std::string& path);

/// Unsigned-byte IDX tensor [N][...]. `limit` > 0 reads the first `limit` entries of the leading axis only. Truncated,
/// oversized, wrong-type or damaged files throw Error(bad_input).
[[nodiscard]] Tensor<std::uint8_t> read_idx(const std::string& path, std::int64_t limit = 0);

/// Class labels: a one-dimensional IDX file.
[[nodiscard]] std::vector<std::int64_t> read_idx_labels(const std::string& path, std::int64_t limit = 0);

}  // namespace rebasis::io
