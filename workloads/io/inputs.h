// The inputs of a network: images from NPY, IDX, CIFAR files or a folder, normalised, with optional labels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/io/cifar.h"
#include "workloads/tensor.h"

namespace rebasis::io {

/// value = (pixel * scale - mean[c]) / std[c]. For NPY the default is to take the values as they are; for IDX, CIFAR
/// and image files pixels are 0..255 and the default scale is 1/255.
struct InputOptions {
  std::int64_t limit = 0;                         ///< first N images only; 0: all
  std::vector<float> mean;                        ///< a value a channel, one for all, or empty (0)
  std::vector<float> std;                         ///< likewise, empty: 1
  float scale = 0;                                ///< 0: the default above
  CifarPart cifar_part = CifarPart::unspecified;  ///< which part of a CIFAR folder
  bool coarse_labels = false;                     ///< CIFAR-100: its 20 coarse classes
  Shape shape;                                    ///< [C][H][W] that the network expects; empty: the file's own
};

struct Inputs {
  Tensor<float> images;                    ///< [N][C][H][W] (NPY files may have any rank, leading axis N)
  std::vector<std::int64_t> labels;        ///< one an image, or empty
  std::vector<std::string> files;          ///< the files read, for provenance
  std::vector<std::string> class_names{};  ///< of CIFAR's text file or the folder's sub-folders, or empty
};

/// `path`: an .npy file, an IDX file (plain or .gz), a CIFAR file (.bin) or folder, or a folder of images; the last two
/// may bring the labels. `labels_path`: empty, an IDX or .npy file,
/// or a text file with either one class number a line in the images' order, or lines "FILE,CLASS". An unreadable file,
/// another number of labels than images, or a shape the network cannot take throws Error(bad_input).
[[nodiscard]] Inputs load_inputs(const std::string& path, const std::string& labels_path, const InputOptions& options);

}  // namespace rebasis::io
