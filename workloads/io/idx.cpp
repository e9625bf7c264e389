#include "workloads/io/idx.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

namespace rebasis::io {
namespace {

constexpr std::int64_t max_elements = std::int64_t{1} << 31;  // 2 GiB of pixels
constexpr std::size_t max_axes = 8;
constexpr unsigned unsigned_byte = 0x08;

/// A file read through zlib, which passes plain files through unchanged.
class GzipFile {
 public:
  explicit GzipFile(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rb")) {
    if (!file_) fail_input({path_}, "cannot be opened; give a readable IDX file");
  }

  /// Fills `bytes`; false at a clean end of file before the first byte.
  bool read(std::span<std::uint8_t> bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto step = static_cast<unsigned>(std::min<std::size_t>(bytes.size() - done, std::size_t{1} << 30));
      const int got = gzread(file_.get(), bytes.data() + done, step);
      if (got < 0) fail_input({path_}, "damaged gzip data; copy or download the file again");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    if (done != 0 && done < bytes.size()) truncated();
    return done == bytes.size();
  }
  [[noreturn]] void truncated() const { fail_input({path_}, "the file ends too early; copy or download it again"); }

 private:
  struct Close {
    void operator()(gzFile_s* file) const { gzclose(file); }
  };
  const std::string& path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

std::uint32_t big_endian(std::span<const std::uint8_t, 4> bytes) {
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U | bytes[3];
}

Shape read_shape(GzipFile& file, const std::string& path) {
  std::array<std::uint8_t, 4> word{};
  if (!file.read(word)) file.truncated();
  if (word[0] != 0 || word[1] != 0 || word[3] == 0 || word[3] > max_axes) {
    fail_input(
        {path},
        "not an IDX file (bad magic number); give an IDX file as of the MNIST family, an .npy file or an image folder");
  }
  if (word[2] != unsigned_byte) fail_input({path}, "IDX values are not unsigned bytes (type 0x08); convert them");
  Shape shape;
  for (int axis = 0; axis < word[3]; ++axis) {
    std::array<std::uint8_t, 4> extent{};
    if (!file.read(extent)) file.truncated();
    shape.push_back(big_endian(extent));
  }
  return shape;
}

}  // namespace

bool is_idx(const std::string& path) {
  GzipFile file(path);
  std::array<std::uint8_t, 4> word{};
  try {
    return file.read(word) && word[0] == 0 && word[1] == 0 && word[2] >= 0x08 && word[2] <= 0x0E && word[3] > 0 &&
           word[3] <= max_axes;
  } catch (const Error&) {
    return false;  // shorter than a magic number, or damaged: the reader of another format says what is wrong
  }
}

Tensor<std::uint8_t> read_idx(const std::string& path, std::int64_t limit) {
  GzipFile file(path);
  Shape shape = read_shape(file, path);
  const std::int64_t stored = shape[0];
  if (limit > 0) shape[0] = std::min(shape[0], limit);
  try {
    element_count(shape, max_elements);
  } catch (const Error&) {
    fail_input({path}, "the header announces more than 2^31 values; the file is damaged (or use a limit)");
  }
  // Piece by piece, so that a header that announces more than the file holds allocates little more than is there.
  constexpr std::size_t piece = std::size_t{16} << 20U;
  Tensor<std::uint8_t> tensor;
  const auto total = static_cast<std::size_t>(element_count(shape));
  while (tensor.values.size() < total) {
    const std::size_t begin = tensor.values.size();
    tensor.values.resize(std::min(total, begin + piece));
    if (!file.read(std::span(tensor.values).subspan(begin))) file.truncated();
  }
  std::array<std::uint8_t, 1> extra{};
  if (shape[0] == stored && file.read(extra)) {
    fail_input({path}, "there is data after the announced values; the file is damaged");
  }
  tensor.shape = std::move(shape);
  return tensor;
}

std::vector<std::int64_t> read_idx_labels(const std::string& path, std::int64_t limit) {
  const Tensor<std::uint8_t> tensor = read_idx(path, limit);
  if (tensor.shape.size() != 1) fail_input({path}, "labels must be a one-dimensional IDX file");
  return {tensor.values.begin(), tensor.values.end()};
}

}  // namespace rebasis::io
