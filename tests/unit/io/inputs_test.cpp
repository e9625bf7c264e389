#include "workloads/io/inputs.h"

#include <doctest/doctest.h>
#include <png.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>

// jpeglib.h needs the types of stdio.h.
#include <jpeglib.h>

#include "tests/support/errors.h"
#include "workloads/io/images.h"
#include "workloads/io/npy.h"

using namespace rebasis;
namespace fs = std::filesystem;

namespace {

/// RGB pixels [height][width][3].
void write_png(const std::string& path, unsigned width, unsigned height, const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGB;
  REQUIRE(png_image_write_to_file(&image, path.c_str(), 0, pixels.data(), 0, nullptr) != 0);
}

void write_grey_jpeg(const std::string& path, unsigned side, std::uint8_t grey) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  jpeg_stdio_dest(&info, file);
  info.image_width = info.image_height = side;
  info.input_components = 1;
  info.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&info);
  jpeg_start_compress(&info, TRUE);
  std::vector<std::uint8_t> row(side, grey);
  while (info.next_scanline < side) {
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::fclose(file);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
}

std::string fresh(const std::string& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string refusal(const std::string& path, const std::string& labels = "", const io::InputOptions& options = {}) {
  return test::bad_input([&] { static_cast<void>(io::load_inputs(path, labels, options)); });
}

}  // namespace

TEST_CASE("a PNG becomes channels of normalised rows") {
  const std::string folder = fresh("one");
  write_png(folder + "/a.png", 2, 1, {255, 0, 51, 0, 102, 255});
  io::InputOptions options;
  options.mean = {0.5F, 0, 0};
  options.std = {0.5F, 1, 2};
  const io::Inputs inputs = io::load_inputs(folder, "", options);
  CHECK(inputs.images.shape == Shape{1, 3, 1, 2});
  const std::vector<float> expected{1, -1, 0, 0.4F, 0.1F, 0.5F};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(inputs.images.values[i] == doctest::Approx(expected[i]));
  CHECK(inputs.labels.empty());
  CHECK(inputs.files == std::vector<std::string>{folder + "/a.png"});
}

TEST_CASE("images are resized to the network's input and made grey for one channel") {
  const std::string folder = fresh("sizes");
  write_grey_jpeg(folder + "/b.jpg", 16, 200);
  write_png(folder + "/a.PNG", 4, 4, std::vector<std::uint8_t>(48, 100));
  io::InputOptions options;
  options.shape = {1, 8, 8};
  options.scale = 1;
  const io::Inputs inputs = io::load_inputs(folder, "", options);
  CHECK(inputs.images.shape == Shape{2, 1, 8, 8});
  CHECK(inputs.files.front() == folder + "/a.PNG");
  for (std::size_t i = 0; i < 64; ++i) {
    CHECK(inputs.images.values[i] == doctest::Approx(100).epsilon(0.01));
    CHECK(inputs.images.values[64 + i] == doctest::Approx(200).epsilon(0.02));
  }
}

TEST_CASE("halving an image averages it") {
  const std::string folder = fresh("half");
  std::vector<std::uint8_t> pixels;
  for (int row = 0; row < 8; ++row) {
    for (int column = 0; column < 8; ++column)
      pixels.insert(pixels.end(), 3, static_cast<std::uint8_t>((row + column) % 2 == 0 ? 0 : 200));
  }
  write_png(folder + "/board.png", 8, 8, pixels);
  const Tensor<float> small = io::read_image(folder + "/board.png", 1, 4, 4);
  for (const float value : small.values) CHECK(value == doctest::Approx(100).epsilon(0.1));
}

TEST_CASE("class sub-folders are labels") {
  const std::string folder = fresh("classes");
  for (const char* name : {"cat", "dog"}) fs::create_directories(folder + "/" + name);
  const std::vector<std::uint8_t> pixels(3, 9);
  write_png(folder + "/dog/1.png", 1, 1, pixels);
  write_png(folder + "/cat/2.png", 1, 1, pixels);
  write_png(folder + "/dog/0.png", 1, 1, pixels);
  CHECK(io::load_inputs(folder, "", {}).labels == std::vector<std::int64_t>{0, 1, 1});
  CHECK(io::load_inputs(folder, "", {}).class_names == std::vector<std::string>{"cat", "dog"});
  io::InputOptions two;
  two.limit = 2;
  CHECK(io::load_inputs(folder, "", two).labels == std::vector<std::int64_t>{0, 1});
  write_png(folder + "/loose.png", 1, 1, pixels);
  CHECK(mentions(refusal(folder), "both"));
}

