#include "workloads/io/inputs.h"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <sstream>

#include "common/file.h"
#include "workloads/io/idx.h"
#include "workloads/io/images.h"
#include "workloads/io/npy.h"

namespace rebasis::io {
namespace {

namespace fs = std::filesystem;

bool is_npy(const std::string& path) { return fs::path(path).extension() == ".npy"; }

std::string printable(const Shape& shape) {
  std::string text = "[";
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    text += (axis > 0 ? ", " : "") + (shape[axis] < 0 ? std::string("any") : std::to_string(shape[axis]));
  }
  return text + "]";
}

void keep_first(Tensor<float>& images, std::int64_t limit) {
  if (limit <= 0 || images.shape[0] <= limit) return;
  images.values.resize(images.values.size() / static_cast<std::size_t>(images.shape[0]) *
                       static_cast<std::size_t>(limit));
  images.shape[0] = limit;
}

/// Makes `images` [N] + `wanted` when that only adds or removes axes of extent 1; fails when the shapes disagree.
void fit_shape(Tensor<float>& images, const Shape& wanted, const std::string& path) {
  if (wanted.empty()) return;
  const Shape stored(images.shape.begin() + 1, images.shape.end());
  const auto without_ones = [](const Shape& shape) {
    Shape kept;
    for (const std::int64_t extent : shape) {
      if (extent != 1) kept.push_back(extent);
    }
    return kept;
  };
  bool fits = stored.size() == wanted.size();
  for (std::size_t axis = 0; fits && axis < wanted.size(); ++axis)
    fits = wanted[axis] < 0 || wanted[axis] == stored[axis];
  if (fits) return;
  if (without_ones(stored) != without_ones(wanted)) {
    fail_input({path}, "an image has shape " + printable(stored) + " but the network reads " + printable(wanted) +
                           "; give inputs of the network's shape");
  }
  images.shape.assign({images.shape[0]});
  images.shape.insert(images.shape.end(), wanted.begin(), wanted.end());
}

float value_for_channel(const std::vector<float>& values, std::size_t channel, std::size_t channels, float fallback,
                        const std::string& option) {
  if (values.empty()) return fallback;
  if (values.size() != 1 && values.size() != channels) {
    fail_input(option + " has " + std::to_string(values.size()) + " values but the images have " +
               std::to_string(channels) + " channels; give one value or one a channel");
  }
  return values.size() == 1 ? values[0] : values[channel];
}

void normalise(Tensor<float>& images, const InputOptions& options, float default_scale) {
  const float scale = options.scale != 0 ? options.scale : default_scale;
  if (scale == 1 && options.mean.empty() && options.std.empty()) return;
  const std::size_t channels = images.shape.size() > 1 ? static_cast<std::size_t>(images.shape[1]) : 1;
  if (channels == 0 || images.values.empty()) return;
  const std::size_t plane = images.values.size() / (static_cast<std::size_t>(images.shape[0]) * channels);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const float mean = value_for_channel(options.mean, channel, channels, 0, "--mean");
    const float deviation = value_for_channel(options.std, channel, channels, 1, "--std");
    if (!(std::abs(deviation) > 0) || !std::isfinite(deviation)) fail_input("--std must be finite and not 0");
    for (std::size_t begin = channel * plane; begin < images.values.size(); begin += channels * plane) {
      for (std::size_t i = begin; i < begin + plane; ++i)
        images.values[i] = (images.values[i] * scale - mean) / deviation;
    }
  }
}

Tensor<float> load_folder(const ImageFolder& folder, const Shape& shape) {
  // Without a shape from the network, the first image decides.
  std::int64_t channels = 3, height = -1, width = -1;
  if (!shape.empty()) {
    if (shape.size() != 3) {
      fail_input({folder.files.front()},
                 "the network reads " + printable(shape) + ", which is no image [C][H][W]; give the inputs as .npy");
    }
    if (shape[0] > 0) channels = shape[0];
    height = shape[1];
    width = shape[2];
  }
  Tensor<float> images;
  for (const std::string& file : folder.files) {
    const Tensor<float> image = read_image(file, channels, height, width);
    height = image.shape[1];
    width = image.shape[2];
    images.values.insert(images.values.end(), image.values.begin(), image.values.end());
  }
  images.shape = {static_cast<std::int64_t>(folder.files.size()), channels, height, width};
  return images;
}

std::int64_t parse_label(std::string_view text, const SourceLocation& where) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  const std::size_t last = text.find_last_not_of(" \t\r");
  if (first != std::string_view::npos) text = text.substr(first, last - first + 1);
  std::int64_t label = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label);
  if (error != std::errc() || end != text.data() + text.size() || label < 0) {
    fail_input(where, "a class number from 0 is expected; one a line, or FILE,CLASS");
  }
  return label;
}

