// Compressed sparse rows and columns (CSR, CSC): where the non-zero values of each line begin, their positions in the
// line, the values.
#pragma once

#include <string>

#include "workloads/encode/coders/coder.h"

namespace rebasis::encode {

enum class Lines { rows, columns };

/// Bits: the number of non-zeros (as many bits as rows x columns needs), the begin of every line but the first (as many
/// as that number needs), a position a non-zero (as many as the length of a line less one needs), the values.
[[nodiscard]] CodedMatrix encode_lines(const WeightMatrix& matrix, Lines lines);
/// `coder` begins the messages.
[[nodiscard]] WeightMatrix decode_lines(std::span<const std::uint8_t> bytes, const MatrixShape& shape, Lines lines,
                                        const std::string& coder);

}  // namespace rebasis::encode
