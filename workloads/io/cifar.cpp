#include "workloads/io/cifar.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "common/file.h"

namespace rebasis::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t side = 32, pixels = 3 * side * side;
constexpr std::uint64_t largest_file = std::uint64_t{1} << 30;
constexpr std::uint64_t largest_names = std::uint64_t{64} << 10;

/// How a record begins, and what its labels may be.
struct Layout {
  const char* name;
  std::size_t label_bytes;  ///< the pixels follow
  std::size_t label_at;     ///< the label that was asked for
  std::uint8_t classes;
  const char* names;  ///< file of the class names
  [[nodiscard]] std::size_t record() const { return label_bytes + pixels; }
};

constexpr Layout cifar10{"CIFAR-10", 1, 0, 10, "batches.meta.txt"};
constexpr Layout cifar100_fine{"CIFAR-100", 2, 1, 100, "fine_label_names.txt"};
constexpr Layout cifar100_coarse{"CIFAR-100", 2, 0, 20, "coarse_label_names.txt"};

/// The data set of a file, by its size; by its name where the size fits both.
const Layout& layout_of(const std::string& path, std::size_t size, bool coarse) {
  const Layout& cifar100 = coarse ? cifar100_coarse : cifar100_fine;
  const bool fits10 = size > 0 && size % cifar10.record() == 0, fits100 = size > 0 && size % cifar100.record() == 0;
  if (!fits10 && !fits100) {
    fail_input({path}, "holds " + std::to_string(size) +
                           " bytes, no whole number of CIFAR-10 records (3073) or CIFAR-100 "
                           "records (3074); copy or download it again");
  }
  if (fits10 && fits100)
    return fs::path(path).filename().string().find("batch") != std::string::npos ? cifar10 : cifar100;
  if (fits10 && coarse) fail_input({path}, "is of CIFAR-10, which has no coarse classes; leave out --coarse-labels");
  return fits10 ? cifar10 : cifar100;
}

/// data_batch_1.bin ... in order, or train.bin; test_batch.bin or test.bin.
std::vector<std::string> files_of(const std::string& folder, CifarPart part) {
  if (part == CifarPart::unspecified) {
    fail_input({folder}, "holds training and test images of CIFAR; name one of its files, for example test_batch.bin");
  }
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool training = (name.starts_with("data_batch_") && name.ends_with(".bin")) || name == "train.bin";
    const bool test = name == "test_batch.bin" || name == "test.bin";
    if (part == CifarPart::training ? training : test) files.push_back(entry->path().string());
  }
  if (error) fail_input({folder}, "cannot be listed (" + error.message() + "); give a readable folder");
  if (files.empty()) {
    fail_input({folder}, part == CifarPart::training
                             ? "holds no data_batch_*.bin or train.bin; name the file of the training images"
                             : "holds no test_batch.bin or test.bin; name the file of the test images");
  }
  std::sort(files.begin(), files.end());
  return files;
}

void append(const std::string& path, const std::string& bytes, const Layout& layout, std::int64_t limit, Cifar& data) {
  const std::size_t records = bytes.size() / layout.record();
  for (std::size_t i = 0; i < records; ++i) {
    if (limit > 0 && data.labels.size() == static_cast<std::size_t>(limit)) return;
    const auto record = bytes.begin() + static_cast<std::ptrdiff_t>(i * layout.record());
    const auto label = static_cast<std::uint8_t>(record[static_cast<std::ptrdiff_t>(layout.label_at)]);
    if (label >= layout.classes) {
      fail_input({path}, "image " + std::to_string(i) + " has the class " + std::to_string(label) + "; " + layout.name +
                             " has " + std::to_string(layout.classes) + ", the file is damaged or no CIFAR file");
    }
    data.labels.push_back(label);
    const auto image = record + static_cast<std::ptrdiff_t>(layout.label_bytes);
    std::transform(image, image + pixels, std::back_inserter(data.images.values),
                   [](char byte) { return static_cast<std::uint8_t>(byte); });
  }
}

/// One name a line; nothing when the file is not there or names another number of classes.
std::vector<std::string> names_beside(const std::string& path, const Layout& layout) {
  const fs::path file = fs::path(path).parent_path() / layout.names;
  if (!fs::is_regular_file(file)) return {};
  std::istringstream text(read_file(file.string(), largest_names));
  std::vector<std::string> names;
  for (std::string line; std::getline(text, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  return names.size() == layout.classes ? names : std::vector<std::string>{};
}

}  // namespace

bool is_cifar(const std::string& path) {
  if (!fs::is_directory(path)) return fs::path(path).extension() == ".bin";
  for (const char* name : {"data_batch_1.bin", "test_batch.bin", "train.bin", "test.bin"}) {
    if (fs::is_regular_file(fs::path(path) / name)) return true;
  }
  return false;
}

Cifar read_cifar(const std::string& path, CifarPart part, bool coarse, std::int64_t limit) {
  Cifar data;
  data.files = fs::is_directory(path) ? files_of(path, part) : std::vector<std::string>{path};
  const Layout* layout = nullptr;
  for (const std::string& file : data.files) {
    const std::string bytes = read_file(file, largest_file);
    const Layout& own = layout_of(file, bytes.size(), coarse);
    if (layout != nullptr && layout != &own)
      fail_input({file}, "is of another data set than " + data.files.front() + "; keep CIFAR-10 and CIFAR-100 apart");
    layout = &own;
    append(file, bytes, own, limit, data);
  }
  data.class_names = names_beside(data.files.front(), *layout);
  data.images.shape = {static_cast<std::int64_t>(data.labels.size()), 3, static_cast<std::int64_t>(side),
                       static_cast<std::int64_t>(side)};
  return data;
}

}  // namespace rebasis::io
