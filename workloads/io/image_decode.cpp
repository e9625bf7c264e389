#include "workloads/io/image_decode.h"

#include <png.h>

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string_view>

// jpeglib.h needs the types of stdio.h and stddef.h.
#include <jpeglib.h>

#include "common/error.h"

namespace rebasis::io {
namespace {

[[noreturn]] void damaged(const std::string& path, const std::string& reason) {
  fail_input({path}, "damaged image (" + reason + "); replace or remove the file");
}

void check_size(std::uint64_t width, std::uint64_t height, const std::string& path) {
  if (width < 1 || height < 1 || width > max_image_side || height > max_image_side) {
    fail_input({path}, "an image of " + std::to_string(width) + " x " + std::to_string(height) +
                           " pixels; sides from 1 to " + std::to_string(max_image_side) + " are read");
  }
}

/// What libjpeg's callbacks need: the place to return to and the message.
struct JpegErrors {
  jpeg_error_mgr manager;
  std::jmp_buf back;
  std::array<char, JMSG_LENGTH_MAX> message;
};

extern "C" void rebasis_jpeg_fail(j_common_ptr info) {
  auto* const errors = reinterpret_cast<JpegErrors*>(info->err);
  errors->manager.format_message(info, errors->message.data());
  std::longjmp(errors->back, 1);
}

/// libjpeg reports a truncated or corrupt file as a warning; it is an error here.
extern "C" void rebasis_jpeg_message(j_common_ptr info, int level) {
  if (level < 0) rebasis_jpeg_fail(info);
}

}  // namespace

bool is_png(const std::string& bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }
bool is_jpeg(const std::string& bytes) { return bytes.starts_with("\xFF\xD8\xFF"); }

Pixels decode_png(const std::string& bytes, int channels, const std::string& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) damaged(path, image.message);
  if (image.width > max_image_side || image.height > max_image_side) png_image_free(&image);
  check_size(image.width, image.height, path);
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  Pixels pixels{static_cast<int>(image.width), static_cast<int>(image.height), channels, {}};
  pixels.values.resize(std::size_t{image.width} * image.height * static_cast<std::size_t>(channels));
  const png_color black{0, 0, 0};
  if (png_image_finish_read(&image, &black, pixels.values.data(), 0, nullptr) == 0) damaged(path, image.message);
  return pixels;
}

Pixels decode_jpeg(const std::string& bytes, int channels, const std::string& path) {
  Pixels pixels;
  pixels.channels = channels;
  jpeg_decompress_struct info{};
  JpegErrors errors{};
  info.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = rebasis_jpeg_fail;
  errors.manager.emit_message = rebasis_jpeg_message;
  // No object with a destructor is made between here and the end of decoding: a longjmp would skip it.
  if (setjmp(errors.back) != 0) {
    jpeg_destroy_decompress(&info);
    damaged(path, errors.message.data());
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  if (info.image_width > max_image_side || info.image_height > max_image_side) {
    const unsigned width = info.image_width;
    const unsigned height = info.image_height;
    jpeg_destroy_decompress(&info);
    check_size(width, height, path);
  }
  info.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  info.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&info);
  pixels.width = static_cast<int>(info.output_width);
  pixels.height = static_cast<int>(info.output_height);
  const std::size_t row_bytes = std::size_t{info.output_width} * static_cast<std::size_t>(channels);
  pixels.values.resize(row_bytes * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels.values.data() + row_bytes * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return pixels;
}

}  // namespace rebasis::io
