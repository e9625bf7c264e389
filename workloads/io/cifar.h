// The binary files of CIFAR-10 and CIFAR-100 (https://www.cs.toronto.edu/~kriz/cifar.html): records of labels and 32 x
// 32 RGB pixels, one colour plane behind the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/tensor.h"

namespace rebasis::io {

enum class CifarPart { unspecified, training, test };

struct Cifar {
  Tensor<std::uint8_t> images;           ///< [N][3][32][32]
  std::vector<std::int64_t> labels;      ///< 0..9 (CIFAR-10), 0..99 or 0..19 (CIFAR-100)
  std::vector<std::string> class_names;  ///< from the text file beside the images, or empty
  std::vector<std::string> files;        ///< read, in this order
};

/// True for a file that ends in .bin, and for a folder that holds data_batch_1.bin, test_batch.bin, train.bin or
/// test.bin.
[[nodiscard]] bool is_cifar(const std::string& path);

/// `path`: one file, or the folder that the data set is unpacked to, of which `part` is read: data_batch_*.bin or
/// train.bin for training, test_batch.bin or test.bin for test. A file's size tells CIFAR-10 (records of 3,073 bytes)
/// from CIFAR-100 (3,074). `coarse`: CIFAR-100's 20 classes instead of its 100. `limit` > 0 keeps the first images.
/// Throws Error(bad_input) for a folder without a part, a size that is no whole number of records, files of both data
/// sets, and labels that the data set does not have.
[[nodiscard]] Cifar read_cifar(const std::string& path, CifarPart part, bool coarse, std::int64_t limit = 0);

}  // namespace rebasis::io
