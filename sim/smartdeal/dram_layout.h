// Where the tensors of a layer lie in DRAM: regions far enough apart for any layer.
#pragma once

#include <cstdint>

namespace rebasis::sim::smartdeal {

inline constexpr std::uint64_t inputs_base = std::uint64_t{1} << 36U;        ///< [H][column tile][C][columns]
inline constexpr std::uint64_t outputs_base = std::uint64_t{2} << 36U;       ///< [E][column tile][M][columns]
inline constexpr std::uint64_t partial_sums_base = std::uint64_t{3} << 36U;  ///< as the outputs, wider

constexpr std::uint64_t as_unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }

}  // namespace rebasis::sim::smartdeal
