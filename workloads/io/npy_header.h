// The header of an .npy file: a Python dictionary literal with three known keys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "workloads/tensor.h"

namespace rebasis::io {

struct NpyHeader {
  std::string descr;  ///< numpy type string, for example "<f4"
  bool fortran_order = false;
  Shape shape;
};

/// Parses "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }" with its keys in any order. Anything else, a
/// missing or unknown key, or more than 32 axes throws Error(bad_input) that names `file`.
[[nodiscard]] NpyHeader parse_npy_header(std::string_view text, const std::string& file);

/// The header text for `descr` and `shape` in C order, without magic number and padding.
[[nodiscard]] std::string format_npy_header(const std::string& descr, const Shape& shape);

}  // namespace rebasis::io
