#include "workloads/io/idx.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <fstream>

#include "tests/support/errors.h"

using namespace rebasis;

namespace {

const std::string images(
    "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03"
    "abcdef",
    22);  // 2 images of 1 x 3

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
}

void write_gzip(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

std::string refusal(const std::string& bytes) {
  write_bytes("bad.idx", bytes);
  return test::bad_input([] { static_cast<void>(io::read_idx("bad.idx")); });
}

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("plain and gzip files, whole and limited") {
  write_bytes("images.idx", images);
  write_gzip("images.idx.gz", images);
  for (const char* path : {"images.idx", "images.idx.gz"}) {
    CHECK(io::is_idx(path));
    const Tensor<std::uint8_t> whole = io::read_idx(path);
    CHECK(whole.shape == Shape{2, 1, 3});
    CHECK(std::string(whole.values.begin(), whole.values.end()) == "abcdef");
    CHECK(io::read_idx(path, 1).shape == Shape{1, 1, 3});
    CHECK(io::read_idx(path, 1).values.size() == 3);
    CHECK(io::read_idx(path, 9).shape == Shape{2, 1, 3});
  }
}

TEST_CASE("labels") {
  write_bytes("labels.idx", std::string("\0\0\x08\x01\0\0\0\x03\x05\0\x09", 11));
  CHECK(io::read_idx_labels("labels.idx") == std::vector<std::int64_t>{5, 0, 9});
  write_bytes("images.idx", images);
  CHECK(mentions(test::bad_input([] { static_cast<void>(io::read_idx_labels("images.idx")); }), "one-dimensional"));
}

TEST_CASE("damaged files are refused") {
  for (std::size_t length = 0; length < images.size(); ++length)
    CHECK(mentions(refusal(images.substr(0, length)), "bad.idx"));
  CHECK(mentions(refusal(images + "g"), "after the announced"));
  CHECK(mentions(refusal("not an index"), "not an IDX file"));
  CHECK(mentions(refusal(std::string("\0\0\x0D\x01\0\0\0\x01zzzz", 12)), "unsigned bytes"));
  CHECK(mentions(refusal(std::string("\0\0\x08\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16)), "2^31"));
  // Announces 2^31 - 1 bytes and holds two: refused without allocating them.
  CHECK(mentions(refusal(std::string("\0\0\x08\x01\x7F\xFF\xFF\xFFzz", 10)), "too early"));
  write_gzip("whole.gz", std::string(5000, 'x') + images);
  std::ifstream file("whole.gz", std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  CHECK(mentions(refusal(bytes.substr(0, bytes.size() / 2)), "bad.idx"));
  CHECK(mentions(test::bad_input([] { static_cast<void>(io::read_idx("nowhere.idx")); }), "nowhere.idx"));
}