/// Lines "CLASS" in order, or "FILE,CLASS" matched to `files` by file name.
std::vector<std::int64_t> read_text_labels(const std::string& path, const std::vector<std::string>& files) {
  std::istringstream text(read_file(path));
  std::vector<std::int64_t> in_order;
  std::map<std::string, std::int64_t> by_name;
  std::string line;
  for (int number = 1; std::getline(text, line); ++number) {
    const SourceLocation where{path, number};
    const std::size_t comma = line.rfind(',');
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (comma == std::string::npos) {
      in_order.push_back(parse_label(line, where));
    } else {
      by_name[fs::path(line.substr(0, comma)).filename().string()] =
          parse_label(std::string_view(line).substr(comma + 1), where);
    }
  }
  if (by_name.empty()) return in_order;
  if (!in_order.empty()) fail_input({path}, "mixes lines CLASS and FILE,CLASS; use one form");
  std::vector<std::int64_t> labels;
  for (const std::string& file : files) {
    const auto found = by_name.find(fs::path(file).filename().string());
    if (found == by_name.end()) fail_input({path}, "has no line for the image " + file + "; add FILE,CLASS");
    labels.push_back(found->second);
  }
  return labels;
}

std::vector<std::int64_t> read_labels(const std::string& path, const std::vector<std::string>& files) {
  if (is_npy(path)) return read_npy_integer<std::int64_t>(path).values;
  if (is_idx(path)) return read_idx_labels(path);
  return read_text_labels(path, files);
}

void check_labels(Inputs& inputs, const std::string& path, bool limited) {
  const auto images = static_cast<std::size_t>(inputs.images.shape[0]);
  if (limited && inputs.labels.size() > images) inputs.labels.resize(images);
  if (inputs.labels.size() != images) {
    fail_input({path}, "holds " + std::to_string(inputs.labels.size()) + " labels for " + std::to_string(images) +
                           " images; give one label an image");
  }
  for (const std::int64_t label : inputs.labels) {
    if (label < 0) fail_input({path}, "holds the negative label " + std::to_string(label) + "; classes count from 0");
  }
}

void load_images(Inputs& inputs, const std::string& path, const InputOptions& options) {
  float default_scale = 1.0F / 255.0F;
  if (is_cifar(path)) {
    Cifar data = read_cifar(path, options.cifar_part, options.coarse_labels, options.limit);
    inputs.images = Tensor<float>(data.images.shape, {data.images.values.begin(), data.images.values.end()});
    inputs.labels = std::move(data.labels);
    inputs.class_names = std::move(data.class_names);
    inputs.files = std::move(data.files);
  } else if (fs::is_directory(path)) {
    ImageFolder folder = list_images(path, options.limit);
    inputs.images = load_folder(folder, options.shape);
    inputs.labels = std::move(folder.labels);
    inputs.class_names = std::move(folder.class_names);
    inputs.files = std::move(folder.files);
  } else {
    if (is_npy(path)) {
      inputs.images = read_npy_float(path);
      default_scale = 1;
    } else if (is_idx(path)) {
      const Tensor<std::uint8_t> pixels = read_idx(path, options.limit);
      inputs.images = Tensor<float>(pixels.shape, {pixels.values.begin(), pixels.values.end()});
      if (inputs.images.shape.size() == 3) inputs.images.shape.insert(inputs.images.shape.begin() + 1, 1);
    } else {
      fail_input({path}, "is neither an .npy file, an IDX file, a CIFAR file (.bin) nor a folder of images");
    }
    inputs.files = {path};
  }
  if (inputs.images.shape.empty() || inputs.images.values.empty())
    fail_input({path}, "holds no images; the leading axis counts them");
  keep_first(inputs.images, options.limit);
  fit_shape(inputs.images, options.shape, path);
  normalise(inputs.images, options, default_scale);
}

}  // namespace

Inputs load_inputs(const std::string& path, const std::string& labels_path, const InputOptions& options) {
  if (options.limit < 0) fail_input("--limit must be 0 or more");
  if (!fs::exists(path))
    fail_input({path}, "does not exist; give an .npy file, an IDX file, a CIFAR file or a folder of images");
  Inputs inputs;
  load_images(inputs, path, options);
  for (std::size_t i = 0; i < inputs.images.values.size(); ++i) {
    if (!std::isfinite(inputs.images.values[i]))
      fail_input({path}, "value " + std::to_string(i) + " is NaN or infinite; remove it");
  }
  if (!labels_path.empty()) {
    inputs.labels = read_labels(labels_path, inputs.files);
    check_labels(inputs, labels_path, options.limit > 0);
  }
  return inputs;
}

}  // namespace rebasis::io