TEST_CASE("labels as text, by line or by file name") {
  const std::string folder = fresh("labelled");
  const std::vector<std::uint8_t> pixels(3, 9);
  write_png(folder + "/a.png", 1, 1, pixels);
  write_png(folder + "/b.png", 1, 1, pixels);
  write_text("labels.txt", "7\n\n3\r\n");
  CHECK(io::load_inputs(folder, "labels.txt", {}).labels == std::vector<std::int64_t>{7, 3});
  write_text("labels.csv", "b.png,4\nsome/where/a.png, 6\n");
  CHECK(io::load_inputs(folder, "labels.csv", {}).labels == std::vector<std::int64_t>{6, 4});
  write_text("labels.csv", "b.png,4\n");
  CHECK(mentions(refusal(folder, "labels.csv"), "a.png"));
  write_text("labels.txt", "7\n");
  CHECK(mentions(refusal(folder, "labels.txt"), "1 labels for 2 images"));
  write_text("labels.txt", "7\ncat\n");
  CHECK(mentions(refusal(folder, "labels.txt"), "labels.txt:2"));
  write_text("labels.txt", "7\n-1\n");
  CHECK(mentions(refusal(folder, "labels.txt"), "labels.txt:2"));
}

TEST_CASE("NPY values are taken as they are, IDX pixels are scaled and get a channel axis") {
  io::write_npy("batch.npy", Tensor<float>({2, 1, 1, 2}, {1, 2, 3, 4}));
  CHECK(io::load_inputs("batch.npy", "", {}).images.values == std::vector<float>{1, 2, 3, 4});
  io::InputOptions options;
  options.limit = 1;
  options.scale = 2;
  options.mean = {1};
  CHECK(io::load_inputs("batch.npy", "", options).images.values == std::vector<float>{1, 3});
  write_text("images.idx", std::string("\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x02\0\xFF", 18));
  const io::Inputs inputs = io::load_inputs("images.idx", "", {});
  CHECK(inputs.images.shape == Shape{1, 1, 1, 2});
  CHECK(inputs.images.values == std::vector<float>{0, 1});
}

TEST_CASE("axes of extent 1 may be missing or added; other shapes are refused") {
  io::write_npy("flat.npy", Tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  io::InputOptions options;
  options.shape = {3, 1, 1};
  CHECK(io::load_inputs("flat.npy", "", options).images.shape == Shape{2, 3, 1, 1});
  options.shape = {1, 28, 28};
  CHECK(mentions(refusal("flat.npy", "", options), "[1, 28, 28]"));
}

TEST_CASE("bad inputs are refused with their name") {
  const std::string folder = fresh("bad");
  CHECK(mentions(refusal(folder), "no PNG or JPEG"));
  CHECK(mentions(refusal("nowhere"), "does not exist"));
  write_text(folder + "/a.png", "no image");
  CHECK(mentions(refusal(folder), "a.png: is neither PNG nor JPEG"));
  write_text("neither.txt", "hello there");
  CHECK(mentions(refusal("neither.txt"), "neither"));
  io::write_npy("nan.npy", Tensor<float>({1, 2}, {1, std::numeric_limits<float>::quiet_NaN()}));
  CHECK(mentions(refusal("nan.npy"), "value 1 is NaN"));
  io::write_npy("scalar.npy", Tensor<float>({}, {1}));
  CHECK(mentions(refusal("scalar.npy"), "no images"));
  io::InputOptions options;
  options.std = {0};
  io::write_npy("one.npy", Tensor<float>({1, 2}, {1, 2}));
  CHECK(mentions(refusal("one.npy", "", options), "--std"));
  options.std = {1, 1, 1};
  CHECK(mentions(refusal("one.npy", "", options), "3 values"));
}

TEST_CASE("every truncation of an image is refused or decoded, never worse") {
  const std::string folder = fresh("cut");
  write_grey_jpeg("whole.jpg", 16, 77);
  write_png("whole.png", 3, 3, std::vector<std::uint8_t>(27, 50));
  for (const std::string name : {"whole.jpg", "whole.png"}) {
    std::ifstream file(name, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::size_t refused = 0;
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      write_text(folder + "/cut.png", bytes.substr(0, length));
      refused += refusal(folder) == "(no error)" ? 0U : 1U;
    }
    CHECK_MESSAGE(refused > bytes.size() * 8 / 10, name);
  }
  // A PNG that announces 2^31 - 1 columns.
  std::ifstream file("whole.png", std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  bytes.replace(16, 4, std::string("\x7F\xFF\xFF\xFF", 4));
  write_text(folder + "/cut.png", bytes);
  CHECK(mentions(refusal(folder), "cut.png"));
}
