// Folders of PNG and JPEG images.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/tensor.h"

namespace rebasis::io {

/// Images of a folder in sorted order of their path, and the class of each when the folder has class sub-folders
/// (class number = position of the sub-folder in sorted order).
struct ImageFolder {
  std::vector<std::string> files;        ///< paths, sorted bytewise
  std::vector<std::int64_t> labels;      ///< empty when the images lie directly in the folder
  std::vector<std::string> class_names;  ///< of the sub-folders, or empty
};

/// Lists *.png, *.jpg, *.jpeg (any case). Fails when there is none, or when images and class sub-folders are mixed.
[[nodiscard]] ImageFolder list_images(const std::string& folder, std::int64_t limit = 0);

/// Decodes one image into [channels][height][width], values 0..255: grey for 1 channel, RGB for 3. Resized bilinearly
/// (pixel centres, antialiased when shrinking) when its size differs. Damaged or huge files throw Error(bad_input).
[[nodiscard]] Tensor<float> read_image(const std::string& path, std::int64_t channels, std::int64_t height,
                                       std::int64_t width);

}  // namespace rebasis::io
