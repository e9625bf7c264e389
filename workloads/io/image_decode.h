// PNG and JPEG decoding to 8-bit pixels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rebasis::io {

struct Pixels {
  int width = 0, height = 0, channels = 0;
  std::vector<std::uint8_t> values;  ///< [height][width][channels]
};

inline constexpr int max_image_side = 16384;

/// Decodes to grey (`channels` 1) or RGB (3), transparency over black. `is_png` and `is_jpeg` look at the magic number.
/// Damaged files and images with a side above max_image_side throw Error(bad_input).
[[nodiscard]] Pixels decode_png(const std::string& bytes, int channels, const std::string& path);
[[nodiscard]] Pixels decode_jpeg(const std::string& bytes, int channels, const std::string& path);
[[nodiscard]] bool is_png(const std::string& bytes);
[[nodiscard]] bool is_jpeg(const std::string& bytes);

}  // namespace rebasis::io
