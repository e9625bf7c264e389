#include "workloads/io/images.h"

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#include <stb_image_resize.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "common/file.h"
#include "workloads/io/image_decode.h"

namespace rebasis::io {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_image_bytes = std::uint64_t{256} << 20U;

bool has_image_name(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

/// Entries of `folder` in bytewise order of their names: images into `images`, folders into `folders`.
void list_folder(const fs::path& folder, std::vector<std::string>& images, std::vector<std::string>& folders) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->is_directory()) folders.push_back(entry->path().string());
    if (entry->is_regular_file() && has_image_name(entry->path())) images.push_back(entry->path().string());
  }
  if (error) fail_input({folder.string()}, "cannot be listed (" + error.message() + "); give a readable folder");
  std::sort(images.begin(), images.end());
  std::sort(folders.begin(), folders.end());
}

/// [height][width][channels] bytes to [channels][height][width] floats of another size.
Tensor<float> resize(const Pixels& pixels, std::int64_t height, std::int64_t width, const std::string& path) {
  std::vector<float> source(pixels.values.begin(), pixels.values.end());
  std::vector<float> target(static_cast<std::size_t>(height * width * pixels.channels));
  if (height == pixels.height && width == pixels.width) {
    target = std::move(source);
  } else if (stbir_resize_float_generic(source.data(), pixels.width, pixels.height, 0, target.data(),
                                        static_cast<int>(width), static_cast<int>(height), 0, pixels.channels, -1, 0,
                                        STBIR_EDGE_CLAMP, STBIR_FILTER_TRIANGLE, STBIR_COLORSPACE_LINEAR,
                                        nullptr) == 0) {
    fail_input({path}, "cannot be resized to " + std::to_string(height) + " x " + std::to_string(width) +
                           "; resize it beforehand");
  }
  Tensor<float> image({pixels.channels, height, width});
  const std::int64_t plane = height * width;
  for (std::int64_t pixel = 0; pixel < plane; ++pixel) {
    for (std::int64_t channel = 0; channel < pixels.channels; ++channel) {
      image.values[static_cast<std::size_t>(channel * plane + pixel)] =
          target[static_cast<std::size_t>(pixel * pixels.channels + channel)];
    }
  }
  return image;
}

}  // namespace

ImageFolder list_images(const std::string& folder, std::int64_t limit) {
  ImageFolder result;
  std::vector<std::string> classes;
  list_folder(folder, result.files, classes);
  std::vector<std::string> class_files;
  std::vector<std::int64_t> class_labels;
  for (std::size_t label = 0; label < classes.size(); ++label) {
    std::vector<std::string> ignored;
    const std::size_t before = class_files.size();
    std::vector<std::string> files;
    list_folder(classes[label], files, ignored);
    class_files.insert(class_files.end(), files.begin(), files.end());
    class_labels.insert(class_labels.end(), class_files.size() - before, static_cast<std::int64_t>(label));
  }
  if (!result.files.empty() && !class_files.empty()) {
    fail_input({folder}, "holds images both directly and in sub-folders; use one or the other");
  }
  if (result.files.empty()) {
    result.files = std::move(class_files);
    result.labels = std::move(class_labels);
    for (const std::string& folder_of_class : classes)
      result.class_names.push_back(fs::path(folder_of_class).filename().string());
  }
  if (result.files.empty())
    fail_input({folder}, "holds no PNG or JPEG image; give a folder of *.png, *.jpg or *.jpeg files");
  const auto wanted = static_cast<std::size_t>(limit);
  if (limit > 0 && result.files.size() > wanted) {
    result.files.resize(wanted);
    if (!result.labels.empty()) result.labels.resize(wanted);
  }
  return result;
}

Tensor<float> read_image(const std::string& path, std::int64_t channels, std::int64_t height, std::int64_t width) {
  if (channels != 1 && channels != 3) {
    fail_input({path}, "an image has 1 or 3 channels but the network reads " + std::to_string(channels) +
                           "; give the inputs as .npy");
  }
  const std::string bytes = read_file(path, max_image_bytes);
  if (!is_png(bytes) && !is_jpeg(bytes)) fail_input({path}, "is neither PNG nor JPEG; convert or remove the file");
  const int planes = static_cast<int>(channels);
  const Pixels pixels = is_png(bytes) ? decode_png(bytes, planes, path) : decode_jpeg(bytes, planes, path);
  return resize(pixels, height > 0 ? height : pixels.height, width > 0 ? width : pixels.width, path);
}

}  // namespace rebasis::io
