// Bounds on what a layer may be. They are far above any network and low enough that counts of cycles, bytes and partial
// sums stay within 64 bits whatever a file says.
#pragma once

#include <cstdint>
#include <string>

#include "workloads/trace/trace.h"

namespace rebasis::trace {

inline constexpr std::int64_t max_channels = std::int64_t{1} << 20;
inline constexpr std::int64_t max_extent = std::int64_t{1} << 16;  ///< H, W
inline constexpr std::int64_t max_kernel = 1024;                   ///< R, S, strides, dilations, pads
inline constexpr int max_activation_bits = 16;
inline constexpr std::int64_t max_images = std::int64_t{1} << 16;
inline constexpr std::int64_t max_basis_width = 16;                  ///< n
inline constexpr std::size_t max_exponents = 63;                     ///< |P|
inline constexpr int max_exponent = 126;                             ///< 2^P is a float
inline constexpr int max_code_length = 32;                           ///< bits of a Huffman code
inline constexpr std::int64_t max_elements = std::int64_t{1} << 33;  ///< of weights, inputs or outputs over all images
inline constexpr std::int64_t max_macs = std::int64_t{1} << 50;      ///< over all images
inline constexpr std::int64_t max_hashes = 20;                       ///< H of reuse: 2^H buckets a column
inline constexpr std::size_t max_layers = 100'000;
inline constexpr std::size_t max_name = 512;

/// Checks all of `layer` that needs no tensor: ranges, divisibility, that an output exists, products, SmartDeal layout.
/// `name` (of the file) begins the message of the Error(bad_input).
void check_layer_info(const LayerInfo& layer, const std::string& name);

}  // namespace rebasis::trace
